"""The upload widget. On its own, because Gradio writes a stub (.pyi) beside every file that subclasses a component."""

from __future__ import annotations

import gradio as gr

from ..serving.headers import uploaded_path


class PhotoInput(gr.Image):
    """An image input that hands over the uploaded file itself.

    gr.Image decodes before a handler sees anything: 16-bit scans turn white, transparency and profiles are lost, and
    what cannot be decoded raises where nobody can catch it. `open_photo` does all of that properly.
    """

    is_template = True  # the browser shows gr.Image's own widget

    def preprocess(self, payload):
        """The path of the uploaded file, or None. Raises gr.Error for one that was not uploaded."""
        return uploaded_path(payload)
