"""The two sides of the slider: what they can show of a photograph, and the pictures themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from colorizer.architectures.registry import facts
from colorizer.errors import CheckpointError
from colorizer.page.i18n.texts import explained
from colorizer.page.i18n.toasts import warn
from colorizer.page.serving.served_files import shown_file
from colorizer.page.session.request import PhotoRequest, answer, plain_answer, shown_of
from colorizer.page.session.shelf import Shelf
from colorizer.page.widgets.divider import SYSTEM, comparing

from .choices import COMPARE

GRAY, ORIGINAL, PREDICTED, HINTED = "gray", "original", "predicted", "hinted"


def offered(shelf: Shelf, request: PhotoRequest) -> list[str]:
    """What a side can show of the photograph asked about: gray; the original where there is more to it; the answer
    without the visitor's hints; with them, where there are any; `SYSTEM` and the name of every other checkpoint."""
    assert request.path
    sides = [GRAY] if shelf.open(request.path).black_and_white else [GRAY, ORIGINAL]
    sides += [PREDICTED, HINTED] if hinted(shelf, request) else [PREDICTED]
    return sides + [SYSTEM + card.name for card in shelf.cards() if card.name != request.checkpoint]


def hinted(shelf: Shelf, request: PhotoRequest) -> bool:
    """Whether the visitor gave hints that the checkpoint hears."""
    assert request.checkpoint
    return bool(request.points) and facts(shelf.card(request.checkpoint).architecture).takes_hints


def two_sides(shelf: Shelf, request: PhotoRequest, made: Mapping[str, str] | None = None) -> Any:
    """An update of the slider: both sides as wished, or the nearest there is to that.

    made: pictures that are there already, paths by side. Another system's network runs only while the slider is looked
    at; where it cannot, a warning says why and the side is what it would be without a wish. Raises PhotoError,
    CheckpointError, ValueError for what is wrong with the photograph or the checkpoint asked about.
    """
    assert request.checkpoint
    choices = offered(shelf, request)
    usual = {"left": GRAY, "right": HINTED if HINTED in choices else PREDICTED}
    files, sides = dict(made or {}), {}
    for place, otherwise in usual.items():
        side = request.sides.get(place, otherwise)
        if side not in choices or (side.startswith(SYSTEM) and request.view != COMPARE):
            side = otherwise
        if side.startswith(SYSTEM) and side not in files:
            try:
                files[side] = _picture(shelf, request, side)
            except (CheckpointError, ValueError, RuntimeError) as error:  # RuntimeError: torch's, too little memory
                warn(explained(error))
                side = otherwise
        if side not in files:
            files[side] = _picture(shelf, request, side)
        sides[place] = side
    pictures = {place: (side, files[side]) for place, side in sides.items()}
    return comparing(pictures, choices, request.checkpoint, request.sides)


def _picture(shelf: Shelf, request: PhotoRequest, side: str) -> str:
    """The path of a picture of the photograph, the size of what the page shows."""
    assert request.path
    opened, stem = shelf.open(request.path), Path(request.path).stem
    photo = opened.preview
    if side == ORIGINAL:
        return opened.original_file(stem)
    if side == GRAY:
        gray = plain_answer(shelf, request).at_size(photo)
        return opened.file(GRAY, lambda: shown_file(gray.grayscale, f"{stem}-gray"))
    if side.startswith(SYSTEM):
        request = replace(request, checkpoint=side.removeprefix(SYSTEM), raw=False)
    result = answer(shelf, request if side == HINTED else replace(request, points=())).at_size(photo)
    return shown_file(shown_of(request, result), f"{stem}-colorized")
