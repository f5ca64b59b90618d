"""The field's measures, by its protocols, always with plain gray beside them.

Protocol of `evaluate` (as in SIGGRAPH17's published evaluation): pictures stretched to 256 x 256, RGB in 8 bits,
PSNR of each picture, then the mean over pictures. Plain gray scores about 23 dB on photographs: a figure without
that row says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from PIL import Image

PROTOCOL_SIDE = 256


def psnr(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Peak signal-to-noise ratio of uint8 RGB pictures (H, W, 3), in dB; infinite for equal pictures."""
    mse = np.mean((predicted.astype(np.float64) - truth) ** 2)
    return float("inf") if mse == 0 else float(10 * np.log10(255**2 / mse))


def delta_e(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Mean CIEDE2000 difference of uint8 RGB pictures (H, W, 3); about 1 is just noticeable."""
    from skimage.color import deltaE_ciede2000, rgb2lab

    return float(deltaE_ciede2000(rgb2lab(truth), rgb2lab(predicted)).mean())


def colourfulness(picture: np.ndarray) -> float:
    """Hasler and Suesstrunk's (2003) measure with signed opponent channels, of a uint8 RGB picture (H, W, 3).

    0 is gray, 33 moderately and 59 quite colourful in their scale.
    """
    r, g, b = np.moveaxis(picture.astype(np.float64), -1, 0)
    rg, yb = r - g, (r + g) / 2 - b
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))


def compare(predicted: Image.Image, original: Image.Image) -> dict[str, float]:
    """psnr, delta_e and colourfulness of a prediction, the same of plain gray (gray_*), and true_colourfulness.

    Both pictures "RGB" and of one size. They are stretched to 256 x 256 first, as published figures are.
    """
    from .lab import join

    side = (PROTOCOL_SIDE, PROTOCOL_SIDE)
    guess, truth = (np.asarray(p.resize(side, Image.Resampling.BICUBIC)) for p in (predicted, original))
    import torch

    gray = join(truth, torch.zeros(2, 1, 1))
    return {
        "psnr": psnr(guess, truth),
        "delta_e": delta_e(guess, truth),
        "colourfulness": colourfulness(guess),
        "gray_psnr": psnr(gray, truth),
        "gray_delta_e": delta_e(gray, truth),
        "gray_colourfulness": colourfulness(gray),
        "true_colourfulness": colourfulness(truth),
    }


def evaluate(colorize: Callable[[Image.Image], Image.Image], photos: Iterable[Image.Image]) -> dict[str, float]:
    """`compare` averaged over photographs, each stretched to 256 x 256 before it is coloured.

    colorize: "RGB" photo -> "RGB" prediction of the same size. Adds `pictures`, their number, and `psnr_gain`, the
    mean of psnr - gray_psnr. Raises ValueError when there are no photographs.
    """
    rows = []
    for photo in photos:
        stretched = photo.resize((PROTOCOL_SIDE, PROTOCOL_SIDE), Image.Resampling.BICUBIC)
        rows.append(compare(colorize(stretched), stretched))
    if not rows:
        raise ValueError("there are no photographs to evaluate on")
    means = {key: float(np.mean([min(row[key], 99.0) for row in rows])) for key in rows[0]}
    return {**means, "psnr_gain": means["psnr"] - means["gray_psnr"], "pictures": len(rows)}
