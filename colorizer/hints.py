"""Colour hints: what a person says about a spot, as a network reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class Hint(NamedTuple):
    """A colour given at a point of the upright photograph.

    x, y: pixels, (0, 0) is the top left corner. ab: Lab units. radius: in pixels of the photograph, how far around
    the point the colour is meant to hold at least; 0 lets the network's grid decide.
    """

    x: float
    y: float
    ab: tuple[float, float]
    radius: float = 0.0


def rasterize(hints: Sequence[Hint], photo_size: tuple[int, int], size: tuple[int, int], patch: int = 7) -> Tensor:
    """Hints as planes a, b (Lab units) and mask (0 or 1): float32 (1, 3, H, W) for a network fed at `size` (H, W).

    `photo_size` is the (H, W) the hints' points refer to. A hint covers a square of `patch` pixels at least, a size
    that networks see in training. Later hints cover earlier ones. Raises ValueError for a point outside the photo.
    """
    (photo_height, photo_width), (height, width) = photo_size, size
    planes = torch.zeros(1, 3, height, width)
    for hint in hints:
        if not (0 <= hint.x < photo_width and 0 <= hint.y < photo_height):
            raise ValueError(
                f"the hint at ({hint.x:g}, {hint.y:g}) lies outside the photo, {photo_width} x {photo_height} pixels"
            )
        x, y = hint.x * width / photo_width, hint.y * height / photo_height
        half_x = max(patch / 2, hint.radius * width / photo_width)
        half_y = max(patch / 2, hint.radius * height / photo_height)
        rows = slice(max(0, round(y - half_y)), max(1, round(y + half_y)))
        columns = slice(max(0, round(x - half_x)), max(1, round(x + half_x)))
        a, b = hint.ab
        planes[0, :, rows, columns] = torch.tensor([a, b, 1.0])[:, None, None]
    return planes


def simulate(ab: Tensor, generator: torch.Generator, stop: float = 1 / 8, full: float = 0.01) -> Tensor:
    """Hints as a user might give them, from the truth: ab (B, 2, H, W) -> (B, 3, H, W).

    The number of patches per picture is geometric with stop probability `stop` (often 0, 7 on average); sides are
    uniform in 1-9 pixels, centres normal around the middle, the colour is the mean inside; a share `full` of the
    pictures is revealed whole. After Zhang et al., "Real-Time User-Guided Image Colorization" (SIGGRAPH 2017).
    """
    batch, _, height, width = ab.shape
    planes = torch.zeros(batch, 3, height, width, device=ab.device)

    def uniform() -> float:
        return float(torch.rand((), generator=generator))

    for i in range(batch):
        if uniform() < full:
            planes[i, :2], planes[i, 2] = ab[i], 1
            continue
        while uniform() >= stop:
            side = int(torch.randint(1, 10, (), generator=generator))
            centre = torch.randn(2, generator=generator) / 4 + 0.5
            top = min(max(0, int(centre[0] * height) - side // 2), height - side)
            left = min(max(0, int(centre[1] * width) - side // 2), width - side)
            patch = (slice(top, top + side), slice(left, left + side))
            planes[i, :2, patch[0], patch[1]] = ab[i, :, patch[0], patch[1]].mean(dim=(1, 2), keepdim=True)
            planes[i, 2, patch[0], patch[1]] = 1
    return planes
