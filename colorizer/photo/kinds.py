"""Tells plain gray photographs, toned prints, and colour photographs apart."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

_SIDE = 64
"""Longest side of the small version that is judged, in pixels."""
_FAINT = 3.0
"""Chroma that does not count as a hue, in Lab units."""
_UNSEEN = 6.0
"""Chroma of a tone that nobody sees beside the same picture in gray, in Lab units. Of 40 historical prints, 15 have a
tone: nine of at most 5.5, which look gray, and six of at least 8, which do not. `benchmarks toned_prints` counts."""
# Log odds of colours of its own, by what `_evidence` measures. Fitted by logistic regression on colour photographs, on
# prints made of them and on 273 scans of historical ones; the last number lets 97 % of colour photographs pass.
# `benchmarks toned_prints` counts both.
_WEIGHTS = {
    "unexplained": 2.7,
    "spread": 1.9,
    "across": 3.8,
    "along": -0.7,
    "edges": -1.3,
    "chroma": -1.1,
    "reddish": -1.2,
    "cyanotype": -3.0,
}
_REST = -3.9
_BLUE_SHADOWS, _NOTHING_ELSE = 0.85, 0.85
"""Shares of a cyanotype's pixels: of those in the shadows that are blue, and of all that are blue or faint."""


def is_grayscale(photo: Image.Image) -> bool:
    """Whether an "RGB" photo has practically no colours: its channels differ by at most three levels.

    Judged by the 99th percentile of a small version, so that JPEG noise does not count. A sepia tint counts as colour.
    """
    small = photo.resize((64, 64), Image.Resampling.BOX)
    channels = np.asarray(small, np.int16)
    return bool(np.percentile(channels.max(axis=2) - channels.min(axis=2), 99) <= 3)


def looks_gray(photo: Image.Image) -> bool:
    """Whether an "RGB" photo can hardly be told from itself in gray: nearly all of a small version is all but gray."""
    from skimage.color import rgb2lab

    lab = rgb2lab(np.asarray(photo.resize((64, 64), Image.Resampling.BOX)))
    return bool(np.percentile(np.linalg.norm(lab[..., 1:], axis=2), 99) <= _UNSEEN)


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
    evidence = _evidence(L, ab, lab.shape[:2])
    return sum(weight * evidence[name] for name, weight in _WEIGHTS.items()) + _REST > 0


def _evidence(L: np.ndarray, ab: np.ndarray, size: tuple[int, int]) -> dict[str, float]:
    """Measures that tell photographs from prints. L: (N,); ab: (N, 2), in Lab units; size: (H, W), with N = H * W.

    "unexplained": how far off the model of a print (`_left_over`) is in the middle of the picture, where there is no
    mount; one pixel in 33 is further off. "across" and "along": the standard deviations of its residual, in the
    direction of least and of most; stains have one hue, things have many. "edges": the same from one pixel to the next,
    which grain has and stains have not. "chroma": a strong tone fades and stains more. All of these are logarithms.
    "reddish": the mean hue's part along the red axis. "cyanotype": 1 or 0.
    """
    left, (y, x) = _left_over(L, ab, size)
    far, chroma = np.linalg.norm(left, axis=1), np.linalg.norm(ab, axis=1)
    middle = (abs(x) < 0.8) & (abs(y) < 0.8)
    across, along = np.sqrt(np.maximum(np.linalg.eigvalsh(np.cov(left[far <= np.percentile(far, 98)].T)), 0))
    field = left.reshape(*size, 2)
    steps = [np.linalg.norm(np.diff(field, axis=axis), axis=2).ravel() for axis in (0, 1)]
    mass = np.maximum(chroma - _FAINT, 0)
    return {
        "unexplained": math.log(np.percentile(far[middle], 97) + 0.3),
        "spread": math.log(_spread_at_equal_lightness(L, ab) + 0.3),
        "across": math.log(across + 0.2),
        "along": math.log(along + 0.2),
        "edges": math.log(np.percentile(np.concatenate(steps), 75) + 0.1),
        "chroma": math.log(np.median(chroma) + 1),
        "reddish": float((mass * ab[:, 0] / (chroma + 1e-9)).sum() / (mass.sum() + 0.5 * len(mass))),
        "cyanotype": float(_is_cyanotype(L, chroma, np.degrees(np.arctan2(ab[:, 1], ab[:, 0])) % 360)),
    }


def _spread_at_equal_lightness(L: np.ndarray, ab: np.ndarray) -> float:
    """How far pixels of about the same lightness lie apart, in Lab units: of each sixteenth of the pixels, the distance
    from its median that one in five exceeds; the mean of these."""
    sixteenth = np.digitize(L, np.quantile(L, np.linspace(0, 1, 17)[1:-1]))
    groups = [ab[sixteenth == each] for each in range(16)]
    apart = [np.linalg.norm(group - np.median(group, axis=0), axis=1) for group in groups if len(group) > 3]
    return float(np.mean([np.percentile(each, 80) for each in apart]))


def _left_over(L: np.ndarray, ab: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The residual of a and b after the model of a print, (N, 2) in Lab units, and the places (y, x), (2, N) from -1 to
    1. A print's colours are a function of lightness (to its cube), which changes slowly over the paper (to its square).
    Places that are far off, such as a stain, a stamp or a mount, have little weight in the fit."""
    y, x = ((np.indices(size).reshape(2, -1) + 0.5).T / size * 2 - 1).T
    L = L / 100
    terms = np.stack((L**0, L, L**2, L**3, x, y, x * x, y * y, x * y, L * x, L * y, L * x * x, L * y * y), axis=1)
    say = np.ones(len(L))
    for _ in range(4):
        heard = terms * say[:, None]
        kept = np.linalg.solve(heard.T @ terms + 1e-6 * len(L) * np.eye(terms.shape[1]), heard.T @ ab)
        left = ab - terms @ kept
        far = np.linalg.norm(left, axis=1)
        say = 1 / (1 + (far / (1.5 * max(np.median(far), 0.5))) ** 2)
    return left, np.stack((y, x))


def _is_cyanotype(L: np.ndarray, chroma: np.ndarray, hue: np.ndarray) -> bool:
    """Whether nearly all is blue, the shadows most of all, and the paper pale, unlike photographs of sky, sea or night.
    hue: degrees."""
    blue = (hue > 215) & (hue < 300)
    shadows, paper = np.quantile(L, 0.6) >= L, np.quantile(L, 0.9) <= L
    deepest, lightest = np.quantile(L, (0.1, 0.9))
    contrast = deepest < 42 and lightest - deepest > 30 and np.median(chroma[paper]) < np.median(chroma[shadows])
    in_shadows = (blue & (chroma > 6))[shadows].mean()
    return bool(contrast and in_shadows > _BLUE_SHADOWS and (blue | (chroma < 14)).mean() > _NOTHING_ELSE)
