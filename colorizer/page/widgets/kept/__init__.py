"""The photographs that the visitor's browser keeps, with their settings and corrections."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.colour.readout import NUMBERS

from ...serving.served_files import as_file
from ..album_input import ONLY_HERE
from ..files import OFFERED, TICKS
from ..translated_html import TranslatedHtml

TEMPLATE = f"""
<section class="kept" data-numbers="{" ".join(NUMBERS)}" data-form="{" ".join(OFFERED)}"
 data-ticks='{json.dumps(TICKS)}'
 data-albums="{" ".join(ONLY_HERE)}" data-say="kept@aria-label" hidden>
<h2 data-say="kept"></h2>
<ul class="roll-frames" data-say="kept@aria-label" tabindex="-1"></ul>
<p><span class="kept-info" data-say="kept_info"></span>
<button type="button" class="kept-all" data-say="kept_forget_all"></button></p>
</section>
<p class="kept-status" role="status"></p>
"""


def browsers_keep() -> bool:
    """Whether visitors' browsers keep their photos: unless the host says $COLORIZER_KEEP=0."""
    return os.environ.get("COLORIZER_KEEP", "1") != "0"


def keeping(names: Sequence[str], **changes: Any) -> str:
    """JavaScript of an event with the values of these names: the browser keeps them, with `changes`, before the server
    answers."""
    said = f"Object.fromEntries({json.dumps(list(names))}.map((name, i) => [name, given[i]]))"
    return f"(...given) => {{ window.colorizerKeeps?.({{ ...{said}, ...{json.dumps(changes)} }}); return given; }}"


class Kept(TranslatedHtml):
    """A row of the visitor's earlier photographs. The browser keeps each in its own database: the file, its settings
    and corrections, and a small picture. After a reload, the photo that a tab showed comes back by itself: the event
    "taken", with the value and {"path"}, if the server still has it, else it is uploaded again.

    The value is what the next upload is to be shown as, {"key", "request"} as `session.request` reads it, or None.
    """

    keys = ("kept", "kept_info", "kept_open", "kept_forget", "kept_forget_all", "kept_full", "kept_not")
    template = TEMPLATE
    scripts = ("kept/kept.js", "kept/album.js")

    def __init__(self, **options: Any):
        super().__init__(None, **options)

    def preprocess(self, payload: Any) -> Any:
        """How the next upload is to be shown."""
        return payload if isinstance(payload, dict) else None

    def postprocess(self, value: Any) -> Any:
        """None: the browser sets the value."""
        return value

    def api_info(self) -> dict[str, Any]:
        """The value, for the private endpoints."""
        return {"type": "object"}


def kept_update(key: str, path: Path, picture: dict[str, Any] | None, **requests: dict[str, Any] | None) -> Any:
    """An update: keep the photo at `path`. requests: as `session.request` says them: its "request", and the one with
    which an album "made" it. picture: a file that shows it small."""
    work = {"key": key, "name": path.name, "size": path.stat().st_size, "file": as_file(path), **requests}
    # The number makes every update another one: Gradio drops one that repeats the last.
    return gr.update(work={**work, "picture": picture, "n": time.time_ns()})
