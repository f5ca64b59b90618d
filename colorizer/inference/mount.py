"""Finds the mount of a photograph: the even card, board or page around and between pictures.

A network takes an even gray for a sky, a wall or nothing it knows, and paints it in any colour. The decision is
made on a small version, in L:

1. Along all four sides of the frame there is one even surface: once single grains are smoothed away, its lightness
   changes slowly, and little is left. Most photographs end here.
2. Pixels that differ from this surface are connected into pieces. The large ones must be pictures: they touch no side
   of the frame, and their outline has four straight sides (a print, with rounded corners or a little askew), or three
   and an arch, or it is an upright oval. The outline of a thing before a backdrop or a sky is none of these, so such
   photographs have no mount. Before pure black, all that is lighter belongs to a picture, and its corners may be black.
3. Small pieces, such as captions and stamps, belong to the mount.
4. Where the frame is not even, two bars may be, left and right or above and below: of one lightness, without any grain,
   and each with a straight edge.

A picture may have a mount of its own, such as a print on a card on a scanner's bed. A photograph in which nothing
differs from the surface is a mount without pictures. Each picture on a mount is coloured by itself (`Mounted`), and the
mount is of one colour.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from scipy import ndimage
from skimage.morphology import convex_hull_image
from torch import Tensor

from ..colour.lab import upsample_ab
from ..colour.whole_photo import lightness
from ..runtime.once import once
from .colorization import Colorization
from .doubts import Doubt
from .hints import Hint, cells, finite

Frame = tuple[int, int, int, int]
"""Left, top, right, bottom, in pixels."""
_FINEST = 1 << 20
"""Most pixels of the maps that join pictures and mount. Coarser ones would show as a fringe along the mount."""
Box = tuple[float, float, float, float]
"""Left, top, right, bottom, as shares of the photograph's width and height."""
_GRID = 512
"""Longest side of the small version, in pixels."""
_RING = 0.015
"""Width of the frame that must be even, as a share of the sides."""
_GRAIN = 1.6
"""Most that an even surface may vary, as a standard deviation in L, without single grains."""
_PURE = 0.02
"""Most grain of a surface without any, from which the dark parts of a picture can be told."""
_SLOPE, _PLAIN_SLOPE = 22.0, 4.0
"""How far the surface's lightness may change over the photograph, in L: around pictures, and where there are none."""
_NOT_BLACK = 0.2
"""L from which nothing is pure black, and half of each side of a picture is enough."""
_SMALLEST = 0.1
"""Least side of a picture, as a share of the photograph's mean side."""
_CAPTIONS = 0.15
"""Most area of what is neither mount nor picture, as a share of the pictures' area."""
_BAR, _BLOCK = 1.5, 8
"""How far a bar's pixels may lie from its lightness, in L, but for those where a JPEG has the picture's block."""
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
    smooth = ndimage.median_filter(L, 3)
    surface, tolerances = _surface(smooth)
    found, even = None if tolerances else _between_bars(L), False
    for tolerance in tolerances:
        mask = np.abs(smooth - surface) < tolerance
        mask[[0, 0, -1, -1], [0, -1, 0, -1]] |= mask[[1, 1, -2, -2], [1, -2, 1, -2]]  # the filter rounds corners
        pieces = ndimage.binary_fill_holes(ndimage.binary_opening(~mask, np.ones((3, 3))))
        found = _pictures(pieces, 0.5 if tolerance == _NOT_BLACK else 0.8)
        if found:
            break
        even = found is not None and mask.mean() > 0.995 and np.ptp(surface) < _PLAIN_SLOPE
    mask = np.ones(L.shape, bool)
    if not found:
        return Mount(mask, ()) if even else None
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


def _surface(L: np.ndarray) -> tuple[np.ndarray, tuple[float, ...]]:
    """The even surface along the frame of L (h, w), continued inwards, and how far from it a pixel of the mount may
    lie, in L: the first that finds pictures; none where the frame is not even."""
    height, width = L.shape
    if min(height, width) < 16:
        return L, ()
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
            return L, ()
        fit = np.linalg.lstsq(on_ring[near], light[near], rcond=None)[0]
        left = np.abs(light - on_ring @ fit)
        grain = 1.4826 * float(np.median(left[near]))
        near = left < max(3 * grain, 1.5)
    surface = np.tensordot(fit, terms, 1)
    tolerance = max(4 * grain, 2.5 if grain > _PURE else 0.8)
    along = min((np.abs(L - surface)[side] < tolerance).mean() for side in sides)
    if grain > _GRAIN or np.ptp(surface) > _SLOPE or along < 0.7:
        return L, ()
    return surface, (_NOT_BLACK, tolerance) if surface.max() < _NOT_BLACK else (tolerance,)


def _pictures(pieces: np.ndarray, straight: float) -> list[tuple[slice, slice, np.ndarray]] | None:
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
        inside = top > 0 and left > 0 and bottom < height and right < width and piece.sum() > 0.8 * outline.sum()
        if not (inside and (_has_straight_sides(outline, straight) or _is_round(outline))):
            return None
        found.append((rows, columns, outline))
    area = sum(int(outline.sum()) for _, _, outline in found)
    return None if len(found) > _MOST or (found and rest > _CAPTIONS * area) else found


def _between_bars(L: np.ndarray) -> list[tuple[slice, slice, np.ndarray]] | None:
    """The picture between two even bars in L (h, w), as `_pictures` has it; None where there are no such bars."""
    for lines, turned in ((L, False), (L.T, True)):
        off = (np.abs(lines - np.median(lines[0])) > _BAR).mean(axis=1)
        within = np.flatnonzero(off > 0.5)
        start, stop = (int(within[0]), int(within[-1]) + 1) if len(within) else (0, 0)
        bars = np.concatenate((off[: max(start - _BLOCK, 0)], off[stop + _BLOCK :]))
        if min(start, len(lines) - stop) > _BLOCK and bars.max() < 0.02:
            rows, columns = slice(start, stop), slice(0, lines.shape[1])
            outline = np.ones((stop - start, lines.shape[1]), bool)
            return [(columns, rows, outline.T) if turned else (rows, columns, outline)]
    return None


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


def _has_straight_sides(outline: np.ndarray, least: float) -> bool:
    """Whether an outline is a rectangle, at most a little askew: it runs along the share `least` of each side."""
    sides = [np.rot90(outline, turn).argmax(axis=0) for turn in range(4)]
    rises = [side[-(len(side) // 2) :] - side[: len(side) // 2] for side in sides]  # over the other half of a side
    tilt = np.median([np.median(rise) / -(-len(side) // 2) for rise, side in zip(rises, sides, strict=True)])
    levels = [side - tilt * np.arange(len(side)) for side in sides]
    near = [level <= level.min() + 0.03 * len(levels[number - 1]) + 1 for number, level in enumerate(levels)]
    return bool(abs(tilt) < 0.1 and min(each.mean() for each in near) >= least)


def _is_round(outline: np.ndarray) -> bool:
    """Whether an outline has an arched top, or is an ellipse, upright as portraits are: plates and wheels are round or
    lie."""
    height, width = outline.shape
    y, x = np.ogrid[:height, :width]
    across, down = ((x + 0.5) / width * 2 - 1) ** 2, (y + 0.5) / height
    shapes = [across + (1 - down / arch).clip(0) ** 2 <= 1 for arch in np.arange(0.15, 0.5, 0.05)]
    shapes += [across + (down * 2 - 1) ** 2 <= 1] * (1.15 < height / width < 1.7)
    return any((outline & shape).sum() > 0.96 * (outline | shape).sum() for shape in shapes)


def hints_within(
    hints: Sequence[Hint], mount: Mount, frame: Frame, photo_size: tuple[int, int]
) -> list[tuple[int, Hint]]:
    """The hints for the picture in `frame`, with their numbers: a stroke's points where they are in it, moved to its
    own pixels. photo_size: (width, height)."""
    left, top, right, bottom = frame
    result = []
    for number, hint in enumerate(hints):
        points = [
            (x - left, y - top)
            for x, y in hint.points
            if left <= x < right and top <= y < bottom and not _on(mount, x, y, photo_size)
        ]
        if points:
            (x, y), *path = points
            result.append((number, hint._replace(x=x, y=y, path=tuple(path))))
    return result


def _on(mount: Mount, x: float, y: float, photo_size: tuple[int, int]) -> bool:
    """Whether a point of a photo of (width, height) is on the mount."""
    height, width = mount.mask.shape
    (cell,) = cells(Hint(x, y, (0.0, 0.0)), photo_size[::-1], (height, width))
    return bool(mount.mask[cell])


@dataclass(frozen=True, repr=False)
class Mounted(Colorization):
    """The colours of all pictures, gray around them, or the colour of the last hint that is on the mount alone."""

    mount: Mount = field(kw_only=True)
    pictures: tuple[Colorization, ...] = field(kw_only=True)
    """The pictures in the mount's boxes, without hints and readout, which belong to the whole. Without boxes, it is the
    whole photograph, for its suggestions."""

    @property
    def input_size(self) -> None:
        return None

    @property
    def grid(self) -> tuple[int, int]:
        (height, width), (left, top, right, bottom) = self.pictures[0].grid, (self.mount.boxes or [(0, 0, 1, 1)])[0]
        return round(height / (bottom - top)), round(width / (right - left))

    @once
    def low_ab(self) -> Tensor:
        """float32 (2, h, w), Lab units, at the photo's own size up to `_FINEST`."""
        ab = torch.zeros(2)
        for hint in self.hints:
            if all(_on(self.mount, x, y, self.original.size) for x, y in hint.points):
                ab = ab + (torch.tensor(hint.ab) - ab) * hint.strength
        return self._joined(lambda picture: picture.low_ab, ab)

    @once
    def entropy(self) -> np.ndarray | None:
        if not self.architecture.has_distribution:
            return None
        return self._joined(lambda picture: torch.from_numpy(picture.entropy)[None], torch.zeros(1))[0].numpy()

    @once
    def raw(self) -> Image.Image | None:
        if not self.architecture.predicts_rgb:
            return None
        whole = self.grayscale.convert("RGB")
        for picture, frame in zip(self.pictures, self._frames(whole.size), strict=True):
            size = frame[2] - frame[0], frame[3] - frame[1]
            if picture.raw is not None:
                whole.paste(picture.raw.resize(size, Image.Resampling.BICUBIC), frame[:2])
        whole.paste(self.grayscale, mask=Image.fromarray(self.mount.mask).resize(whole.size))
        return whole

    def _distribution_at(self, x: float, y: float) -> Tensor:
        """For a point on the mount, that of the nearest picture."""
        number, column, row = self._picture_at(x, y)
        return self.pictures[number]._distribution_at(column, row)

    def most_uncertain(self, around: int = 5) -> tuple[float, float]:
        """The most uncertain point of the largest picture."""
        x, y = self.pictures[0].most_uncertain(around)
        left, top, across, down = self._place(0)
        return left + x * across, top + y * down

    def doubts(self, most: int = 3) -> list[Doubt]:
        """The things of the largest picture whose colour the network knows least."""
        left, top, across, down = self._place(0)
        there = self._coloured[0]
        part = (
            across * down * there.original.width * there.original.height / (self.original.width * self.original.height)
        )
        return [
            replace(doubt, x=left + doubt.x * across, y=top + doubt.y * down, share=doubt.share * part)
            for doubt in there.doubts(most)
        ]

    def region(self, x: float, y: float, path: Sequence[tuple[float, float]] = ()) -> np.ndarray:
        """The thing at a point of a picture, or the whole mount."""
        (x, y), *path = finite(x, y, path)
        if _on(self.mount, x, y, self.original.size):
            return self._joined(lambda picture: torch.zeros(1, 1, 1), torch.ones(1))[0].numpy()
        chosen, column, row = self._picture_at(x, y)
        left, top, across, down = self._place(chosen)
        moved = [((x - left) / across, (y - top) / down) for x, y in path]

        def part(picture: Colorization) -> Tensor:
            if picture.prediction is not self.pictures[chosen].prediction:
                return torch.zeros(1, 1, 1)
            return torch.from_numpy(picture.region(column, row, moved))[None]

        return self._joined(part, torch.zeros(1))[0].clamp(0, 1).numpy()

    def _picture_at(self, x: float, y: float) -> tuple[int, float, float]:
        """The number of the picture at or next to a point of `original`, and the point on its own rendition."""

        ((x, y),) = finite(x, y)

        def away(frame: Frame) -> float:
            return math.hypot(max(frame[0] - x, 0, x - frame[2]), max(frame[1] - y, 0, y - frame[3]))

        frames = self._frames(self.original.size)
        nearest = min(range(len(frames)), key=lambda number: away(frames[number]))
        left, top, across, down = self._place(nearest)
        return nearest, (x - left) / across, (y - top) / down

    def _place(self, number: int) -> tuple[float, float, float, float]:
        """Left and top of a picture in `original`, and the pixels there for each of its rendition, across and down."""
        left, top, right, bottom = self._frames(self.original.size)[number]
        width, height = self.pictures[number].original.size
        return left, top, (right - left) / width, (bottom - top) / height

    def _frames(self, size: tuple[int, int]) -> list[Frame]:
        """Each picture's place in the photograph at `size` (width, height)."""
        return [pixels(box, size) for box in self.mount.boxes or [(0, 0, 1, 1)]]

    @once
    def _coloured(self) -> list[Colorization]:
        """The pictures with the whole's readout, and their hints."""
        result = []
        for number, (picture, frame) in enumerate(zip(self.pictures, self._frames(self.original.size), strict=True)):
            there = hints_within(self.hints, self.mount, frame, self.original.size)
            _, _, across, down = self._place(number)
            hints = tuple(hint.scaled(1 / across, 1 / down) for _, hint in there)
            shares = tuple(self.shares[each] for each, _ in there)
            result.append(replace(picture, readout=self.readout, hints=hints, shares=shares))
        return result

    def _joined(self, of: Callable[[Colorization], Tensor], around: Tensor) -> Tensor:
        """Maps (C, h, w) of each picture, where they are in the photograph, and `around` (C,) on the mount."""
        scale = min(1.0, math.sqrt(_FINEST / (self.original.width * self.original.height)))
        width, height = (max(1, round(side * scale)) for side in self.original.size)
        whole = around[:, None, None].expand(-1, height, width).clone()
        for picture, (left, top, right, bottom) in zip(self._coloured, self._frames((width, height)), strict=True):
            whole[:, top:bottom, left:right] = upsample_ab(of(picture), (bottom - top, right - left))
        mask = torch.from_numpy(self.mount.mask).float()[None, None]
        on = F.interpolate(mask, (height, width), mode="bilinear", align_corners=False)[0] > 0.5
        return torch.where(on, around[:, None, None], whole)
