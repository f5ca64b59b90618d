"""The inputs for many files."""

from __future__ import annotations

from typing import Any

import gradio as gr

from colorizer.files.names import FILMS, SUFFIXES

from ..serving.headers import uploaded_path

KINDS = ["image", "video", ".zip", *sorted(SUFFIXES | FILMS)]
"""The kinds of files that browsers offer; they do not count all photos as images, nor all films as videos."""

ONLY_HERE = sorted(FILMS | {".zip"})
"""Suffixes of files that are no single photo."""


def _paths(_component: Any, payload: Any) -> Any:
    """The paths of all uploaded files, list of str; whether they are pictures is checked later. Gradio goes by their
    suffixes, and leaves an empty temporary file for each file that it returns."""
    return [uploaded_path(file) for file in payload or []]


class AlbumInput(gr.File):
    """A file input for photographs, films and archives."""

    is_template = True  # the browser shows it as a gr.File
    preprocess = _paths


class _AlbumButton(gr.UploadButton):
    is_template = True
    preprocess = _paths


def upload_button(label: str, **options: Any) -> gr.UploadButton:
    """A button that takes photographs, films and archives."""
    return _AlbumButton(label, file_count="multiple", file_types=KINDS, **options)
