"""What the tab says about a coloured photo."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from colorizer.errors import PhotoError
from colorizer.page.i18n.texts import error_text, text, translatable, translated
from colorizer.page.session.request import PhotoRequest

if TYPE_CHECKING:
    from colorizer.inference.colorization import Colorization

_MARKDOWN = re.compile(r"[\\`*_{}\[\]()<>#+!|~&-]")
"""What means something in Markdown; a file's name may have it."""


def time_line(result: Colorization, checkpoint: str, notes: Sequence[PhotoError]) -> str:
    """How long it took, and what there is to say of the file, as Markdown."""
    values = {"total": result.seconds.total, "network": result.seconds.network, "checkpoint": checkpoint}
    width, height = result.original.size

    def lines() -> str:
        said = [_MARKDOWN.sub(r"\\\g<0>", error_text(note)) for note in notes]
        return "  \n".join([text("time", width=width, height=height, **values), *said])

    return translatable(lines)


def row_name(request: PhotoRequest, result: Colorization) -> str:
    """What a row of the table measures: the preset, and everything else that the visitor chose."""
    preset = translatable(lambda: text(f"preset_{request.preset}").lower())
    notes: list[str] = [preset] if result.architecture.has_distribution else []
    if result.readout.prefers_colours and request.like != "nothing":
        notes.append(text(f"row_like_{request.like}"))
    if result.hints:
        notes.append(text("row_hints", count=len(result.hints)))
    if not notes:
        return text("in_colour")
    return translatable(lambda: f"{text('in_colour')} ({', '.join(map(translated, notes))})")


def classes_line(result: Colorization) -> str:
    """The three likeliest names for what the picture shows, or "" if the architecture does not classify."""
    best = (result.classes or [])[:3]
    named = ", ".join(f"{html.escape(name.replace('_', ' '))} {100 * p:.0f}\u00a0%" for name, p in best)
    return text("classes", classes=named) if best else ""
