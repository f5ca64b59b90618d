"""The visitor's photographs in a row, at the foot of all tabs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from ...i18n.texts import error_text
from ...serving.served_files import as_file
from ...session.roll import Frame, Roll
from ..translated_html import TranslatedList

TEMPLATE = """
<section class="roll" data-say="roll@aria-label" hidden>
<ul class="roll-frames" data-say="roll@aria-label" tabindex="-1"></ul>
</section>
"""


class Filmstrip(TranslatedList):
    """Photographs in a row, which scrolls. Events: "chosen" when a visitor chooses the one with {"key"}, "dropped" when
    they remove it. The browser keeps the `files`, those of the album and the others, and the keys of photographs that
    are gone from archives among them, for the next page of its tab.
    """

    keys = ("roll", "roll_open", "roll_drop")
    template = TEMPLATE
    scripts = ("filmstrip/filmstrip.js",)

    def __init__(self, **options: Any):
        super().__init__([], **{"files": {"strip": [], "album": [], "gone": []}, **options})


def roll_update(roll: Roll) -> Any:
    """An update: the photographs to show. One that was not coloured shows its file, as the server previews it, and one
    that cannot be read shows why."""
    files = {"strip": _files(roll.loose()), "album": _files(roll.album()), "gone": roll.removed()}
    return gr.update(value=[_shown(frame) for frame in roll.frames()], files=files)


def _files(paths: Sequence[str]) -> list[dict[str, Any]]:
    return [{"name": path.name, "size": path.stat().st_size} for path in map(Path, paths) if path.exists()]


def _shown(frame: Frame) -> dict[str, Any]:
    picture = frame.small or frame.path
    unread = error_text(frame.unread) if frame.unread else ""
    return {"key": frame.key, "title": frame.title, "file": as_file(picture) if picture else None, "unread": unread}
