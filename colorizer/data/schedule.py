"""Decides which crops a step learns from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from torch.utils.data import Sampler

Key = tuple[int, int, int]
"""(epoch, index of the picture, side of the crop)"""


class Schedule(Sampler):
    """Endless batches of keys: every picture once per epoch, with a size drawn for each step.

    Every step has one batch of `batch` keys, a pure function of the seed and the step's number, so that a run can
    resume anywhere. Each of `world` processes yields its part of every batch: `rank` 0 the first keys, and so on.
    start: steps already made. Raises ValueError for a batch that cannot be divided evenly.
    """

    def __init__(
        self,
        count: int,
        batch: int,
        sizes: Sequence[int],
        seed: int = 0,
        start: int = 0,
        rank: int = 0,
        world: int = 1,
    ):
        if batch % world:
            raise ValueError(f"a batch of {batch} cannot be shared by {world} processes; choose a multiple of {world}")
        self.count, self.batch, self.sizes, self.seed, self.start = count, batch, tuple(sizes), seed, start
        self.rank, self.world = rank, world

    def _order(self, epoch: int) -> np.ndarray:
        return np.random.default_rng((self.seed, 1, epoch)).permutation(self.count)

    def _steps(self) -> Iterator[list[Key]]:
        number = self.start
        epoch, order = -1, np.empty(0)
        while True:
            size = int(np.random.default_rng((self.seed, 2, number)).choice(self.sizes))
            keys = []
            for position in range(number * self.batch, (number + 1) * self.batch):
                if position // self.count != epoch:
                    epoch = position // self.count
                    order = self._order(epoch)
                keys.append((epoch, int(order[position % self.count]), size))
            yield keys
            number += 1

    def __iter__(self) -> Iterator[list[Key]]:
        size = self.batch // self.world
        for keys in self._steps():
            yield keys[self.rank * size : (self.rank + 1) * size]
