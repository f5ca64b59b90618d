"""The input for many files."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..serving.headers import uploaded_path


class AlbumInput(gr.File):
    """A file input that returns the paths of all uploaded files; whether they are pictures is checked later.

    gr.File leaves an empty temporary file for each file that it returns.
    """

    is_template = True  # the browser shows it as a gr.File

    def preprocess(self, payload: Any) -> Any:
        """Paths, as a list of str."""
        return [uploaded_path(file) for file in payload or []]
