"""A photograph to show, for slides, decks, web pages and contact sheets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image


class Exhibit(NamedTuple):
    """A photograph in several pictures, with what is said of it."""

    name: str
    """Its heading: title and year, or its file's name."""
    panes: Sequence[tuple[str, Image.Image]]
    """(caption, picture): grayscale, predicted, and the original if there is one."""
    guess: str = ""
    """A sentence that says that the colours are a guess, and whose; always in sight."""
    credit: str = ""
    about: Sequence[str] = ()
    """Sentences about how the colours were made: a slide's notes."""
    weights: str = ""
    """A further sentence about the checkpoint, for web pages."""

    @property
    def footer(self) -> str:
        """The line at its foot."""
        return " · ".join(filter(None, (self.guess, self.credit)))
