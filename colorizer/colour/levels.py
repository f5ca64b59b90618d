"""Corrects the levels of a faded print: an optional step before colour, which never happens unasked."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..errors import expect
from .lab import lab_to_rgb, rgb_to_lab
from .whole_photo import grayscale

CLIPPED = 0.5
"""Percent of the pixels that may become black, and as many white."""
MOST_GAIN = 3.0
"""How much contrast may grow at most; more would show the grain."""


def correct_levels(photo: Image.Image) -> Image.Image:
    """A photograph in neutral gray whose darkest parts are black and whose lightest parts are white.

    photo: PIL "RGB". Returns PIL "RGB" of the same size with equal channels: the cast of a toned or yellowed print goes
    too. L is stretched in equal steps, until `CLIPPED` percent of the pixels are black and as many are white, but
    `MOST_GAIN` times at most; black and white then stay as far from the ends as they were, in proportion. Pictures
    of one gray stay as they are.
    """
    expect(photo, Image.Image, "a picture is expected, as colorizer.open_photo gives it")
    gray = grayscale(photo)
    share = np.cumsum(np.bincount(gray.ravel(), minlength=256)) / gray.size
    darkest, lightest = np.searchsorted(share, (CLIPPED / 100, 1 - CLIPPED / 100))
    levels = torch.arange(256) / 255
    L = rgb_to_lab(levels.expand(3, 1, 256))[0, 0]
    table = lab_to_rgb(_gray_of(_stretched(L, float(L[darkest]), float(L[lightest]))))[0, 0]
    values = (table * 255).round().clamp(0, 255).to(torch.uint8).numpy()[gray]
    return Image.fromarray(values).convert("RGB")


def _stretched(L: Tensor, low: float, high: float) -> Tensor:
    """L (n,) in [0, 100], with [low, high] spread over as much of [0, 100] as `MOST_GAIN` lets it."""
    if high <= low:
        return L
    wide = min(100.0, MOST_GAIN * (high - low))
    floor = (100 - wide) * low / (low + 100 - high) if wide < 100 else 0.0
    return (floor + (L - low) * wide / (high - low)).clamp(0, 100)


def _gray_of(L: Tensor) -> Tensor:
    """L (n,) -> Lab (3, 1, n) without colour."""
    return torch.stack([L, torch.zeros_like(L), torch.zeros_like(L)])[:, None]
