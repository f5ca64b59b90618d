"""The photographs of an album that are done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from ..errors import PhotoError
from ..photo.caption import Caption
from ..photo.metadata import Provenance
from .uploads import Upload


class Done(NamedTuple):
    """A coloured photograph. The paths lead to JPEG previews, at most `SIDE` pixels long."""

    name: str
    file: str
    """Its path in the archive of results."""
    size: tuple[int, int]
    """Width and height of the photograph, in pixels."""
    seconds: float
    gray: Path
    colour: Path
    original: Path | None
    """None for a print, which has no colours of its own."""
    small: Path
    """In colour, at most `SMALL_SIDE` pixels long."""
    source_sha256: str = ""
    result_sha256: str = ""
    date: str = ""
    """When it was done, in UTC, ISO 8601."""
    notes: tuple[PhotoError, ...] = ()
    """Sentences about its file: what was ignored in it, other pages."""

    photo: Upload | None = None
    caption: Caption = Caption()
    """The caption that a person wrote for it."""
    made: Provenance = Provenance()  # never changes
    """How its colours were made."""
    settings: Mapping[str, Any] = {}
    """Its own settings, "checkpoint" among them, if they are not the album's."""

    @property
    def incomplete(self) -> bool:
        """Whether a part of the picture is missing."""
        return any(note.kind == "photo_partial" for note in self.notes)


def rows(done: Sequence[Done]) -> Iterator[tuple[str, Image.Image, Image.Image]]:
    """(title, gray, colour) of each photograph, for `figures.pairs_sheet`; each picture is opened when needed."""
    for each in done:
        with Image.open(each.gray) as gray, Image.open(each.colour) as colour:
            yield each.caption.line(each.name), gray, colour
