"""What stands on the stage, the panes and the two sides of the divider, and the small results below it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colorizer.colour.readout import PRESETS
from colorizer.errors import CheckpointError
from colorizer.page.i18n.texts import error_text
from colorizer.page.i18n.toasts import warn
from colorizer.page.serving.served_files import preview, shown_file
from colorizer.page.session.request import PhotoRequest, answer, apply_readout, picture_of, plain_answer
from colorizer.page.session.shelf import Shelf
from colorizer.page.session.tones import DEFAULT_PRESET, TONES, leaning
from colorizer.page.widgets.looks import looks_update
from colorizer.page.widgets.stage import SYSTEM, sides_update

from .choices import BEFORE_AFTER

if TYPE_CHECKING:
    from colorizer.inference.colorization import Colorization

LOOK_SIDE = 240
"""Longest side of the small results, in pixels."""

GRAY, PREDICTED, HINTED = "gray", "predicted", "hinted"


def side_options(shelf: Shelf, request: PhotoRequest) -> list[str]:
    """What a side can show of the visitor's photo: gray; it as it came (`OpenedPhoto.kind`), unless that is gray; the
    prediction without hints, and with them if there are any; and other checkpoints, each `SYSTEM` and its name."""
    assert request.path
    opened = shelf.open(request.file)
    sides = [GRAY] if opened.black_and_white else [GRAY, opened.kind]
    sides += [PREDICTED, HINTED] if hinted(shelf, request) else [PREDICTED]
    return sides + [SYSTEM + card.name for card in shelf.cards() if card.name != request.checkpoint]


def hinted(shelf: Shelf, request: PhotoRequest) -> bool:
    """Whether the visitor gave hints, and the checkpoint takes them."""
    assert request.checkpoint
    return any(not point.get("off") for point in request.points) and shelf.card(request.checkpoint).facts.takes_hints


def two_sides(shelf: Shelf, request: PhotoRequest, made: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A property of the stage: both sides of the divider as the visitor chose them, as far as possible.

    made: paths of pictures that exist already, by side. Another checkpoint runs only while the divider is on view. If
    it fails, a warning says why, and the side shows what it shows by default. Raises PhotoError, CheckpointError and
    ValueError for a bad photo, or if the visitor's own checkpoint fails.
    """
    assert request.checkpoint
    options = side_options(shelf, request)
    defaults = {"left": GRAY, "right": HINTED if HINTED in options else PREDICTED}
    files, sides = dict(made or {}), {}
    for place, default in defaults.items():
        side = request.sides.get(place, default)
        if side not in options or (side.startswith(SYSTEM) and request.view != BEFORE_AFTER):
            side = default
        if side.startswith(SYSTEM) and side not in files:
            try:
                files[side] = _picture(shelf, request, side)
            except (CheckpointError, ValueError, RuntimeError) as error:  # RuntimeError: torch's, too little memory
                warn(error_text(error))
                side = default
        if side not in files:
            files[side] = _picture(shelf, request, side)
        sides[place] = side
    pictures = {place: (side, files[side]) for place, side in sides.items()}
    return sides_update(pictures, options, request.checkpoint, request.sides)


def small_looks(shelf: Shelf, request: PhotoRequest, plain: Colorization) -> Any:
    """An update of the looks: the photo in small in every preset and in one tone. No network runs. plain: its
    `plain_answer`."""
    if not plain.architecture.has_distribution:
        return looks_update({})
    assert request.path
    small, stem = preview(shelf.open(request.file).preview, LOOK_SIDE), Path(request.path).stem
    seen = {name: apply_readout(shelf, replace(request, preset=name), plain) for name in PRESETS}
    if request.like == "nothing":
        tone = request.preset if request.preset in TONES else leaning(seen[DEFAULT_PRESET])
        seen[tone] = apply_readout(shelf, replace(request, preset=tone), plain)
    files = {name: shown_file(each.at_size(small).image, f"{stem}-{name}") for name, each in seen.items()}
    return looks_update(files)


def _picture(shelf: Shelf, request: PhotoRequest, side: str) -> str:
    """The path of a picture of the photo, of the size that the page shows."""
    assert request.path
    opened, stem = shelf.open(request.file), Path(request.path).stem
    photo = opened.preview
    if side == opened.kind:
        return opened.original_file(stem)
    if side == GRAY:
        gray = plain_answer(shelf, request).at_size(photo)
        return opened.file(GRAY, lambda: shown_file(gray.grayscale, f"{stem}-gray"))
    if side.startswith(SYSTEM):
        request = replace(request, checkpoint=side.removeprefix(SYSTEM), raw=False)
    result = answer(shelf, request if side == HINTED else replace(request, points=())).at_size(photo)
    return shown_file(picture_of(request, result), f"{stem}-colorized")
