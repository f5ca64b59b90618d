"""A sheet of many photographs, before and after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from PIL import Image

from .fonts import fitted
from .layout import enlarged

MARGIN, GAP, SEAM = 48, 28, 2
"""Space around the sheet, between pairs and within a pair, in pixels."""
NAME = 24
"""Font size of names."""
TALLEST = 30_000
"""Largest height of a sheet, in pixels. Taller sheets get smaller pictures."""
INK, FAINT = (28, 25, 23), (110, 104, 99)


class _Pair(NamedTuple):
    name: str
    before: Image.Image
    after: Image.Image

    @property
    def aspect(self) -> float:
        """Width / height of both pictures side by side."""
        return 2 * self.before.width / self.before.height


def pairs_sheet(
    rows: Iterable[tuple[str, Image.Image, Image.Image]],
    captions: tuple[str, str] = ("", ""),
    title: str = "",
    note: str = "",
    *,
    width: int = 2400,
    height: int = 320,
) -> Image.Image:
    """A contact sheet on white: pairs of before and after with the name underneath, in lines that fill the width.

    rows: (name, before, after); both pictures of one shape, any size. They are scaled down one by one, so that a
    generator needs little memory. captions: names of before and after, such as ("Grayscale", "In colour"). width: of
    the sheet, in pixels. height: approximate height of a picture, less if the sheet would be taller than `TALLEST`.
    Raises ValueError if there are no rows.
    """
    pairs = [_Pair(name, _small(before, height), _small(after, height)) for name, before, after in rows]
    if not pairs:
        raise ValueError("a contact sheet needs a photograph")
    head = MARGIN + (68 if title else 0) + (44 if any(captions) or note else 0)
    while True:
        *full, last = _lines(pairs, width, height)
        lines = [*((line, _line_height(line, width, height, 1.6)) for line in full)]
        lines.append((last, _line_height(last, width, height, 1.1)))
        tall = head + sum(round(high) + 2 * NAME + GAP for _, high in lines) + MARGIN - GAP
        if tall <= TALLEST or height <= 40:
            break
        height = int(height * 0.85)
    sheet = Image.new("RGB", (width, tall), "white")
    _head(sheet, width, title, " | ".join(filter(None, captions)), note)
    top = head
    for line, high in lines:
        left = float(MARGIN)
        for pair in line:
            left = _place(sheet, pair, left, top, round(high)) + GAP
        top += round(high) + 2 * NAME + GAP
    return sheet


def _small(picture: Image.Image, height: int) -> Image.Image:
    """Reduce to at most twice `height`: a line may be stretched to fill the width."""
    if picture.height <= 2 * height:
        return picture.convert("RGB")
    return enlarged(picture, picture.width * 2 * height / picture.height, 2 * height)


def _lines(pairs: Sequence[_Pair], width: int, height: float) -> list[list[_Pair]]:
    """Break pairs, in order, into lines whose height is nearest to `height`."""
    lines: list[list[_Pair]] = [[]]
    for pair in pairs:
        line = lines[-1]
        if line and abs(_filling(line, width) - height) <= abs(_filling([*line, pair], width) - height):
            lines.append([pair])
        else:
            line.append(pair)
    return lines


def _filling(line: Sequence[_Pair], width: int) -> float:
    """The height at which a line fills the width."""
    room = width - 2 * MARGIN - GAP * (len(line) - 1) - SEAM * len(line)
    return max(1.0, room / sum(pair.aspect for pair in line))


def _line_height(line: Sequence[_Pair], width: int, height: float, most: float) -> float:
    """The height at which a line fills the width, but at most `most` times `height`."""
    filling = _filling(line, width)
    return filling if filling <= most * height else height


def _head(sheet: Image.Image, width: int, title: str, captions: str, note: str) -> None:
    room = width - 2 * MARGIN
    if title:
        words, letters = fitted(title, room, 46, bold=True)
        letters.write(sheet, (MARGIN, MARGIN + 20), words, INK, "lm")
    line = MARGIN + (82 if title else 12)
    if captions:
        words, letters = fitted(captions, room * 0.45, NAME)
        letters.write(sheet, (MARGIN, line), words, INK, "lm")
    if note:
        words, letters = fitted(note, room * (0.5 if captions else 1), NAME)
        letters.write(sheet, (width - MARGIN, line), words, FAINT, "rm")


def _place(sheet: Image.Image, pair: _Pair, left: float, top: int, height: int) -> float:
    """Paste a pair and write its name; returns its right edge."""
    each = pair.aspect / 2 * height
    right = left + 2 * each + SEAM
    for picture, x in ((pair.before, left), (pair.after, left + each + SEAM)):
        sheet.paste(enlarged(picture, round(x + each) - round(x), height), (round(x), top))
    words, letters = fitted(pair.name, right - left, NAME)
    letters.write(sheet, (round(left), top + height + NAME), words, INK, "lm")
    return right
