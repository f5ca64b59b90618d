"""Decides which crops a step learns from, and makes batches of them, uint8, which depend only on (seed, epoch, index,
size)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..errors import PhotoError
from ..runtime.threads import in_order
from .files import NEAR_GRAY, NOTHING_TO_LEARN, DataError, Picture, mean_chroma, open_training_photo
from .packed import Packed

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


def draws(seed: int, keys: Sequence[Key]) -> np.ndarray:
    """Four numbers in [0, 1) for each key, float64 (B, 4): a hash of seed, epoch and index.

    Making a random generator for every picture would take longer than the crop. SplitMix64 (Steele, Lea, Flood 2014).
    """
    state = np.full(len(keys), seed % 2**64, np.uint64)
    for part in np.asarray(keys, np.uint64).reshape(-1, 3).T[:2]:
        state = _mixed(state + _GOLDEN) ^ part
    numbers = _mixed(_mixed(state + _GOLDEN)[:, None] + np.arange(1, 5, dtype=np.uint64) * _GOLDEN)
    return (numbers >> np.uint64(11)) * 2.0**-53


_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def _mixed(bits: np.ndarray) -> np.ndarray:
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def random_boxes(sizes: np.ndarray, smallest: float, numbers: np.ndarray) -> np.ndarray:
    """Random boxes (left, top, right, bottom) in pixels, float64 (B, 4), inside pictures of `sizes` (B, 2) = (w, h).

    A box has a shape between a square and the picture's own; if `smallest` is 1, it is the whole picture. numbers:
    four for each picture, in [0, 1).
    """
    width, height = sizes.T.astype(np.float64)
    square, scale, x, y = numbers.T  # square: 0 keeps the picture's shape, to be stretched; 1 makes a square box
    square = square if smallest < 1 else np.zeros_like(square)
    scale = smallest + (1 - smallest) * scale
    crop_width = scale * width * np.minimum(1, height / width) ** square
    crop_height = scale * height * np.minimum(1, width / height) ** square
    left, top = x * (width - crop_width), y * (height - crop_height)
    return np.stack((left, top, left + crop_width, top + crop_height), axis=1)


def crop(photo: Image.Image, box: np.ndarray, size: int) -> np.ndarray:
    """uint8 (size, size, 3): the part of the photo in the box, antialiased when reduced."""
    part = photo.resize((size, size), Image.Resampling.BILINEAR, box=tuple(box.tolist()))
    return np.asarray(part)


@dataclass
class Crops:
    """Random crops as uint8 (3, size, size) with their class or -1, from files decoded each time or packed pictures.

    When files are decoded each time, an unreadable or near-gray picture is replaced by the next one in the list.
    """

    pictures: list[Picture] | Packed
    seed: int = 0
    smallest: float = 0.5
    """Smallest side of a crop, as a share of the picture's side."""
    labels: Mapping[Picture, int] = field(default_factory=dict)
    """The class of each picture whose class is known."""
    skipped: set[Picture] = field(default_factory=set)

    def batch(self, keys: Sequence[Key]) -> tuple[Tensor, Tensor]:
        """Crops uint8 (B, 3, size, size) and classes int64 (B,) of the keys, which all have one size."""
        size = keys[0][2]
        photos, pictures = zip(*(self._photo(index) for _, index, _ in keys), strict=True)
        sizes = np.array([photo.size for photo in photos])
        boxes = random_boxes(sizes, self.smallest, draws(self.seed, keys))
        crops = np.empty((len(keys), size, size, 3), np.uint8)
        for i, (photo, box) in enumerate(zip(photos, boxes, strict=True)):
            crops[i] = crop(photo, box, size)
        labels = torch.tensor([self.labels.get(picture, -1) for picture in pictures])
        return torch.from_numpy(crops).permute(0, 3, 1, 2), labels

    def _photo(self, index: int) -> tuple[Image.Image, Picture]:
        if isinstance(self.pictures, Packed):
            return Image.fromarray(self.pictures.image(index)), self.pictures.pictures[index]
        for step in range(len(self.pictures)):
            picture = self.pictures[(index + step) % len(self.pictures)]
            if picture in self.skipped:
                continue
            try:
                photo = open_training_photo(picture)
            except PhotoError:
                self.skipped.add(picture)
                continue
            if mean_chroma(photo) < NEAR_GRAY:
                self.skipped.add(picture)
                continue
            return photo, picture
        raise DataError(NOTHING_TO_LEARN)


def batches(
    crops: Crops, schedule: Schedule, threads: int, device: torch.device | str | None = None
) -> Iterator[tuple[Tensor, Tensor]]:
    """The schedule's batches in order, on `device`, made by so many threads (at least one) while the caller works on
    earlier ones. Raises DataError if no picture is usable."""
    pin = device is not None and torch.device(device).type == "cuda"

    def make(keys: Sequence[Key]) -> tuple[Tensor, Tensor]:
        pictures, labels = crops.batch(keys)
        return (pictures.pin_memory(), labels.pin_memory()) if pin else (pictures, labels)

    threads = max(1, threads)
    with ThreadPoolExecutor(threads, thread_name_prefix="crops") as pool:
        for pictures, labels in in_order(pool, make, schedule, threads + 1):
            yield pictures.to(device, non_blocking=True), labels.to(device, non_blocking=True)
