"""A photograph with a mount (`mount`): each picture on it is coloured by itself, and the mount is of one colour."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ..colour.lab import upsample_ab
from ..runtime.once import once
from .colorization import Colorization
from .doubts import Doubt
from .hints import Hint
from .mount import Mount, pixels

Frame = tuple[int, int, int, int]
"""Left, top, right, bottom, in pixels."""

_FINEST = 1 << 20
"""Most pixels of the maps that join pictures and mount. Coarser ones would show as a fringe along the mount."""


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
    row, column = int(y * height / photo_size[1]), int(x * width / photo_size[0])
    return bool(mount.mask[min(max(row, 0), height - 1), min(max(column, 0), width - 1)])


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

    def suggest(self, x: float, y: float, count: int = 5) -> list[tuple[float, float]]:
        """Suggestions; for a point on the mount, those of the nearest picture."""
        number, column, row = self._picture_at(x, y)
        return self.pictures[number].suggest(column, row, count)

    def probability(self, x: float, y: float, ab: tuple[float, float] | str) -> float:
        number, column, row = self._picture_at(x, y)
        return self.pictures[number].probability(column, row, ab)

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
