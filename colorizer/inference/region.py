"""Finds the part of a photograph that a hint at a point will colour.

Two points belong together if the path between them crosses few edges, and if the network's features at both are
similar. Edges are jumps of lightness and of the network's own features; the path is the cheapest one (a geodesic
distance, as in Bai and Sapiro, "A geodesic framework for fast interactive image and video segmentation and matting",
ICCV 2007). The weights of the two were fitted to outlines that people drew; see docs/hints.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
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
        self._across = np.add.reduce([_jumps(map_[:, :, 1:] - map_[:, :, :-1]) for map_ in maps])
        self._down = np.add.reduce([_jumps(map_[:, 1:] - map_[:, :-1]) for map_ in maps])
        self._found = lru_cache(64)(self._find)

    def at(self, cells: Sequence[Cell]) -> tuple[np.ndarray, np.ndarray]:
        """How far each cell belongs to any of `cells`: float32 (h, w) in [0, 1], 1 at these; and the edges on the path
        from the nearest of them, float32 (h, w), 0 at these. Both are kept, so never changed. Raises ValueError for no
        cells."""
        if not cells:
            raise ValueError("a region begins somewhere; give a cell or more")
        return self._found(tuple(cells))

    def _find(self, cells: tuple[Cell, ...]) -> tuple[np.ndarray, np.ndarray]:
        rows, columns = (np.array(axis) for axis in zip(*cells, strict=True))
        way = geodesic(self._across, self._down, rows, columns)
        weights = self._weights
        score = weights.start + weights.edges * np.log(way + _NEAR) + weights.distance * self._distance(rows, columns)
        if self._seen:
            score = score + weights.unlike * self._unlike(rows, columns)
        mask = 1 / (1 + np.exp(-score))
        mask[rows, columns] = 1
        return mask.astype(np.float32), way.astype(np.float32)

    def _distance(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Distance from the nearest of the points, in mean sides of the picture."""
        y, x = np.ogrid[: self.size[0], : self.size[1]]
        squares = np.full(self.size, np.inf)
        for row, column in zip(rows, columns, strict=True):
            squares = np.minimum(squares, (y - row) ** 2 + (x - column) ** 2)
        return np.sqrt(squares / (self.size[0] * self.size[1]))

    def _unlike(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Mean 1 - cosine of the features to those around the places, of the most alike of them."""
        total = torch.zeros(len(rows), *self.size)
        for map_, around in zip(self._seen, self._around, strict=True):
            total += 1 - torch.einsum("chw,cn->nhw", map_, F.normalize(around[:, rows, columns], dim=0))
        return (total.amin(dim=0) / len(self._seen)).numpy()

    @once
    def _around(self) -> list[Tensor]:
        """The features around each place."""
        return [F.avg_pool2d(map_[None], 3, 1, 1, count_include_pad=False)[0] for map_ in self._seen]


def geodesic(across: np.ndarray, down: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Cost of the cheapest path from the nearest of the points (rows, columns) to every cell: float64 (h, w).

    across (h, w - 1), down (h - 1, w): the cost of a step from a cell to the next. Computed by sweeps over whole rows
    and columns, which are running minima; it takes as many sweeps as the path has bends.
    """
    height, width = down.shape[0] + 1, across.shape[1] + 1
    tolls = (np.zeros((height, width)), np.zeros((height, width)))
    np.cumsum(down, axis=0, out=tolls[0][1:])
    np.cumsum(across, axis=1, out=tolls[1][:, 1:])
    way = np.full((height, width), 1e6)
    way[rows, columns] = 0
    for _ in range(height + width):
        before = way
        for axis, toll in enumerate(tolls):
            back = np.flip(np.minimum.accumulate(np.flip(way + toll, axis), axis=axis), axis) - toll
            way = np.minimum(np.minimum.accumulate(way - toll, axis=axis) + toll, back)
        if np.allclose(way, before, atol=1e-4):
            break
    way[rows, columns] = 0
    return way


def _directions(features: Tensor, size: tuple[int, int]) -> Tensor:
    """Features (C, h, w) as directions: every channel is normalized to the same mean and spread over the picture, then
    every cell of `size` becomes a unit vector."""
    flat = features.flatten(1)
    spread = flat.std(dim=1, keepdim=True, unbiased=False)
    even = (flat - flat.mean(dim=1, keepdim=True)) / (spread + _NOISE * spread.mean() + 1e-6)
    finer = F.interpolate(even.view_as(features)[None], size, mode="bilinear", align_corners=False)[0]
    return F.normalize(finer, dim=0)


def _jumps(steps: Tensor) -> np.ndarray:
    """Lengths of (C, h, w), float64 (h, w)."""
    return steps.norm(dim=0).double().numpy()
