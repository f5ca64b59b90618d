"""Triptychs, grids of pictures, and sheets of many photographs before and after, on white."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image

from ..photo.kinds import has_own_colours
from .fonts import Letters, fitted
from .slide import Exhibit, enlarged

if TYPE_CHECKING:
    from ..inference.colorization import Colorization

GAP = 8
MARGIN, BETWEEN, SEAM = 48, 28, 2
"""Space around a sheet of pairs, between pairs and within a pair, in pixels."""
NAME = 24
"""Font size of names under pairs."""
TALLEST = 30_000
"""Largest height of a sheet of pairs, in pixels. Taller ones get smaller pictures."""
INK, FAINT = (28, 25, 23), (110, 104, 99)


def panes_of(result: Colorization, coloured: bool = False) -> list[tuple[str, Image.Image]]:
    """Pictures of a photograph with English captions: grayscale, in colour, and the original if it has colours of its
    own, as a print has not. coloured: whether Colorizer made the photo's colours (`Metadata.predicted`), which are then
    no original's."""
    panes = [("Grayscale", result.grayscale), ("In colour", result.image)]
    if has_own_colours(result.original) and not coloured:
        panes.append(("Original", result.original))
    return panes


def triptych(
    result: Colorization, height: int = 400, scan: Image.Image | None = None, coloured: bool = False
) -> Image.Image:
    """The pictures of `panes_of` side by side. scan: the photo before its levels were corrected; then as scanned |
    levels corrected | in colour."""
    panes = panes_of(result, coloured)
    if scan is not None:
        panes = [("As scanned", scan), ("Levels corrected", result.grayscale), panes[1]]
    titles, pictures = zip(*panes, strict=True)
    return contact_sheet([("", pictures)], titles, height)


def contact_sheet(
    rows: Sequence[tuple[str, Sequence[Image.Image]]], columns: Sequence[str], height: int = 160
) -> Image.Image:
    """A captioned grid on white: every row has a caption and one picture for each of `columns`.

    Pictures keep their aspect ratio at the row's height; a column is as wide as its widest picture. Raises ValueError
    if a row's length differs from that of `columns`.
    """
    if any(len(pictures) != len(columns) for _, pictures in rows):
        raise ValueError(f"every row must have {len(columns)} pictures, one for each column")
    scaled = [[enlarged(each, each.width * height / each.height, height) for each in pictures] for _, pictures in rows]
    letters = Letters(15)
    widths = [max([60, *(row[i].width for row in scaled)]) for i in range(len(columns))]
    captions = [_wrapped(name, width, letters) for name, width in zip(columns, widths, strict=True)]
    top = GAP + 18 * max(caption.count("\n") + 1 for caption in captions)
    names = [_wrapped(name, height, letters) for name, _ in rows]
    left = GAP + max(round(letters.getlength(line)) + GAP * bool(line) for name in names for line in name.split("\n"))
    sheet = Image.new("RGB", (left + sum(widths) + GAP * len(widths), top + len(rows) * (height + GAP)), "white")
    x = left
    for i, (caption, width) in enumerate(zip(captions, widths, strict=True)):
        letters.write(sheet, (x, GAP // 2), caption, "black")
        for j, row_pictures in enumerate(scaled):
            sheet.paste(row_pictures[i], (x, top + j * (height + GAP)))
        x += width + GAP
    for j, name in enumerate(names):
        middle = top + j * (height + GAP) + height // 2 - 9 * name.count("\n")
        letters.write(sheet, (GAP, middle), name, "black", anchor="lm")
    return sheet


def captioned_grid(pictures: Sequence[tuple[str, Image.Image]], columns: int = 4, width: int = 360) -> Image.Image:
    """A grid on white of pictures of one shape, each under its caption and `width` pixels wide.

    Raises ValueError if there are none.
    """
    if not pictures:
        raise ValueError("a sheet needs a picture")
    height = max(1, round(pictures[0][1].height * width / pictures[0][1].width))
    lines = []
    for first in range(0, len(pictures), columns):
        captions, shown = zip(*pictures[first : first + columns], strict=True)
        lines.append(contact_sheet([("", shown)], captions, height))
    sheet = Image.new("RGB", (lines[0].width, sum(line.height for line in lines)), "white")
    top = 0
    for line in lines:
        sheet.paste(line, (0, top))
        top += line.height
    return sheet


def _wrapped(name: str, width: int, letters: Letters) -> str:
    """Break a caption at spaces and after hyphens, so that its lines fit `width` pixels if possible."""
    lines = [""]
    for word in re.findall(r"[^\s-]+-?|-", name):
        joint = "" if not lines[-1] or lines[-1].endswith("-") else " "
        if lines[-1] and letters.getlength(lines[-1] + joint + word) > width:
            lines.append(word)
        else:
            lines[-1] += joint + word
    return "\n".join(lines)


class _Pair(NamedTuple):
    name: str
    before: Image.Image
    after: Image.Image

    @property
    def aspect(self) -> float:
        """Width / height of both pictures side by side."""
        return 2 * self.before.width / self.before.height


def pairs_sheet(
    shown: Iterable[Exhibit], title: str = "", note: str = "", *, width: int = 2400, height: int = 320
) -> Image.Image:
    """A contact sheet on white: the first two pictures of each photograph, which have one shape, with its name
    underneath, in lines that fill the width. The first photograph's captions stand at the head.

    shown: may be a generator; pictures are scaled down one by one. width: of the sheet, in pixels. height: approximate
    height of a picture, less if the sheet would be taller than `TALLEST`. Raises ValueError if there are none.
    """
    captions, pairs = "", list[_Pair]()
    for name, ((first, before), (second, after), *_), *_ in shown:
        captions = captions or " | ".join(filter(None, (first, second)))
        pairs.append(_Pair(name, _small(before, height), _small(after, height)))
    if not pairs:
        raise ValueError("a contact sheet needs a photograph")
    head = MARGIN + (68 if title else 0) + (44 if captions or note else 0)
    while True:
        *full, last = _lines(pairs, width, height)
        lines = [*((line, _line_height(line, width, height, 1.6)) for line in full)]
        lines.append((last, _line_height(last, width, height, 1.1)))
        tall = head + sum(round(high) + 2 * NAME + BETWEEN for _, high in lines) + MARGIN - BETWEEN
        if tall <= TALLEST or height <= 40:
            break
        height = int(height * 0.85)
    sheet = Image.new("RGB", (width, tall), "white")
    _head(sheet, width, title, captions, note)
    top = head
    for line, high in lines:
        left = float(MARGIN)
        for pair in line:
            left = _place(sheet, pair, left, top, round(high)) + BETWEEN
        top += round(high) + 2 * NAME + BETWEEN
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
    room = width - 2 * MARGIN - BETWEEN * (len(line) - 1) - SEAM * len(line)
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
