"""The field's measures, by its protocols, always with plain gray beside them.

Protocol of `evaluate` (as in SIGGRAPH17's published evaluation): pictures stretched to 256 x 256, RGB in 8 bits,
PSNR of each picture, then the mean over pictures. Plain gray scores about 23 dB on photographs: a figure without
that row says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from torch import Tensor

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


def auc(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Area under the cumulative histogram of ab errors, thresholds 0 to 150 Lab units, in [0, 1]; 1 is perfect.

    Of uint8 RGB pictures (H, W, 3). Zhang, Isola and Efros (ECCV 2016): what share of the pixels is within each
    distance of the truth, averaged over distances; plain gray scores about 0.89 on photographs.
    """
    from .lab import colours

    return float(_closeness(colours(predicted), colours(truth)).mean())


@dataclass
class BalancedAuc:
    """Rebalanced AuC of a set of pictures, in which every colour counts alike and not every pixel: gray, which most
    pixels nearly are, is no safe answer any more.

    Zhang, Isola and Efros (ECCV 2016) weight each pixel by one over the frequency of its true colour. Here exactly:
    the bin of a pixel is the one of `bins.in_gamut_centres(10)` nearest to its true ab, and frequencies are measured
    on the evaluated pictures themselves, all pixels of all pictures together. So every bin that occurs in them gets
    the same weight, and `value` is the mean over these bins of the AuC of the pixels in each.

    It needs the whole set, for which reason `measure` of a single picture has no such figure. Fewer pictures have
    fewer rare colours and score higher: compare figures of the same pictures only, with plain gray (58.0 of 100 in the
    paper, whose prior is ImageNet's and smoothed) beside them.
    """

    close: np.ndarray = field(init=False)
    """Sum of the closeness of the pixels of each bin, float64 (Q,)."""
    count: np.ndarray = field(init=False)
    """Pixels of each bin, float64 (Q,)."""

    def __post_init__(self) -> None:
        from .bins import in_gamut_centres

        self.close, self.count = np.zeros((2, len(in_gamut_centres())))

    def add(self, predicted: np.ndarray, truth: np.ndarray) -> None:
        """Take note of one picture: uint8 RGB (H, W, 3), both."""
        from .bins import soft_encode
        from .lab import colours

        true = colours(truth)
        nearest = soft_encode(true[None], neighbours=1)[0].flatten().numpy()
        close = _closeness(colours(predicted), true).flatten()
        self.close += np.bincount(nearest, weights=close, minlength=len(self.close))
        self.count += np.bincount(nearest, minlength=len(self.count))

    @property
    def value(self) -> float:
        """In [0, 1]; 1 is perfect. Raises ValueError before there is a picture."""
        occurs = self.count > 0
        if not occurs.any():
            raise ValueError("there are no photographs to evaluate on")
        return float((self.close[occurs] / self.count[occurs]).mean())


def _closeness(predicted: Tensor, truth: Tensor) -> np.ndarray:
    """Which share of the thresholds 0, 1 ... 150 each pixel's ab error is within: (2, H, W) twice -> (H, W) in [0, 1].

    Its mean over pixels is the mean over thresholds of the share of pixels.
    """
    error = (predicted - truth).square().sum(dim=0).sqrt().numpy()
    return np.clip((150 - np.ceil(error) + 1) / 151, 0, 1)


def own_mean(truth: np.ndarray) -> np.ndarray:
    """The picture with every colour replaced by the picture's own mean ab: the best that one tint can do, as an
    oracle. uint8 RGB (H, W, 3) -> the same."""
    from .lab import colours
    from .whole_photo import join

    return join(truth, colours(truth).mean(dim=(1, 2))[:, None, None])


def measure(guess: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """psnr, delta_e, auc and colourfulness of uint8 RGB pictures (H, W, 3)."""
    return {
        "psnr": psnr(guess, truth),
        "delta_e": delta_e(guess, truth),
        "auc": auc(guess, truth),
        "colourfulness": colourfulness(guess),
    }


def reference(original: Image.Image) -> dict[str, float]:
    """What every figure has to be read beside: `measure` of plain gray (gray_*) and of the oracle that knows the
    picture's mean colour (mean_*), and true_colourfulness. `original` is "RGB" and stretched to 256 x 256 first."""
    import torch

    from .whole_photo import join

    truth = _stretched(original)
    rows = {"gray_": join(truth, torch.zeros(2, 1, 1)), "mean_": own_mean(truth)}
    measured = {row + name: figure for row, picture in rows.items() for name, figure in measure(picture, truth).items()}
    return {**measured, "true_colourfulness": colourfulness(truth)}


def compare(
    predicted: Image.Image, original: Image.Image, beside: Mapping[str, float] | None = None
) -> dict[str, float]:
    """`measure` of a prediction and the `reference` of its original (`beside`, where it is known already).

    Both pictures "RGB" and of one size. They are stretched to 256 x 256 first, as published figures are.
    """
    beside = reference(original) if beside is None else beside
    return {**measure(_stretched(predicted), _stretched(original)), **beside}


def _stretched(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.resize((PROTOCOL_SIDE, PROTOCOL_SIDE), Image.Resampling.BICUBIC))


def evaluate(
    colorize: Callable[[Image.Image], Image.Image],
    photos: Iterable[Image.Image],
    references: Sequence[Mapping[str, float]] | None = None,
) -> dict[str, float]:
    """`compare` averaged over photographs, each stretched to 256 x 256 before it is coloured.

    colorize: "RGB" photo -> "RGB" prediction of the same size. references: `reference` of each photo, where known.
    Adds `pictures`, their number, and `psnr_gain`, the mean of psnr - gray_psnr. Raises ValueError when there are no
    photographs.
    """
    return average(measured(colorize, photos, references))


def measured(
    colorize: Callable[[Image.Image], Image.Image],
    photos: Iterable[Image.Image],
    references: Sequence[Mapping[str, float]] | None = None,
) -> list[dict[str, float]]:
    """`compare` of each photograph, as `evaluate` averages them."""
    rows = []
    for i, photo in enumerate(photos):
        stretched = photo.resize((PROTOCOL_SIDE, PROTOCOL_SIDE), Image.Resampling.BICUBIC)
        rows.append(compare(colorize(stretched), stretched, references[i] if references else None))
    return rows


def average(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The means that `evaluate` gives, of the figures of single photographs; raises ValueError when there are none."""
    if not rows:
        raise ValueError("there are no photographs to evaluate on")
    means = {
        key: float(np.mean([min(row[key], 99.0) if key.endswith("psnr") else row[key] for row in rows]))
        for key in rows[0]
    }
    return {**means, "psnr_gain": means["psnr"] - means["gray_psnr"], "pictures": len(rows)}
