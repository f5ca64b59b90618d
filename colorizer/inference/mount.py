"""Finds the mount of a photograph: the even card, board or page around and between pictures.

A network takes an even gray for a sky, a wall or nothing it knows, and paints it in any colour. The decision is
made on a small version, in L:

1. Along all four sides of the frame there is one even surface: its lightness changes slowly and little, and the rest
   is no more than the grain of paper. Most photographs end here.
2. Pixels that differ from this surface are connected into pieces. The large ones must be pictures: they touch no side
   of the frame, and their outline has four straight sides (a print, with rounded corners or a little askew), or it is
   an upright oval. The outline of a thing before a backdrop or a sky is neither, so such photographs have no mount.
3. Small pieces, such as captions and stamps, belong to the mount.

A picture may have a mount of its own, such as a print on a card on a scanner's bed. A photograph in which nothing
differs from the surface is a mount without pictures.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.morphology import convex_hull_image

from ..colour.whole_photo import lightness

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, as shares of the photograph's width and height."""

_GRID = 512
"""Longest side of the small version, in pixels."""
_RING = 0.015
"""Width of the frame that must be even, as a share of the sides."""
_GRAIN = 2.5
"""Most that an even surface may vary, as a standard deviation in L."""
_SLOPE, _PLAIN_SLOPE = 14.0, 4.0
"""How far the surface's lightness may change over the photograph, in L: around pictures, and where there are none."""
_SMALLEST = 0.1
"""Least side of a picture, as a share of the photograph's mean side."""
_CAPTIONS = 0.15
"""Most area of what is neither mount nor picture, as a share of the pictures' area."""
_MOST = 24
"""Most pictures on one mount."""


class Mount(NamedTuple):
    """The mount of a photograph."""

    mask: np.ndarray
    """Where it is: bool (h, w) over the whole photograph."""
    boxes: tuple[Box, ...]
    """The pictures on it, the largest first; none if all is even."""


def find_mount(photo: Image.Image) -> Mount | None:
    """The mount of a photograph, PIL "RGB"; None if it has none."""
    L = lightness(photo.reduce(math.ceil(max(photo.size) / _GRID))).numpy()
    surface, tolerance = _surface(L)
    if surface is None:
        return None
    mask = np.abs(ndimage.median_filter(L, 3) - surface) < tolerance
    mask[[0, 0, -1, -1], [0, -1, 0, -1]] |= mask[[1, 1, -2, -2], [1, -2, 1, -2]]  # the filter rounds corners
    pieces = ndimage.binary_fill_holes(ndimage.binary_opening(~mask, np.ones((3, 3))))
    found = _pictures(pieces)
    if found is None:
        return None
    if not found:
        even = mask.mean() > 0.995 and np.ptp(surface) < _PLAIN_SLOPE
        return Mount(np.ones(L.shape, bool), ()) if even else None
    mask = np.ones(L.shape, bool)
    boxes: list[Box] = []
    for rows, columns, outline in found:
        box = (columns.start / L.shape[1], rows.start / L.shape[0], columns.stop / L.shape[1], rows.stop / L.shape[0])
        inner = find_mount(photo.crop(pixels(box, photo.size)))
        if inner is None:
            boxes.append(box)
            mask[rows, columns] &= ~outline
        else:
            boxes += [_within(box, each) for each in inner.boxes]
            fitted = Image.fromarray(inner.mask).resize(outline.shape[::-1], Image.Resampling.NEAREST)
            mask[rows, columns] &= np.asarray(fitted)
    return Mount(mask, tuple(sorted(boxes, key=lambda b: (b[0] - b[2]) * (b[3] - b[1]))))


def pixels(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """A box in whole pixels of a picture of `size` (width, height), one or more each way."""
    (width, height), (left, top, right, bottom) = size, box
    x, y = min(round(left * width), width - 1), min(round(top * height), height - 1)
    return x, y, max(round(right * width), x + 1), max(round(bottom * height), y + 1)


def _within(outer: Box, inner: Box) -> Box:
    """The box `inner` of the box `outer`, in the photograph's own shares."""
    width, height = outer[2] - outer[0], outer[3] - outer[1]
    left, right = (outer[0] + inner[side] * width for side in (0, 2))
    top, bottom = (outer[1] + inner[side] * height for side in (1, 3))
    return left, top, right, bottom


def _surface(L: np.ndarray) -> tuple[np.ndarray | None, float]:
    """The even surface along the frame of L (h, w), continued inwards, and how far from it a pixel of the mount may
    lie, in L; None where the frame is not even."""
    height, width = L.shape
    if min(height, width) < 16:
        return None, 0.0
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    down, across = max(2, round(_RING * height)), max(2, round(_RING * width))
    every = slice(None)
    sides = [(slice(down), every), (slice(-down, None), every), (every, slice(across)), (every, slice(-across, None))]
    ring = np.zeros(L.shape, bool)
    for side in sides:
        ring[side] = True
    terms = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y])
    on_ring, light = terms[:, ring].T, L[ring]
    near, grain = np.abs(light - np.median(light)) < _SLOPE, 0.0
    for _ in range(4):
        if near.sum() < 32:
            return None, 0.0
        fit = np.linalg.lstsq(on_ring[near], light[near], rcond=None)[0]
        left = np.abs(light - on_ring @ fit)
        grain = 1.4826 * float(np.median(left[near]))
        near = left < max(3 * grain, 1.5)
    tolerance = max(3 * grain, 2.5)
    surface = np.tensordot(fit, terms, 1)
    if grain > _GRAIN or np.ptp(surface) > _SLOPE:
        return None, 0.0
    if min((np.abs(L - surface)[side] < tolerance).mean() for side in sides) < 0.7:
        return None, 0.0
    return surface, tolerance


def _pictures(pieces: np.ndarray) -> list[tuple[slice, slice, np.ndarray]] | None:
    """Rows, columns and outline of each picture among the pieces, bool (h, w); None if a large piece is no picture, or
    small ones are too much for captions."""
    height, width = pieces.shape
    least = _SMALLEST * (height + width) / 2
    found, rest = [], 0
    for top, left, bottom, right in _apart(pieces):
        rows, columns = slice(top, bottom), slice(left, right)
        piece = pieces[rows, columns]
        if min(bottom - top, right - left) < least:
            rest += int(piece.sum())
            continue
        outline = convex_hull_image(piece)
        inside = top > 0 and left > 0 and bottom < height and right < width
        if not (inside and piece.sum() > 0.8 * outline.sum() and (_has_straight_sides(outline) or _is_oval(outline))):
            return None
        found.append((rows, columns, outline))
    area = sum(int(outline.sum()) for _, _, outline in found)
    return None if len(found) > _MOST or (found and rest > _CAPTIONS * area) else found


def _apart(pieces: np.ndarray) -> list[tuple[int, int, int, int]]:
    """Boxes (top, left, bottom, right) around connected pieces; those that overlap are one."""
    boxes: list[tuple[int, int, int, int]] = []
    for rows, columns in ndimage.find_objects(ndimage.label(pieces)[0]):
        box = (rows.start, columns.start, rows.stop, columns.stop)
        while over := [b for b in boxes if box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3]]:
            boxes = [b for b in boxes if b not in over]
            top, left, bottom, right = zip(box, *over, strict=True)
            box = (min(top), min(left), max(bottom), max(right))
        boxes.append(box)
    return boxes


def _has_straight_sides(outline: np.ndarray) -> bool:
    """Whether an outline runs along most of each side of its box."""
    for side in (outline, outline[::-1], outline.T, outline.T[::-1]):
        begins = side.argmax(axis=0)
        if (begins <= 0.03 * len(side) + 1).mean() < 0.8:
            return False
    return True


def _is_oval(outline: np.ndarray) -> bool:
    """Whether an outline is an ellipse, upright as portraits are: plates and wheels are round or lie."""
    height, width = outline.shape
    y, x = np.ogrid[:height, :width]
    oval = ((x + 0.5) / width * 2 - 1) ** 2 + ((y + 0.5) / height * 2 - 1) ** 2 <= 1
    return 1.15 < height / width < 1.7 and (outline & oval).sum() > 0.95 * (outline | oval).sum()
