"""Where a network does not know the colour of a whole thing: the places where a visitor's word helps most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..colour import bins
from .region import Regions

Ab = tuple[float, float]

CANDIDATES = 9
"""Places whose things are looked at: those where the prediction is widest, apart from each other."""
APART = 6
"""They are at least this part of the longer side apart."""
WIDE = 16.0
"""A prediction is wide from this spread on, in Lab units: for most photographs' sky and skin it is less."""
ALIKE = 0.97
"""From this Bhattacharyya coefficient on, two predictions are about one thing that something stands in front of."""
LEAST, MOST = 0.015, 0.5
"""Shares of the picture that a thing covers: not a button, and not all that there is."""
INSIDE = 0.5
"""A cell belongs to a thing from this value of its mask on."""


@dataclass(frozen=True)
class Doubt:
    """A thing of which a network does not know the colour."""

    x: float
    y: float
    """A point on it, in pixels of the photograph."""
    share: float
    """How much of the picture it covers, in (0, 1]."""
    spread: float
    """How wide the prediction is there: the standard deviation of its colours, Lab units."""
    colours: tuple[Ab, ...]
    """The likeliest colours of the whole thing, (a, b), likeliest first."""


def doubts(
    p: Tensor, centres: Tensor, regions: Regions, size: tuple[int, int], said: Sequence[tuple[float, float]], most: int
) -> list[Doubt]:
    """At most `most` things with the widest predictions, those first of which a colour helps most: coverage times
    spread. Empty where nothing is wide.

    p (Q, h, w): probabilities. centres (Q, 2): Lab units. size: (H, W) of the photograph. said: points, in its pixels,
    on things whose colour somebody said.
    """
    width = spread(p, centres)
    grid = regions.size
    wide = F.adaptive_avg_pool2d(width[None, None], grid)[0, 0]
    likely = F.adaptive_avg_pool2d(p[None], grid)[0]
    known = [(int(y * grid[0] / size[0]), int(x * grid[1] / size[1])) for x, y in said]
    found = []
    for row, column in _peaks(wide, max(grid) // APART):
        mask, _ = regions.at([(row, column)])
        inside = mask > INSIDE
        share = float(inside.float().mean())
        about = float(wide[inside].mean())
        if about >= WIDE and LEAST <= share <= MOST and not any(inside[cell] for cell in known):
            found.append((share * about, row, column, share, about, inside))
    found.sort(key=lambda each: -each[0])
    taken: list[Tensor] = []
    result: list[Doubt] = []
    for _, row, column, share, about, inside in found:
        thing = likely[:, inside].mean(dim=1)
        if len(result) == most:
            break
        if any(float((other * thing).sqrt().sum()) > ALIKE for other in taken):
            continue
        colours = bins.top_modes(thing, centres, 5)
        if len(colours) > 1:
            taken.append(thing)
            x, y = (column + 0.5) * size[1] / grid[1], (row + 0.5) * size[0] / grid[0]
            result.append(Doubt(x, y, share, about, tuple(colours)))
    return result


def spread(p: Tensor, centres: Tensor) -> Tensor:
    """The standard deviation of a distribution's colours: p (Q, h, w), centres (Q, 2) -> (h, w), Lab units."""
    mean = torch.einsum("qhw,qc->chw", p, centres)
    square = torch.einsum("qhw,q->hw", p, centres.square().sum(dim=1))
    return (square - mean.square().sum(dim=0)).clamp(min=0).sqrt()


def _peaks(values: Tensor, apart: int) -> list[tuple[int, int]]:
    """The cells of the highest values, highest first, at least `apart` cells from each other and within the frame."""
    left = F.avg_pool2d(values[None, None], 3, 1, 1, count_include_pad=False)[0, 0].clone()
    peaks = []
    for _ in range(CANDIDATES):
        row, column = divmod(int(left.argmax()), left.shape[1])
        if left[row, column] < 0:
            break
        peaks.append((row, column))
        left[max(0, row - apart) : row + apart + 1, max(0, column - apart) : column + apart + 1] = -1
    return peaks
