"""The input for a photo."""

from __future__ import annotations

import gradio as gr

from ..serving.headers import uploaded_path


class PhotoInput(gr.Image):
    """An image input that returns the path of the uploaded file.

    gr.Image decodes the file before a handler gets it: 16-bit scans turn white, transparency and colour profiles are
    lost, and no handler can catch the error for a broken file. `open_photo` does all of that properly.
    """

    is_template = True  # the browser shows it as a gr.Image

    def preprocess(self, payload):
        """The path of the uploaded file, or None. Raises gr.Error for one that was not uploaded."""
        return uploaded_path(payload)
