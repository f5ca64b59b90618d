"""What a network would have said instead: suggestions for a spot, where it guesses, and other versions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colorizer.colour.hex import Ab, ab_to_hex
from colorizer.page.i18n.texts import said, text
from colorizer.page.serving.served_files import preview, shown_file
from colorizer.page.session.request import PhotoRequest, answer, place, plain_answer
from colorizer.page.session.shelf import Opened, Shelf
from colorizer.page.widgets.colour_names import colour_name, doubt_picture

if TYPE_CHECKING:
    from PIL import Image

    from colorizer.inference.colorization import Colorization

SUGGESTIONS = 5
VERSIONS = 4
VERSION_SIDE = 800
"""Longest side of the pictures of versions, in pixels."""


def spot_lightness(photo: Image.Image, x: float, y: float, around: int = 2) -> float:
    """Mean L in [0, 100] of the pixels within `around` of (x, y), in pixels of `photo`."""
    from colorizer.colour.whole_photo import lightness

    column, row = int(x), int(y)
    box = (column - around, row - around, column + around + 1, row + around + 1)
    left, top, right, bottom = (max(0, box[0]), max(0, box[1]), min(photo.width, box[2]), min(photo.height, box[3]))
    return float(lightness(photo.crop((left, top, right, bottom))).mean())


def swatches(shelf: Shelf, request: PhotoRequest, x: Any, y: Any) -> list[dict[str, Any]]:
    """The colours that a network finds likeliest at (x, y), fractions of the picture, likeliest first: for each its
    (a, b), how it looks at that spot's lightness, and its name's key. Empty where there is no distribution."""
    result = plain_answer(shelf, request)
    if not result.architecture.has_distribution:
        return []
    photo = result.original
    at = place(x, photo.width), place(y, photo.height)
    return looks(spot_lightness(photo, *at), result.suggest(*at, SUGGESTIONS))


def looks(L: float, colours: Iterable[Ab]) -> list[dict[str, Any]]:
    """Colours as the page shows them at a place of lightness L, though never so dark or bright that they cannot be
    told apart: {"ab", "color": "#rrggbb", "name": a key of `NAMES`}; no two have one name."""
    taken: list[str] = []
    result = []
    for ab in colours:
        taken.append(colour_name(L, ab, without=taken))
        color = ab_to_hex(min(max(L, 20.0), 92.0), ab)
        result.append({"ab": list(ab), "color": color, "name": taken[-1]})
    return result


def region(x: float, y: float) -> str:
    """Which ninth of a picture the fractions (x, y) lie in, in words."""
    row, column = min(int(y * 3), 2), min(int(x * 3), 2)
    return text(f"region_{row}{column}")


def doubt_file(opened: Opened, result: Colorization, checkpoint: str, stem: str) -> str | None:
    """The picture of where a checkpoint guesses, over the photograph in gray, or None where there is no distribution.
    It is the same for all readouts."""
    entropy = result.entropy
    if entropy is None:
        return None

    def make() -> str:
        gray = result.at_size(opened.preview).grayscale
        return shown_file(doubt_picture(entropy, gray), f"{stem}-doubt")

    return opened.file(("doubt", checkpoint, result.hints), make)


def ring(result: Colorization) -> tuple[float, float] | None:
    """The most doubtful place, as fractions of the picture, or None where there is no distribution."""
    if result.entropy is None:
        return None
    x, y = result.most_uncertain()
    return x / result.original.width, y / result.original.height


def versions(shelf: Shelf, request: PhotoRequest) -> tuple[list[tuple[str, str]], list[dict[str, Any]]]:
    """Other plausible versions: pictures with captions for a gallery, and for each the point that makes it, as the
    picker has them. Nothing where the architecture has no distribution or takes no hints.

    `Colorizer.alternatives`, but through the shelf: read anew, or taken over, no network runs again.
    """
    given = plain_answer(shelf, request)
    if not (given.architecture.has_distribution and given.architecture.takes_hints):
        return [], []
    assert request.path
    picture = preview(shelf.open(request.path).preview, VERSION_SIDE)
    hints = given.alternative_hints(VERSIONS)
    x, y = hints[0].x / given.original.width, hints[0].y / given.original.height
    gallery, points = [], []
    shades = looks(spot_lightness(given.original, hints[0].x, hints[0].y), (hint.ab for hint in hints))
    for number, look in enumerate(shades, 1):
        points.append({"x": x, "y": y, **look})
        version = answer(shelf, replace(request, points=[*request.points, points[-1]]))
        shown = ringed(version.at_size(picture).image, x, y)
        gallery.append((shown_file(shown, f"{Path(request.path).stem}-version-{number}"), caption(look["name"], x, y)))
    return gallery, points


def caption(name: str, x: float, y: float) -> str:
    """What a version takes for granted: a colour (a key of `NAMES`) at the fractions (x, y) of the picture."""
    return said(lambda: text("version_caption", colour=text(f"colour_{name}").capitalize(), place=region(x, y)))


def ringed(picture: Image.Image, x: float, y: float) -> Image.Image:
    """A copy with a ring around (x, y), fractions of it; white on black, so that it is seen on anything."""
    from PIL import ImageDraw

    copy = picture.copy()
    draw, radius = ImageDraw.Draw(copy), max(copy.size) * 0.035
    centre = x * copy.width, y * copy.height
    for colour, width in (("black", radius * 0.45), ("white", radius * 0.2)):
        extent = radius + width / 2
        box = (centre[0] - extent, centre[1] - extent, centre[0] + extent, centre[1] + extent)
        draw.ellipse(box, outline=colour, width=max(1, round(width)))
    return copy
