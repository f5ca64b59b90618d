"""A visible mark for pictures that are passed on: it says that the colours are not the photograph's own."""

from __future__ import annotations

from PIL import Image, ImageDraw

from ..errors import UserError
from ..photo.picture import as_rgb
from .fonts import fitted
from .slide import GROUND, INK

MARKS = ("corner", "strip")
"""A small symbol in the lower right corner, or a caption below the picture."""
WORDS = "Colours predicted"
HUES = ((196, 78, 62), (222, 170, 60), (88, 140, 82), (62, 110, 168))
"""The coloured half of the symbol, from the top down."""


def marked(picture: Image.Image, mark: str, words: str = WORDS) -> Image.Image:
    """A copy with a mark of `MARKS`, as PIL "RGB".

    "corner" covers a disc with a diameter of a twentieth of the short side, at least 12 pixels: half gray, half
    coloured. "strip" covers nothing: the copy is higher by a line of `words`. Raises ValueError for another mark.
    """
    if str(mark) == "corner":
        return _with_symbol(as_rgb(picture))
    if str(mark) == "strip":
        return _with_strip(as_rgb(picture), str(words))
    raise UserError(f"a mark is one of {', '.join(MARKS)}, not {mark!r}")


def _with_symbol(picture: Image.Image) -> Image.Image:
    short = min(picture.size)
    side, edge = max(12, short // 20), max(3, short // 60)
    large = 8 * side  # drawn large and scaled down, as ImageDraw's edges are jagged
    symbol, disc = half_coloured(large, 128)
    draw, ring = ImageDraw.Draw(symbol), large // 12
    draw.ellipse((0, 0, large - 1, large - 1), outline=GROUND, width=ring)
    draw.ellipse((ring, ring, large - 1 - ring, large - 1 - ring), outline=INK, width=ring)
    small = (side, side)
    place = (picture.width - side - edge, picture.height - side - edge)
    picture.paste(symbol.resize(small, Image.Resampling.BOX), place, disc.resize(small, Image.Resampling.BOX))
    return picture


def half_coloured(side: int, gray: int) -> tuple[Image.Image, Image.Image]:
    """A square, half gray and half in colours, and the mask of a disc in it. Both have jagged edges."""
    square, disc = Image.new("RGB", (side, side), (gray, gray, gray)), Image.new("L", (side, side))
    draw = ImageDraw.Draw(square)
    for i, hue in enumerate(HUES):
        draw.rectangle((side // 2, i * side // len(HUES), side, (i + 1) * side // len(HUES)), fill=hue)
    ImageDraw.Draw(disc).ellipse((0, 0, side - 1, side - 1), fill=255)
    return square, disc


def _with_strip(picture: Image.Image, words: str) -> Image.Image:
    size = max(11, min(picture.size) // 30)
    high = 2 * size
    sheet = Image.new("RGB", (picture.width, picture.height + high), GROUND)
    sheet.paste(picture)
    text, letters = fitted(words, picture.width - size, size)
    letters.write(sheet, (size // 2, picture.height + high / 2), text, INK, "lm")
    return sheet
