"""Decides which crops a step learns from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

Key = tuple[int, int, int]
"""(how often the picture was shown before or the epoch, index of the picture, side of the crop)"""


class Schedule:
    """Endless batches of keys: every picture once per epoch, or groups in balance, and a size for each step.

    Every step has one batch of `batch` keys, a pure function of the seed and the step's number, so that a run can
    resume anywhere. Each of `world` processes yields its part of every batch: `rank` 0 the first keys, and so on.
    start: steps already made. Raises ValueError for a batch that cannot be divided evenly.

    groups: the number of the group that each picture is in, int (count,). An epoch shows a group of n pictures in
    proportion to n ** (1 - balance): at 0 all pictures alike often, at 1 all groups. Pictures that one epoch does not
    show come in the next. No picture of a group comes again before all of the group were seen.
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
        groups: Sequence[int] | np.ndarray | None = None,
        balance: float = 0.0,
    ):
        if batch % world:
            raise ValueError(f"a batch of {batch} cannot be shared by {world} processes; choose a multiple of {world}")
        self.count, self.batch, self.sizes, self.seed, self.start = count, batch, tuple(sizes), seed, start
        self.rank, self.world = rank, world
        self._groups = None if groups is None or not balance else _by_group(np.asarray(groups))
        self._shares = [] if self._groups is None else shares([len(group) for group in self._groups], count, balance)

    def _order(self, epoch: int) -> list[tuple[int, int]]:
        """For every picture that the epoch shows, in order: (how often it was shown before, index)."""
        random = np.random.default_rng((self.seed, 1, epoch))
        if self._groups is None:
            return [(epoch, index) for index in random.permutation(self.count).tolist()]
        keys = []
        for number, (group, share) in enumerate(zip(self._groups, self._shares, strict=True)):
            for passes in range(epoch * share // len(group), ((epoch + 1) * share - 1) // len(group) + 1):
                mixed = np.random.default_rng((self.seed, 3, number, passes)).permutation(group)
                first = passes * len(group)
                mixed = mixed[max(0, epoch * share - first) : (epoch + 1) * share - first]
                keys += [(passes, index) for index in mixed.tolist()]
        return [keys[position] for position in random.permutation(len(keys))]

    def _steps(self) -> Iterator[list[Key]]:
        number = self.start
        epoch, order = -1, list[tuple[int, int]]()
        while True:
            size = int(np.random.default_rng((self.seed, 2, number)).choice(self.sizes))
            keys = []
            for position in range(number * self.batch, (number + 1) * self.batch):
                if position // self.count != epoch:
                    epoch = position // self.count
                    order = self._order(epoch)
                keys.append((*order[position % self.count], size))
            yield keys
            number += 1

    def __iter__(self) -> Iterator[list[Key]]:
        size = self.batch // self.world
        for keys in self._steps():
            yield keys[self.rank * size : (self.rank + 1) * size]


def shares(sizes: Sequence[int], count: int, balance: float) -> list[int]:
    """How many of `count` pictures each group gets, in proportion to its size to the power of 1 - balance. Every group
    gets at least one if `count` allows; the numbers add up to `count`, by largest remainders.
    """
    weights = np.asarray(sizes, float) ** (1 - balance)
    wanted = weights / weights.sum() * (count - len(sizes)) + 1
    whole = np.floor(wanted).astype(int)
    whole[np.argsort(whole - wanted, kind="stable")[: count - whole.sum()]] += 1
    return whole.tolist()


def _by_group(groups: np.ndarray) -> list[np.ndarray]:
    """The positions of the pictures of each group."""
    order = np.argsort(groups, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
