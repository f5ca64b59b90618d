"""What kind of photograph it is: plain gray, a print in one tone, or one with colours of its own."""

from __future__ import annotations

import numpy as np
from PIL import Image


def is_grayscale(photo: Image.Image, tolerance: float = 3.0) -> bool:
    """Whether an "RGB" photo carries no colours to speak of: its channels differ by `tolerance` levels at most.

    Judged on a small version by its 99th percentile, so that JPEG noise does not count; a sepia tint does count as
    colour.
    """
    small = photo.resize((64, 64), Image.Resampling.BOX)
    channels = np.asarray(small, np.int16)
    return bool(np.percentile(channels.max(axis=2) - channels.min(axis=2), 99) <= tolerance)


def has_own_colours(photo: Image.Image, spread: float = 2.7) -> bool:
    """Whether an "RGB" photo has colours that a prediction can be compared with; black-and-white prints have none, nor
    have those in one tone (sepia, cyanotype), even a tone that changes with lightness.

    In one tone, a and b are functions of lightness: colours count as their own when more than 5 % of the pixels of a
    small version lie further than `spread` Lab units from a cubic fitted to them. (Of 40 historical photographs all
    lie within 2.6 units; of 150 colour photographs two do.)
    """
    from skimage.color import rgb2lab

    small = photo.copy()
    small.thumbnail((64, 64), Image.Resampling.BICUBIC)
    lab = rgb2lab(np.asarray(small)).reshape(-1, 3)
    powers = np.vander(lab[:, 0] / 100, 4)
    fitted = powers @ np.linalg.lstsq(powers, lab[:, 1:], rcond=None)[0]
    return bool(np.percentile(np.linalg.norm(lab[:, 1:] - fitted, axis=1), 95) > spread)
