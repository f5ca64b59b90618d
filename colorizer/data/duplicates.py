"""Finds pictures that are there already, by their pixels or by a hash that hardly changes with size and quality."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

NEAR = 3
"""Two pictures count as one if their difference hashes differ in at most this many of 64 bits."""
NEAR_WITHOUT = 6
"""The same for pictures that must not be kept, mirrored or not: losing a picture costs less than measuring on a known
one."""


def difference_hash(photo: Image.Image) -> int:
    """64 bits: for 9 x 8 gray cells, whether each is darker than the one to its right.

    Another size, other compression or a little more light changes only a few of the bits.
    """
    cells = np.asarray(photo.convert("L").resize((9, 8), Image.Resampling.BOX), np.int16)
    bits = cells[:, :-1] < cells[:, 1:]
    # Every quarter takes bits from all over the picture: skies would fill whole quarters with zeros.
    return int.from_bytes(np.packbits(bits.reshape(16, 4).T).tobytes(), "big")


@dataclass
class Kept:
    """The pictures kept so far, to look up by pixels or by difference hash."""

    without: dict[int, str] = field(default_factory=dict)
    """Difference hashes of pictures that must not be kept, and their names."""
    by_pixels: dict[str, str] = field(default_factory=dict)
    by_quarter: dict[tuple[int, int], list[tuple[int, str]]] = field(default_factory=dict)

    def add(self, file: str, pixels: str, look: int) -> None:
        """Remember a picture that was kept: where, the hash of its pixels, and its difference hash."""
        self.by_pixels[pixels] = file
        for quarter in _quarters(look):
            self.by_quarter.setdefault(quarter, []).append((look, file))

    def similar(self, look: int) -> str:
        """The file of a kept picture whose difference hash is at most NEAR bits from `look`, or ""."""
        # Three bits cannot change all four quarters, so a neighbour shares one at least.
        for quarter in _quarters(look):
            for other, file in self.by_quarter.get(quarter, ()):
                if (look ^ other).bit_count() <= NEAR:
                    return file
        return ""

    def unwanted(self, look: int) -> str:
        """The name of a picture that must not be kept and whose hash is at most NEAR_WITHOUT bits from `look`, or
        ""."""
        return next((name for other, name in self.without.items() if (look ^ other).bit_count() <= NEAR_WITHOUT), "")


def _quarters(look: int) -> Iterable[tuple[int, int]]:
    return ((i, look >> 16 * i & 0xFFFF) for i in range(4))
