"""The field's measures, by its protocols, always with plain gray beside them.

Protocol of `evaluate` (as in SIGGRAPH17's published evaluation): pictures stretched to 256 x 256, RGB in 8 bits,
PSNR of each picture, then the mean over pictures. Plain gray scores about 23 dB on photographs: a figure without
that row says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

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

    return float(closeness(colours(predicted), colours(truth)).mean())


def closeness(predicted: Tensor, truth: Tensor) -> np.ndarray:
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


@dataclass(frozen=True)
class Measure:
    """One row of `FIGURES`: a measure of closeness, and how it is told."""

    key: str
    """In checkpoints' headers and the API's answers; beside it stand gray_KEY, mean_KEY and, for some, true_KEY. The
    page's words for it are the sentences measure_KEY and measure_KEY_info."""
    label: str
    """Its name in English, as within a sentence."""
    unit: str
    format: str
    """Of a measured value, such as ".2f"."""
    better: Literal["higher", "lower", "truth"]
    """Which direction is better; "truth" is the original's own value, to which results are shown as a ratio."""
    compute: Callable[[np.ndarray, np.ndarray], float]
    """uint8 RGB pictures (H, W, 3), the guess and the truth -> the value."""
    perfect: float = math.inf
    """The value of the truth itself; infinite where there is no end, or where it is the picture's own."""
    most: float = math.inf
    """What one picture may add to a mean: an equal picture's infinity would be all that is left of it."""
    scale: str = ""
    """What its values mean, where that needs more than a direction."""

    @property
    def title(self) -> str:
        """The label and its unit, as over a column."""
        return f"{self.label}, {self.unit}" if self.unit else self.label

    @property
    def heading(self) -> str:
        """The title where nothing else says that a ratio is shown."""
        return f"{self.title} / truth" if self.relative else self.title

    @property
    def relative(self) -> bool:
        """Whether results are shown as a ratio to the truth's own value."""
        return self.better == "truth"

    @property
    def direction(self) -> str:
        """What is better, in a few words."""
        return {"higher": "more is better", "lower": "less is better", "truth": "1 is as in the truth"}[self.better]

    def shown(self, metrics: Mapping[str, Any], whose: str = "") -> float | None:
        """The value as it is shown, from figures as `evaluate` gives them; None where nothing is known. whose: "" for
        the network's, "gray_" for plain gray's, "mean_" for the oracle's that knows each picture's mean colour."""
        value, truth = finite(metrics.get(whose + self.key)), finite(metrics.get(f"true_{self.key}"))
        if value is None or not self.relative:
            return value
        return value / truth if truth else None

    def written(self, value: float | None) -> str:
        """What `shown` gives, in English; a dash where nothing is known."""
        return "–" if value is None else format(value, self.shown_format)

    @property
    def shown_format(self) -> str:
        """Of what `shown` gives."""
        return ".2f" if self.relative else self.format


FIGURES = (
    Measure("psnr", "PSNR", "dB", ".2f", "higher", psnr, most=99.0),
    Measure("delta_e", "ΔE2000", "", ".2f", "lower", delta_e, perfect=0.0),
    Measure("auc", "AuC", "", ".3f", "higher", auc, perfect=1.0),
    Measure(
        "colourfulness", "colourfulness", "", ".1f", "truth", lambda guess, _: colourfulness(guess),
        scale="0 is gray, 33 moderate, 59 strong",
    ),
)  # fmt: skip
"""What is measured. Cards, tables, reports, the page and the API's answers follow from it. The first is what rows are
sorted by; its gain over plain gray is shown with it. Read as `metrics.FIGURES`, so that a row more is seen everywhere.
"""


def finite(value: Any) -> float | None:
    """A number as it is, and None for whatever else a file may hold in its place."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def figures_of(metrics: Mapping[str, Any], whose: str = "") -> dict[str, float | None]:
    """What is shown of a set of figures, by key: `Measure.shown` of each."""
    return {row.key: row.shown(metrics, whose) for row in FIGURES}


def gain(metrics: Mapping[str, Any], whose: str = "") -> float | None:
    """How far the first of `FIGURES`, PSNR in dB, is over plain gray's; None where it was not measured."""
    own, gray = (FIGURES[0].shown(metrics, row) for row in (whose, "gray_"))
    return None if own is None or gray is None else own - gray


def headings(ratios: bool = False) -> list[str]:
    """Over the columns of `cells`. ratios: whether those that are ratios to the truth's are said to be."""
    first, *others = (row.heading if ratios else row.title for row in FIGURES)
    return [first, "over gray", *others]


def cells(metrics: Mapping[str, Any], whose: str = "") -> list[str]:
    """A row of a table in English: each of `FIGURES`, and after the first its gain over plain gray."""
    first, *others = (row.written(row.shown(metrics, whose)) for row in FIGURES)
    above = gain(metrics, whose)
    return [first, "–" if above is None else f"{above:+.2f}", *others]


def measure(guess: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Each of `FIGURES` of uint8 RGB pictures (H, W, 3)."""
    return {row.key: row.compute(guess, truth) for row in FIGURES}


def reference(original: Image.Image) -> dict[str, float]:
    """What every figure has to be read beside: `measure` of plain gray (gray_*) and of the oracle that knows the
    picture's mean colour (mean_*), and the truth's own value where that is the best (true_*). `original` is "RGB" and
    stretched to 256 x 256 first."""
    import torch

    from .whole_photo import join

    truth = _stretched(original)
    rows = {"gray_": join(truth, torch.zeros(2, 1, 1)), "mean_": own_mean(truth)}
    measured = {row + name: figure for row, picture in rows.items() for name, figure in measure(picture, truth).items()}
    return {**measured, **{f"true_{row.key}": row.compute(truth, truth) for row in FIGURES if row.relative}}


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
    most = {whose + row.key: row.most for row in FIGURES for whose in ("", "gray_", "mean_")}
    means = {key: float(np.mean([min(each[key], most.get(key, math.inf)) for each in rows])) for key in rows[0]}
    return {**means, "psnr_gain": means["psnr"] - means["gray_psnr"], "pictures": len(rows)}
