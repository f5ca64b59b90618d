"""Tells plain gray photographs, toned prints, and colour photographs apart."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

_SIDE = 64
"""Longest side of the small version that is judged, in pixels."""
_FAINT = 3.0
"""Chroma that does not count as a hue, in Lab units."""
# Log odds of colours of its own, fitted by logistic regression on 1,500 colour photographs, as many toned ones and 102
# historical prints; the last number lets 97 % of colour photographs pass. `benchmarks.toned_prints` measures both.
_SPREAD, _WARM, _ONE_HUE, _UNEXPLAINED, _REST = 2.559, -1.013, -1.923, 1.112, -2.283
_BLUE_SHADOWS, _NOTHING_ELSE = 0.85, 0.85
"""Shares of a cyanotype's pixels: of those in the shadows that are blue, and of all that are blue or faint."""


def is_grayscale(photo: Image.Image, tolerance: float = 3.0) -> bool:
    """Whether an "RGB" photo has practically no colours: its channels differ by at most `tolerance` levels.

    Judged by the 99th percentile of a small version, so that JPEG noise does not count. A sepia tint counts as colour.
    """
    small = photo.resize((64, 64), Image.Resampling.BOX)
    channels = np.asarray(small, np.int16)
    return bool(np.percentile(channels.max(axis=2) - channels.min(axis=2), 99) <= tolerance)


def has_own_colours(photo: Image.Image) -> bool:
    """Whether an "RGB" photo has colours to compare a prediction with. Black-and-white prints have none, and neither
    have toned ones (sepia, cyanotype), even if they are stained, or faded here more than there.

    A print has few hues, mostly warm or blue ones, and its colour is a function of lightness and of the place on the
    paper: little is left of a and b after that.
    """
    from skimage.color import rgb2lab

    small = photo.copy()
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX, reducing_gap=None)
    if small.width * small.height < 64:
        return False
    lab = rgb2lab(np.asarray(small))
    L, ab = lab[..., 0].ravel(), lab[..., 1:].reshape(-1, 2)
    chroma, hue = np.hypot(*ab.T), np.arctan2(ab[:, 1], ab[:, 0])
    if _is_cyanotype(L, chroma, np.degrees(hue) % 360):
        return False
    mass = np.maximum(chroma - _FAINT, 0)
    whole = mass.sum()
    warm = mass[(hue >= math.radians(25)) & (hue < math.radians(105))].sum()
    odds = _SPREAD * math.log(_spread_at_equal_lightness(L, ab) + 0.3)
    odds += _WARM * (warm + 0.02) / (whole + 1)
    odds += _ONE_HUE * abs((mass * np.exp(1j * hue)).sum()) / (whole + 1e-9)
    odds += _UNEXPLAINED * math.log(_unexplained(L, ab, lab.shape[:2]) + 0.3)
    return bool(odds + _REST > 0)


def _spread_at_equal_lightness(L: np.ndarray, ab: np.ndarray) -> float:
    """How far pixels of about the same lightness lie apart, in Lab units: of each sixteenth of the pixels, the distance
    from its median that one in five exceeds; the mean of these."""
    sixteenth = np.digitize(L, np.quantile(L, np.linspace(0, 1, 17)[1:-1]))
    groups = [ab[sixteenth == each] for each in range(16)]
    apart = [np.linalg.norm(group - np.median(group, axis=0), axis=1) for group in groups if len(group) > 3]
    return float(np.mean([np.percentile(each, 80) for each in apart]))


def _unexplained(L: np.ndarray, ab: np.ndarray, size: tuple[int, int]) -> float:
    """What lightness (to its cube) and place (to its square) do not explain of a and b, in Lab units: one pixel in
    twenty is further off. size: (H, W)."""
    y, x = ((np.indices(size).reshape(2, -1) + 0.5).T / size * 2 - 1).T
    L = L / 100
    terms = np.stack((L**0, L, L**2, L**3, x, y, x * x, y * y, x * y, L * x, L * y, L * x * x, L * y * y), axis=1)
    explained = terms @ np.linalg.lstsq(terms, ab, rcond=None)[0]
    return float(np.percentile(np.linalg.norm(ab - explained, axis=1), 95))


def _is_cyanotype(L: np.ndarray, chroma: np.ndarray, hue: np.ndarray) -> bool:
    """Whether nearly all is blue, the shadows most of all, and the paper pale, unlike photographs of sky, sea or night.
    hue: degrees."""
    blue = (hue > 215) & (hue < 300)
    shadows, paper = np.quantile(L, 0.6) >= L, np.quantile(L, 0.9) <= L
    deepest, lightest = np.quantile(L, (0.1, 0.9))
    contrast = deepest < 42 and lightest - deepest > 30 and np.median(chroma[paper]) < np.median(chroma[shadows])
    in_shadows = (blue & (chroma > 6))[shadows].mean()
    return bool(contrast and in_shadows > _BLUE_SHADOWS and (blue | (chroma < 14)).mean() > _NOTHING_ELSE)
