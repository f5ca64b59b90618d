"""The upload of many files. On its own, because Gradio writes a stub (.pyi) beside every file that subclasses a
component."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..serving.headers import uploaded_path


class AlbumInput(gr.File):
    """A file input that hands over the paths of what was uploaded: what is no picture is told with the others.

    gr.File leaves an empty temporary file for every one it hands over.
    """

    is_template = True  # the browser shows gr.File's own widget

    def preprocess(self, payload: Any) -> Any:
        """Paths, as a list of str."""
        return [uploaded_path(file) for file in payload or []]
