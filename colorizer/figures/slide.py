"""A slide of one photograph, as a picture."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from .fonts import fitted
from .layout import CAPTION, GROUND, INK, MUTED, NOTE, TITLE, WIDTH, Box, enlarged, page


def triptych_slide(
    panes: Sequence[tuple[str, Image.Image]], size: tuple[int, int] = (1920, 1080), title: str = "", note: str = ""
) -> Image.Image:
    """Pictures with captions on a dark 16:9 slide: grayscale | predicted | original, or fewer.

    panes: (caption, picture), any shape; panoramas are stacked. size: (width, height) in pixels, of ratio 16:9. note: a
    small line at the bottom. Save it with `save_photo`, which says in the metadata that the colours are a guess. Raises
    ValueError without panes, and for a size of another ratio.
    """
    if size[0] * 9 != size[1] * 16:
        raise ValueError(f"a slide is 16:9, such as 1920 x 1080 or 3840 x 2160, not {size[0]} x {size[1]}")
    scale = size[0] / WIDTH
    places = page([picture.size for _, picture in panes], bool(title), bool(note))
    slide = Image.new("RGB", size, GROUND)
    write(slide, title, places.title, TITLE, scale, bold=True)
    for (caption, picture), box, under in zip(panes, places.pictures, places.captions, strict=True):
        put(slide, picture, box, scale)
        write(slide, caption, under, CAPTION, scale, anchor="rm" if places.stacked else "mm")
    write(slide, note, places.note, NOTE, scale, colour=MUTED)
    return slide


def put(slide: Image.Image, picture: Image.Image, box: Box, scale: float) -> None:
    """Paste a picture into its box, with its edges on whole pixels."""
    left, top = round(box.left * scale), round(box.top * scale)
    right, bottom = round((box.left + box.width) * scale), round(box.bottom * scale)
    slide.paste(enlarged(picture, right - left, bottom - top), (left, top))


def write(
    image: Image.Image,
    words: str,
    box: Box,
    size: float,
    scale: float,
    colour: tuple[int, int, int] = INK,
    bold: bool = False,
    anchor: str = "lm",
) -> None:
    """Write one line of text at half the height of a box: left ("lm"), centred ("mm") or right ("rm")."""
    if not words:
        return
    words, letters = fitted(words, box.width * scale, size * scale, bold)
    x = {"l": box.left, "m": box.middle, "r": box.left + box.width}[anchor[0]]
    letters.write(image, (x * scale, (box.top + box.height / 2) * scale), words, colour, anchor)
