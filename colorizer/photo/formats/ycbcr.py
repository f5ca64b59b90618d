"""TIFF's YCbCr as RGB, where it is not for a JPEG decoder."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_PIXELS = 250_000
"""Pixels converted at once."""


@dataclass(frozen=True)
class YCbCr:
    """How 8-bit YCbCr is stored. Defaults are TIFF's."""

    across: int = 2
    down: int = 2
    """Columns and rows of pixels that share a colour difference."""
    luma: tuple[float, ...] = (0.299, 0.587, 0.114)
    """The weights of red, green and blue."""
    reference: tuple[float, ...] = (0, 255, 128, 255, 128, 255)
    """Stored values of black and white, for Y, Cb and Cr."""

    def unpacked(self, blocks: np.ndarray, rows: int, columns: int) -> np.ndarray:
        """Y, Cb and Cr of each pixel (rows, columns, 3), from rows of blocks: of each first its Y, then Cb and Cr."""
        units = blocks.reshape(len(blocks), -1, self.across * self.down + 2)
        y = units[..., :-2].reshape(*units.shape[:2], self.down, self.across).swapaxes(1, 2)
        y = y.reshape(len(blocks) * self.down, -1)[:rows, :columns]
        return np.dstack((y, *(self.spread(units[..., at], rows, columns) for at in (-2, -1))))

    def spread(self, plane: np.ndarray, rows: int, columns: int) -> np.ndarray:
        """A plane of colour differences (h, w) for each pixel: (rows, columns, 1)."""
        return plane.repeat(self.down, axis=0)[:rows].repeat(self.across, axis=1)[:, :columns, None]

    def rgb(self, values: np.ndarray) -> np.ndarray:
        """RGB uint8 of YCbCr uint8 (rows, columns, 3)."""
        black, white = np.array(self.reference, np.float32).reshape(3, 2).T
        red, green, blue = self.luma
        shown, rows = np.empty_like(values), max(1, _PIXELS // values.shape[1])
        for top in range(0, len(values), rows):
            y, cb, cr = np.moveaxis((values[top : top + rows] - black) * ((255, 127, 127) / (white - black)), 2, 0)
            r, b = y + cr * (2 - 2 * red), y + cb * (2 - 2 * blue)
            g = (y - red * r - blue * b) / green
            shown[top : top + rows] = np.rint(np.clip(np.stack((r, g, b), axis=2), 0, 255))
        return shown
