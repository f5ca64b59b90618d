"""How a film codes its pixels, and the chroma that goes with its own luma.

A film's luma Y' stays as it is, to the last level. Its chroma is computed at the resolution at which it is stored.
Sources: ITU-R BT.601-7, BT.709-6, BT.2020-2.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from ..colour.whole_photo import join, lightness

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

MATRICES = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}
"""The shares of red and blue in luma, by the number of a colour space in H.273."""
BT709, BT601 = 1, 6
_LIMITED, _FULL = 1, 2


@dataclass(frozen=True)
class Coding:
    """How luma and chroma are numbers."""

    bits: int
    """8 or 10."""
    full: bool
    """Whether black and white are the lowest and highest levels; else they are 16 and 235, of 8 bits."""
    colorspace: int
    """Number of the matrix in H.273, one of `MATRICES`."""
    primaries: int
    transfer: int
    """Numbers of these in H.273, as the film has them; 2 where it does not say."""

    @property
    def plain(self) -> str:
        """The format of pixels to which unusual ones are converted."""
        return "yuv444p" if self.bits == 8 else "yuv444p10le"

    def conversion(self, frame: VideoFrame) -> dict[str, Any]:
        """Arguments of `VideoFrame.reformat` for a frame of any format."""
        return {"dst_colorspace": self.colorspace, "dst_color_range": _FULL if self.full else _LIMITED}

    def gray(self, luma: np.ndarray) -> np.ndarray:
        """Luma as a gray on sRGB's curve: uint16 (H, W)."""
        black, white = self._ends()
        table = (np.arange(1 << self.bits, dtype=np.float64) - black) / (white - black)
        return (table.clip(0, 1) * 65535).round().astype(np.uint16).take(luma)

    def chroma(self, luma: np.ndarray, ab: Tensor) -> tuple[np.ndarray, np.ndarray]:
        """Cb and Cr of the colours ab (2, h, w), Lab units, for luma at the resolution of chroma, float or integer
        (H, W): of luma's type, as levels of this coding."""
        import cv2

        fine = np.stack([cv2.resize(each, luma.shape[::-1], interpolation=cv2.INTER_CUBIC) for each in ab.numpy()])
        rgb = join(self.gray(luma), torch.from_numpy(fine), bits=16).astype(np.float32) / 65535
        red, blue = MATRICES[self.colorspace]
        mixed = rgb @ np.array([red, 1 - red - blue, blue], np.float32)
        scale = (1 << self.bits - 8) * (255 if self.full else 224)
        middle, most = 1 << self.bits - 1, (1 << self.bits) - 1
        pair = ((rgb[..., 2] - mixed) / (2 - 2 * blue), (rgb[..., 0] - mixed) / (2 - 2 * red))
        both = (middle + scale * each for each in pair)
        return tuple(np.rint(each).clip(0, most).astype(luma.dtype) for each in both)  # type: ignore[return-value]

    def limited(self, luma: np.ndarray) -> np.ndarray:
        """Luma of full range as levels from 16 to 235, of 8 bits."""
        unit, most = 1 << self.bits - 8, (1 << self.bits) - 1
        table = 16 * unit + np.arange(most + 1) * (219 * unit / most)
        return np.rint(table).astype(luma.dtype).take(luma)

    def lightness(self, luma: np.ndarray) -> Tensor:
        """L of luma: float32 (H, W) in [0, 100]."""
        import cv2

        levels = lightness(self.gray(np.arange(1 << self.bits)[None]))[0].numpy()
        return torch.from_numpy(cv2.LUT(luma, levels) if self.bits == 8 else levels.take(luma))

    def _ends(self) -> tuple[float, float]:
        """Levels of black and white."""
        unit = 1 << self.bits - 8
        return (0, (1 << self.bits) - 1) if self.full else (16 * unit, 235 * unit)


def coding_of(frame: VideoFrame) -> Coding:
    """The coding of a film with such a frame. What it does not say is as players guess it."""
    name = frame.format.name
    bits = 8 if max(each.bits for each in frame.format.components) == 8 else 10
    rgb = frame.format.is_rgb
    full = not rgb and (frame.color_range == _FULL or name.startswith("yuvj"))
    full = full or (frame.color_range != _LIMITED and name.startswith("gray"))
    guess = BT709 if frame.height >= 720 or rgb else BT601
    space = frame.colorspace if frame.colorspace in MATRICES else guess
    return Coding(bits, full, space, frame.color_primaries, frame.color_trc)


def halved(luma: np.ndarray, across: int, down: int) -> np.ndarray:
    """Luma at the resolution of chroma: the means of `across` x `down` pixels, rounded, of luma's type. The last row
    and column count twice where a pixel is missing."""
    height, width = luma.shape
    padded = np.pad(luma, ((0, -height % down), (0, -width % across)), "edge").astype(np.uint16)
    total = reduce(np.add, (padded[row::down, column::across] for row in range(down) for column in range(across)))
    count = across * down
    return ((total + count // 2) // count).astype(luma.dtype)


def shrunk(L: Tensor, size: tuple[int, int]) -> Tensor:
    """L (H, W) at the size (h, w) of a network's input."""
    return torch.nn.functional.interpolate(L[None, None], size, mode="bilinear", antialias=True, align_corners=False)[
        0, 0
    ]
