"""Where pictures go on a 16:9 page, whatever their shape, and what the page looks like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image

GROUND = (23, 23, 23)
"""Nearly black, and neutral: beside it photographs shine, and no colour of theirs is pushed."""
INK = (245, 244, 242)
MUTED = (178, 173, 168)

WIDTH, HEIGHT = 1920, 1080
"""A page, in units: pixels of its smallest rendering. Everything below is in units."""
MARGIN = 44
GAP = 24
TITLE, CAPTION, NOTE = 52, 40, 26
"""Sizes of letters."""
LINE = 1.5
"""Height of a line over the size of its letters."""
NARROWEST = 280
"""Width that a caption needs, however narrow its picture is."""


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
    """Where everything on a page goes; `title` and `note` are lines of letters, empty boxes where there is none."""

    title: Box
    pictures: list[Box]
    captions: list[Box]
    """Under the pictures, to be centred; left of them, to end there, where pictures are below each other."""
    stacked: bool
    note: Box


def page(shapes: Sequence[tuple[int, int]], title: bool, note: bool, caption: bool = True) -> Page:
    """Pictures of `shapes` (width, height) as large as a page takes them: beside each other, or below each other where
    that makes them larger, as with panoramas. Raises ValueError when there is none."""
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
    for _ in aspects:  # those that are wider than their captions share what the captions of the others leave
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
    """Width that a caption has at least beside `count - 1` others."""
    return min(NARROWEST, (WIDTH - 2 * MARGIN - GAP * (count - 1)) / count)


def _under(box: Box, line: float, narrowest: float) -> Box:
    width = max(box.width, narrowest)
    return Box(box.middle - width / 2, box.bottom, width, line)


def enlarged(picture: Image.Image, width: float, height: float) -> Image.Image:
    """A picture in RGB at another size, in pixels."""
    size = (max(1, round(width)), max(1, round(height)))
    return picture.convert("RGB").resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
