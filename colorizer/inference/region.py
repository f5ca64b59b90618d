"""Finds the part of a photograph that a hint at a point will colour.

Two points belong together if the path between them crosses few edges, and if the network's features at both are
similar. Edges are jumps of lightness and of the network's own features; the path is the cheapest one (a geodesic
distance, as in Bai and Sapiro, "A geodesic framework for fast interactive image and video segmentation and matting",
ICCV 2007). The weights of the two were fitted to outlines that people drew; see docs/hints.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..runtime.once import once

Cell = tuple[int, int]
"""Row and column on the grid of `Regions.size`."""

COARSENESS = 4
"""Ratio of the network's input sides to the grid's sides, if there are no features."""
_STEP = 20.0
"""A jump of lightness that counts as one edge, in units of L."""
_NEAR = 0.1
"""Edges added to every path, so that the area right around the hinted point is uniform."""
_NOISE = 1e-3
"""Share of the features' mean spread added to each channel's own, so that a constant channel adds no noise."""
_FAR = 1e4
"""More edges than any path crosses."""
SPAN = 128
"""Longest side of a grid in an exported graph."""


@dataclass(frozen=True)
class _Weights:
    """Weights of the evidence, as log-odds."""

    start: float
    edges: float
    """For each e-fold of the edges crossed."""
    distance: float
    """Per distance between the points, in mean sides of the picture."""
    unlike: float
    """For the mean of 1 - cosine over the features."""
    lightness: float
    """Weight of a jump of `_STEP`, relative to a jump of features of length 1."""


_WITH_FEATURES = _Weights(start=12.1, edges=-4.5, distance=0.0, unlike=-4.1, lightness=0.5)
_LIGHTNESS_ALONE = _Weights(start=3.2, edges=-3.2, distance=-9.8, unlike=0.0, lightness=1.0)


class Regions:
    """A photograph's edges, computed once for any number of points."""

    def __init__(self, L: Tensor, features: Sequence[Tensor] = ()):
        """L (H, W) in [0, 100]; features (C, h, w), each at its own resolution, finest first. Without features, only
        lightness counts."""
        height, width = L.shape
        coarse = (max(1, height // COARSENESS), max(1, width // COARSENESS))
        self.size: tuple[int, int] = (features[0].shape[1], features[0].shape[2]) if features else coarse
        """(h, w) of the grid on which regions are found."""
        self._weights = _WITH_FEATURES if features else _LIGHTNESS_ALONE
        light = F.adaptive_avg_pool2d(L.float().cpu()[None], self.size) * (self._weights.lightness / _STEP)
        self._seen = [_directions(map_.float().cpu(), self.size) for map_ in features]
        maps = (light, *self._seen)
        self._across = torch.stack([(map_[:, :, 1:] - map_[:, :, :-1]).norm(dim=0) for map_ in maps]).sum(dim=0)
        self._down = torch.stack([(map_[:, 1:] - map_[:, :-1]).norm(dim=0) for map_ in maps]).sum(dim=0)
        self._found = lru_cache(64)(self._find)

    def at(self, cells: Sequence[Cell]) -> tuple[Tensor, Tensor]:
        """How far each cell belongs to any of `cells`: float32 (h, w) in [0, 1], 1 at these; and the edges on the path
        from the nearest of them, float32 (h, w), 0 at these. Both are kept, so never changed. Raises ValueError for no
        cells."""
        if not cells:
            raise ValueError("a region begins somewhere; give a cell or more")
        return self._found(tuple(cells))

    def _find(self, cells: tuple[Cell, ...]) -> tuple[Tensor, Tensor]:
        places = torch.tensor([row * self.size[1] + column for row, column in cells])
        masks, ways = self.around(places, torch.ones(1, len(cells), dtype=torch.bool))
        return masks[0], ways[0]

    def around(self, places: Tensor, groups: Tensor) -> tuple[Tensor, Tensor]:
        """The same two for several groups of cells at once, (G, h, w). places: int64 (P,), cells by their number, row
        by row; groups: bool (G, P), which of them are in each group, perhaps none."""
        height, width = self.size
        counts = torch.zeros(groups.shape[0], height * width)
        counts = counts.scatter_add(1, places.expand(groups.shape[0], -1), groups.float())
        begins = (counts > 0).view(-1, height, width)
        ways = geodesic(self._across, self._down, begins)
        weights = self._weights
        score = weights.start + weights.edges * torch.log(ways + _NEAR)
        if weights.distance:
            score = score + weights.distance * _nearest(self._squares(places), groups).sqrt()
        if self._seen:
            score = score + weights.unlike * _nearest(self._unlike(places), groups)
        return torch.where(begins, 1.0, score.sigmoid()), ways

    def _squares(self, places: Tensor) -> Tensor:
        """Squared distance from each of the places, in mean sides of the picture: (P, h, w)."""
        height, width = self.size
        rows, columns = (places // width)[:, None, None], (places % width)[:, None, None]
        away = (torch.arange(height)[:, None] - rows).square() + (torch.arange(width) - columns).square()
        return away / (height * width)

    def _unlike(self, places: Tensor) -> Tensor:
        """Mean 1 - cosine of the features to those around each of the places: (P, h, w)."""
        unlike = []
        for map_, around in zip(self._seen, self._around, strict=True):
            here = F.normalize(around.flatten(1)[:, places], dim=0)
            unlike.append(1 - torch.einsum("chw,cn->nhw", map_, here))
        return torch.stack(unlike).mean(dim=0)

    @once
    def _around(self) -> list[Tensor]:
        """The features around each place."""
        return [F.avg_pool2d(map_[None], 3, 1, 1, count_include_pad=False)[0] for map_ in self._seen]


def geodesic(across: Tensor, down: Tensor, begins: Tensor) -> Tensor:
    """Cost of the cheapest path from the nearest of the cells where `begins`, bool (G, h, w), to every cell: (G, h, w).

    across (h, w - 1), down (h - 1, w): the cost of a step from a cell to the next. Computed by sweeps over whole rows
    and columns, which are running minima; it takes as many sweeps as the path has bends.
    """
    tolls = (F.pad(down, (0, 0, 1, 0)).cumsum(dim=0), F.pad(across, (1, 0)).cumsum(dim=1))

    def sweep(count: Tensor, before: Tensor, ways: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        shorter = ways
        for axis, toll in enumerate(tolls, 1):
            ahead = _running_minimum(shorter - toll, axis) + toll
            back = _running_minimum((shorter + toll).flip(axis), axis).flip(axis) - toll
            shorter = torch.minimum(ahead, back)
        return count + 1, ways.clone(), shorter

    def unsettled(count: Tensor, before: Tensor, ways: Tensor) -> Tensor:
        return (count < ways.shape[1] + ways.shape[2]) & ((before - ways).max() > 1e-4)

    ways = torch.where(begins, 0.0, _FAR).to(across)
    _, _, ways = repeated(unsettled, sweep, (torch.tensor(0), ways + 1, ways))
    return torch.where(begins, 0.0, ways)


def _running_minimum(values: Tensor, axis: int) -> Tensor:
    """The least of (G, h, w) up to each place, along an axis."""
    if not torch.compiler.is_exporting():
        return values.cummin(dim=axis).values
    # ONNX has no such operator. Each step doubles how many places before it a minimum is of.
    reach = 1
    while reach < SPAN:
        earlier = F.pad(values, (0, 0, reach, 0) if axis == 1 else (reach, 0), value=2 * _FAR)
        values = torch.minimum(values, earlier.narrow(axis, 0, values.shape[axis]))
        reach *= 2
    return values


def _nearest(values: Tensor, groups: Tensor) -> Tensor:
    """The least of values (P, h, w) among the members of each group, bool (G, P): (G, h, w)."""
    return torch.where(groups[:, :, None, None], values, _FAR).amin(dim=1)


def _directions(features: Tensor, size: tuple[int, int]) -> Tensor:
    """Features (C, h, w) as directions: every channel is normalized to the same mean and spread over the picture, then
    every cell of `size` becomes a unit vector."""
    flat = features.flatten(1)
    spread = flat.std(dim=1, keepdim=True, unbiased=False)
    even = (flat - flat.mean(dim=1, keepdim=True)) / (spread + _NOISE * spread.mean() + 1e-6)
    finer = F.interpolate(even.view_as(features)[None], size, mode="bilinear", align_corners=False)[0]
    return F.normalize(finer, dim=0)


def repeated(going: Callable[..., torch.Tensor], step: Callable[..., tuple[Any, ...]], state: tuple[Any, ...]) -> Any:
    """`state` after as many steps as `going(*state)` asks for, each of which returns the next state: tensors of the
    same shapes. In an exported graph it is a loop."""
    if torch.compiler.is_exporting():
        return torch.while_loop(going, step, state)
    while going(*state):
        state = step(*state)
    return state
