"""Triptychs and grids of pictures, on white."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image

from ..photo.kinds import has_own_colours
from .fonts import Letters

if TYPE_CHECKING:
    from ..inference.colorization import Colorization

GAP = 8
CAPTION = 22


def row(pictures: Sequence[Image.Image], height: int) -> Image.Image:
    """Pictures side by side at one height, on white."""
    scaled = [_at_height(picture, height) for picture in pictures]
    sheet = Image.new("RGB", (sum(p.width for p in scaled) + GAP * (len(scaled) - 1), height), "white")
    left = 0
    for picture in scaled:
        sheet.paste(picture, (left, 0))
        left += picture.width + GAP
    return sheet


def _at_height(picture: Image.Image, height: int) -> Image.Image:
    size = (max(1, round(picture.width * height / picture.height)), height)
    return picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def triptych(
    result: Colorization, height: int = 400, scan: Image.Image | None = None, coloured: bool = False
) -> Image.Image:
    """Grayscale | predicted | original, captioned; without the original of a print, which has no colours of its own.

    scan: the photo before its levels were corrected; then as scanned | levels corrected | predicted.
    coloured: whether Colorizer made the photo's colours (`Metadata.predicted`), which are then no original's.
    """
    titles = ["Grayscale", "In colour", "Original"]
    panes = [result.grayscale, result.image, result.original]
    if scan is not None:
        titles, panes = ["As scanned", "Levels corrected", "In colour"], [scan, result.grayscale, result.image]
    elif coloured or not has_own_colours(result.original):
        del titles[2], panes[2]
    pictures = row(panes, height)
    sheet = Image.new("RGB", (pictures.width, height + CAPTION), "white")
    sheet.paste(pictures, (0, CAPTION))
    step = (pictures.width + GAP) / len(panes)
    for i, title in enumerate(titles):
        Letters(14).write(sheet, (i * step, 3), title, "black")
    return sheet


def sample_sheet(results: Sequence[Colorization], height: int = 128) -> Image.Image:
    """Two columns of triptychs without captions, to follow a network through its validations."""
    rows = [row((r.grayscale, r.image, r.original), height) for r in results]
    width = max(r.width for r in rows)
    lines = -(-len(rows) // 2)
    sheet = Image.new("RGB", (2 * (width + 2 * GAP), lines * (height + GAP)), "white")
    for i, picture in enumerate(rows):
        sheet.paste(picture, (i % 2 * (width + 2 * GAP), i // 2 * (height + GAP)))
    return sheet


def contact_sheet(
    rows: Sequence[tuple[str, Sequence[Image.Image]]], columns: Sequence[str], height: int = 160
) -> Image.Image:
    """A captioned grid on white: every row has a caption and one picture for each of `columns`.

    Pictures keep their aspect ratio at the row's height; a column is as wide as its widest picture. Raises ValueError
    if a row's length differs from that of `columns`.
    """
    if any(len(pictures) != len(columns) for _, pictures in rows):
        raise ValueError(f"every row must have {len(columns)} pictures, one for each column")
    scaled = [[_at_height(picture, height) for picture in pictures] for _, pictures in rows]
    letters = Letters(15)
    widths = [max([60, *(row[i].width for row in scaled)]) for i in range(len(columns))]
    captions = [_wrapped(name, width, letters) for name, width in zip(columns, widths, strict=True)]
    top = GAP + 18 * max(caption.count("\n") + 1 for caption in captions)
    left = GAP + max([0, *(round(letters.getlength(name)) + GAP for name, _ in rows if name)])
    sheet = Image.new("RGB", (left + sum(widths) + GAP * len(widths), top + len(rows) * (height + GAP)), "white")
    x = left
    for i, (caption, width) in enumerate(zip(captions, widths, strict=True)):
        letters.write(sheet, (x, GAP // 2), caption, "black", spacing=2)
        for j, row_pictures in enumerate(scaled):
            sheet.paste(row_pictures[i], (x, top + j * (height + GAP)))
        x += width + GAP
    for j, (name, _) in enumerate(rows):
        letters.write(sheet, (GAP, top + j * (height + GAP) + height // 2), name, "black", anchor="lm")
    return sheet


def captioned_grid(pictures: Sequence[tuple[str, Image.Image]], columns: int = 4, width: int = 360) -> Image.Image:
    """A grid on white of pictures of one shape, each under its caption and `width` pixels wide.

    Raises ValueError if there are none.
    """
    if not pictures:
        raise ValueError("a sheet needs a picture")
    letters = Letters(15)
    height = max(1, round(pictures[0][1].height * width / pictures[0][1].width))
    captions = [_wrapped(caption, width, letters) for caption, _ in pictures]
    top = 6 + 20 * max(caption.count("\n") + 1 for caption in captions)
    columns = min(columns, len(pictures))
    size = (GAP + columns * (width + GAP), GAP + -(-len(pictures) // columns) * (top + height + GAP))
    sheet = Image.new("RGB", size, "white")
    for i, (caption, (_, picture)) in enumerate(zip(captions, pictures, strict=True)):
        x, y = GAP + i % columns * (width + GAP), GAP + i // columns * (top + height + GAP)
        letters.write(sheet, (x, y), caption, "black", spacing=3)
        sheet.paste(picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS), (x, y + top))
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
