"""The colours that a result can have: sRGB's, or those of wider spaces, relative to the white of D65."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .lab import RGB_FROM_XYZ, WHITE

LEVELS = (1 << 16) - 1
"""Steps of a linear value between 0 and 1, as tables count them; the darkest 8-bit level spans 20 of them."""


@dataclass(frozen=True, eq=False)
class Gamut:
    """A space of colours with its transfer curve."""

    from_xyz: np.ndarray
    """float64 (3, 3), from XYZ whose white is D65's to linear red, green and blue."""
    gamma: float = 0.0
    """The curve's exponent; 0 for sRGB's curve."""

    @cached_property
    def from_y(self) -> np.ndarray:
        """Red, green and blue in steps, from Y in steps: float32 (3, 1)."""
        return (self.from_xyz[:, 1:2] * WHITE.numpy()[1]).astype(np.float32)

    @cached_property
    def from_xz(self) -> np.ndarray:
        """Red, green and blue in steps, from X and Z, which are 1 for white: float32 (3, 2)."""
        return (self.from_xyz * WHITE.numpy() * LEVELS)[:, ::2].astype(np.float32)

    def levels(self, linear: np.ndarray, bits: int) -> np.ndarray:
        """Stored values of linear ones in steps, which may lie outside the range from black to white: uint8 or uint16
        of the same shape."""
        if bits == 8:
            return self.table.take(linear.astype(np.int64), mode="clip")
        stored = self.encoded(np.clip(linear * np.float32(1 / LEVELS), 0, 1))
        stored *= np.float32(65535)
        return np.rint(stored, out=stored).astype(np.uint16)

    def encoded(self, linear: np.ndarray) -> np.ndarray:
        """Apply the transfer curve to values in [0, 1]."""
        kind = linear.dtype.type
        if self.gamma:
            return linear ** kind(1 / self.gamma)
        high = kind(1.055) * np.maximum(linear, kind(0.0031308)) ** kind(1 / 2.4) - kind(0.055)
        return np.where(linear > kind(0.0031308), high, linear * kind(12.92))

    @cached_property
    def table(self) -> np.ndarray:
        """The 8-bit level for linear values between each step and the next: uint8."""
        linear = (np.arange(LEVELS + 1) + 0.5) / LEVELS
        return np.rint(np.minimum(self.encoded(linear), 1) * 255).astype(np.uint8)


def _of_primaries(*columns: tuple[float, float]) -> np.ndarray:
    """From XYZ, for the x and y of red, green and blue."""
    xyz = np.array([(x / y, 1, (1 - x - y) / y) for x, y in columns]).T
    return np.linalg.inv(xyz * np.linalg.solve(xyz, WHITE.numpy()))


SRGB = Gamut(RGB_FROM_XYZ.numpy())
GAMUTS = {
    "srgb": SRGB,
    "adobe-rgb": Gamut(_of_primaries((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)), 563 / 256),
    "display-p3": Gamut(_of_primaries((0.68, 0.32), (0.265, 0.69), (0.15, 0.06))),
}
"""By the names of `photo.profiles.SPACES`."""
