"""The download button."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from ..i18n.toasts import refusal
from ..serving.headers import uploaded_path


class Download(gr.DownloadButton):
    """A download button that gives handlers its file's path. Gradio's own leaves an empty file behind each time."""

    is_template = True  # the browser shows it as a gr.DownloadButton

    def preprocess(self, payload: gr.FileData | None) -> str | None:
        """The path of the file, or None. It may no longer exist."""
        return uploaded_path(payload)


def download_button(label: str, interactive: bool = False, **options: Any) -> Download:
    """A button for a file that is made later. If the file was removed because it is old, a message says so; a browser
    says little or nothing. options: of gr.DownloadButton."""
    button = Download(label, interactive=interactive, **options)
    button.click(check_exists, button, None, api_visibility="private", show_progress="hidden")
    return button


def check_exists(path: str | None) -> None:
    """Raise gr.Error for a file that was removed."""
    if path and not Path(path).exists():
        raise refusal("gone_file")
