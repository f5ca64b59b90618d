"""The components of the tab for many photos."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import gradio as gr

from colorizer.page.gradio_private import Block
from colorizer.page.widgets.album_input import AlbumInput
from colorizer.page.widgets.album_view import AlbumView
from colorizer.page.widgets.caption_list import CaptionList
from colorizer.page.widgets.files import Download, MadeFile


@dataclass(frozen=True)
class InputParts:
    """The files, and how to colour them."""

    files: AlbumInput
    chosen: gr.HTML
    """A summary of the files."""
    preset: gr.Dropdown
    form: Mapping[str, Block]
    """How scans are read and results are written: controls by the names of their options."""
    checkpoint: gr.Dropdown
    checkpoint_line: gr.Markdown
    key: gr.Textbox
    """The browser fills it with the secret by which it finds its album again."""


@dataclass(frozen=True)
class ResultParts:
    """The album: all that `AlbumHandlers.run` fills."""

    running: gr.State
    """The visitor's album, a `Running`."""
    button: gr.Button
    stop: gr.Button
    more: gr.Button
    """Goes on with the photos that are not done; hidden if there are none left."""
    placeholder: gr.HTML
    """Shown until there is an album."""
    status: gr.HTML
    outcome: gr.Row
    zip: Download
    sheet: gr.Button
    deck: gr.Button
    page: gr.Button
    made: MadeFile
    films: gr.File
    """The films in colour; hidden until there is one."""
    errors: gr.HTML
    captions: CaptionList
    view: AlbumView
