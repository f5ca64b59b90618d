"""Tells plain gray photographs, prints in one tone, and colour photographs apart."""

from __future__ import annotations

import numpy as np
from PIL import Image


def is_grayscale(photo: Image.Image, tolerance: float = 3.0) -> bool:
    """Whether an "RGB" photo has practically no colours: its channels differ by at most `tolerance` levels.

    Judged by the 99th percentile of a small version, so that JPEG noise does not count. A sepia tint counts as colour.
    """
    small = photo.resize((64, 64), Image.Resampling.BOX)
    channels = np.asarray(small, np.int16)
    return bool(np.percentile(channels.max(axis=2) - channels.min(axis=2), 99) <= tolerance)


def has_own_colours(photo: Image.Image, spread: float = 2.7) -> bool:
    """Whether an "RGB" photo has colours to compare a prediction with. Black-and-white prints have none, and neither
    have prints in one tone (sepia, cyanotype), even if the tone changes with lightness.

    In a print in one tone, a and b are functions of lightness. A photo has its own colours if more than 5 % of the
    pixels of a small version lie further than `spread` Lab units from a cubic fitted to them. (All of 40 historical
    photographs lie within 2.6 units; of 150 colour photographs two do.)
    """
    from skimage.color import rgb2lab

    small = photo.copy()
    small.thumbnail((64, 64), Image.Resampling.BICUBIC)
    lab = rgb2lab(np.asarray(small)).reshape(-1, 3)
    powers = np.vander(lab[:, 0] / 100, 4)
    fitted = powers @ np.linalg.lstsq(powers, lab[:, 1:], rcond=None)[0]
    return bool(np.percentile(np.linalg.norm(lab[:, 1:] - fitted, axis=1), 95) > spread)
