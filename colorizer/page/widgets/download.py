"""The download button. On its own, because Gradio writes a stub (.pyi) beside files that subclass a component."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from ..i18n.toasts import refusal
from ..serving.headers import uploaded_path


class Download(gr.DownloadButton):
    """A download whose path handlers get as it is; Gradio's own leaves an empty file behind each time."""

    is_template = True  # the browser shows gr.DownloadButton's own widget

    def preprocess(self, payload: gr.FileData | None) -> str | None:
        """The path of the file, or None; whether it is still there is not looked at."""
        return uploaded_path(payload)


def download_button(label: str, interactive: bool = False, **options: Any) -> Download:
    """A button for a file that is yet to be made. It says so where the file was removed since, as old ones are; a
    browser alone says little or nothing. options: as gr.DownloadButton takes them."""
    button = Download(label, interactive=interactive, **options)
    button.click(check_it_is_there, button, None, api_visibility="private", show_progress="hidden")
    return button


def check_it_is_there(path: str | None) -> None:
    """Raises gr.Error for a file that was removed."""
    if path and not Path(path).exists():
        raise refusal("gone_file")
