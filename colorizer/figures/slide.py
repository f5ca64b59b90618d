"""A photograph to show, the layout and colours of a 16:9 page for pictures of any shape, and that page as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image

from .fonts import fitted

GROUND = (23, 23, 23)
"""Nearly black, and neutral: photographs look bright on it, and it does not shift their colours."""
INK = (245, 244, 242)
MUTED = (178, 173, 168)

WIDTH, HEIGHT = 1920, 1080
"""Size of a page in units, which are pixels of its smallest rendering. Everything below is in units."""
MARGIN = 44
GAP = 24
TITLE, CAPTION, NOTE = 52, 40, 26
"""Font sizes."""
LINE = 1.5
"""Line height as a multiple of the font size."""
NARROWEST = 280
"""Least width of a caption, even if its picture is narrower."""


class Box(NamedTuple):
    """A rectangle on the page."""

    left: float
    top: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.left + self.width / 2

    @property
    def bottom(self) -> float:
        return self.top + self.height


class Page(NamedTuple):
    """The boxes of everything on a page; `title` and `note` are lines of text, or empty boxes."""

    title: Box
    pictures: list[Box]
    captions: list[Box]
    """Centred under the pictures; if pictures are stacked, left of them and right-aligned."""
    stacked: bool
    note: Box


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


def page(shapes: Sequence[tuple[int, int]], title: bool, note: bool, caption: bool = True) -> Page:
    """Place pictures of `shapes` (width, height) as large as possible: side by side, or stacked if that makes them
    larger, as with panoramas. Raises ValueError if there are none."""
    if not shapes:
        raise ValueError("a page needs a picture")
    inner = WIDTH - 2 * MARGIN
    top = MARGIN + (TITLE * LINE if title else 0)
    bottom = HEIGHT - MARGIN - (NOTE * LINE if note else 0)
    area = Box(MARGIN, top, inner, bottom - top)
    line = CAPTION * LINE if caption else 0
    pictures, below = _beside(shapes, area, line), _below(shapes, area, caption)
    stacked = len(shapes) > 1 and _covered(below) > _covered(pictures)
    if stacked:
        pictures = below
        captions = [Box(box.left - NARROWEST - GAP, box.top, NARROWEST, box.height) for box in pictures]
    else:
        captions = [_under(box, line, _narrowest(len(shapes))) for box in pictures]
    return Page(
        Box(MARGIN, MARGIN - TITLE * 0.25, inner, TITLE * LINE if title else 0),
        pictures,
        captions,
        stacked,
        Box(MARGIN, HEIGHT - MARGIN - NOTE, inner, NOTE * LINE if note else 0),
    )


def _beside(shapes: Sequence[tuple[int, int]], area: Box, line: float) -> list[Box]:
    aspects = [width / height for width, height in shapes]
    room = area.width - GAP * (len(shapes) - 1)
    narrowest = _narrowest(len(shapes))
    height = min(area.height - line, room / sum(aspects))
    for _ in aspects:  # pictures wider than their captions share the width that the others' captions leave
        wide = [aspect for aspect in aspects if aspect * height > narrowest]
        if wide:
            height = min(height, (room - narrowest * (len(aspects) - len(wide))) / sum(wide))
    cells = [max(aspect * height, narrowest) for aspect in aspects]
    left = area.left + (room - sum(cells)) / 2
    top = area.top + (area.height - line - height) / 2
    boxes = []
    for aspect, cell in zip(aspects, cells, strict=True):
        boxes.append(Box(left + (cell - aspect * height) / 2, top, aspect * height, height))
        left += cell + GAP
    return boxes


def _below(shapes: Sequence[tuple[int, int]], area: Box, caption: bool) -> list[Box]:
    aspects = [width / height for width, height in shapes]
    beside = NARROWEST + GAP if caption else 0
    room = area.height - GAP * (len(shapes) - 1)
    width = min(area.width - beside, room / sum(1 / aspect for aspect in aspects))
    heights = [width / aspect for aspect in aspects]
    top = area.top + (room - sum(heights)) / 2
    boxes = []
    for height in heights:
        boxes.append(Box(area.left + beside + (area.width - beside - width) / 2, top, width, height))
        top += height + GAP
    return boxes


def _covered(boxes: Sequence[Box]) -> float:
    return sum(box.width * box.height for box in boxes)


def _narrowest(count: int) -> float:
    """Least width of a caption next to `count - 1` others."""
    return min(NARROWEST, (WIDTH - 2 * MARGIN - GAP * (count - 1)) / count)


def _under(box: Box, line: float, narrowest: float) -> Box:
    width = max(box.width, narrowest)
    return Box(box.middle - width / 2, box.bottom, width, line)


def enlarged(picture: Image.Image, width: float, height: float) -> Image.Image:
    """A picture in RGB, resized to `width` x `height` pixels."""
    size = (max(1, round(width)), max(1, round(height)))
    return picture.convert("RGB").resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def triptych_slide(shown: Exhibit, size: tuple[int, int] = (1920, 1080)) -> Image.Image:
    """Pictures of any shape with captions on a dark 16:9 slide; panoramas are stacked.

    size: (width, height) in pixels, of ratio 16:9. Save it with `save_photo`, which says in the metadata that the
    colours are a guess. Raises ValueError without panes, and for a size of another ratio.
    """
    if size[0] * 9 != size[1] * 16:
        raise ValueError(f"a slide is 16:9, such as 1920 x 1080 or 3840 x 2160, not {size[0]} x {size[1]}")
    scale = size[0] / WIDTH
    places = page([picture.size for _, picture in shown.panes], bool(shown.name), bool(shown.footer))
    slide = Image.new("RGB", size, GROUND)
    write(slide, shown.name, places.title, TITLE, scale, bold=True)
    for (caption, picture), box, under in zip(shown.panes, places.pictures, places.captions, strict=True):
        put(slide, picture, box, scale)
        write(slide, caption, under, CAPTION, scale, anchor="rm" if places.stacked else "mm")
    write(slide, shown.footer, places.note, NOTE, scale, colour=MUTED)
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
