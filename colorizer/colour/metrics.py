"""The field's measures, by its protocols, always compared with plain gray.

Protocol of `evaluate` (as in SIGGRAPH17's published evaluation): pictures stretched to 256 x 256, RGB in 8 bits,
PSNR of each picture, then the mean over pictures. Plain gray scores about 23 dB on photographs, so a figure means
nothing without that comparison.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from torch import Tensor

PROTOCOL_SIDE = 256
NEARLY_GRAY = 6.0
"""A picture of less `colourfulness` looks gray, or like a print in one tone."""


def psnr(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Peak signal-to-noise ratio of uint8 RGB pictures (H, W, 3), in dB; infinite for equal pictures."""
    mse = np.mean((predicted.astype(np.float64) - truth) ** 2)
    return float("inf") if mse == 0 else float(10 * np.log10(255**2 / mse))


def delta_e(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Mean CIEDE2000 difference of uint8 RGB pictures (H, W, 3); about 1 is just noticeable."""
    from skimage.color import deltaE_ciede2000

    return float(deltaE_ciede2000(_lab(truth).numpy(), _lab(predicted).numpy(), channel_axis=0).mean())


def colourfulness(picture: np.ndarray) -> float:
    """Hasler and Suesstrunk's (2003) measure with signed opponent channels, of a uint8 RGB picture (H, W, 3).

    On their scale 0 is gray, 33 is moderately colourful and 59 is quite colourful.
    """
    r, g, b = np.moveaxis(picture.astype(np.float64), -1, 0)
    rg, yb = r - g, (r + g) / 2 - b
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))


def auc(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Area under the cumulative histogram of ab errors, thresholds 0 to 150 Lab units, in [0, 1]; 1 is perfect.

    For uint8 RGB pictures (H, W, 3). Zhang, Isola and Efros (ECCV 2016): the share of pixels within each distance of
    the truth, averaged over distances. Plain gray scores about 0.89 on photographs.
    """
    return float(closeness(_lab(predicted)[1:], _lab(truth)[1:]).mean())


def closeness(predicted: Tensor, truth: Tensor) -> np.ndarray:
    """Share of the thresholds 0, 1 ... 150 that each pixel's ab error is within: (2, H, W) twice -> (H, W) in [0, 1].

    Its mean over pixels is the mean over thresholds of the share of pixels.
    """
    error = (predicted - truth).square().sum(dim=0).sqrt().numpy()
    return np.clip((150 - np.ceil(error) + 1) / 151, 0, 1)


def own_mean(truth: np.ndarray) -> np.ndarray:
    """The picture with every colour replaced by its mean ab: an oracle that shows the best a single tint can do. uint8
    RGB (H, W, 3) -> the same."""
    import torch

    from .whole_photo import join

    mean = _lab(truth)[1:].numpy().mean(axis=(1, 2), keepdims=True)
    return join(truth, torch.from_numpy(mean).float())


def _lab(picture: np.ndarray) -> Tensor:
    """Lab of a uint8 RGB picture (H, W, 3), float64 (3, H, W). Several measures need that of one picture, and several
    guesses have one truth: so the last few are remembered, if they are as small as the protocols' pictures."""
    if picture.size > 3 * PROTOCOL_SIDE**2:
        return _converted(picture)
    return _remembered(picture.tobytes(), picture.shape)


@lru_cache(maxsize=4)
def _remembered(content: bytes, shape: tuple[int, ...]) -> Tensor:
    return _converted(np.frombuffer(content, np.uint8).reshape(shape))


def _converted(picture: np.ndarray) -> Tensor:
    from .lab import picture_to_lab

    return picture_to_lab(picture)


@dataclass(frozen=True)
class Measure:
    """One row of `FIGURES`: a measure of closeness, and how it is presented."""

    key: str
    """Its name in checkpoints' headers and the API's answers, next to gray_KEY, mean_KEY and, for some, true_KEY. The
    page's texts for it are measure_KEY and measure_KEY_info."""
    label: str
    """Its English name, as used within a sentence."""
    unit: str
    format: str
    """Format of a measured value, such as ".2f"."""
    better: Literal["higher", "lower", "truth"]
    """Which direction is better; "truth" means the original's own value, and results are shown as a ratio to it."""
    compute: Callable[[np.ndarray, np.ndarray], float]
    """uint8 RGB pictures (H, W, 3), the guess and the truth -> the value."""
    perfect: float = math.inf
    """The value of the truth itself; infinite if unbounded, or if it depends on the picture."""
    most: float = math.inf
    """Most that one picture may add to a mean: otherwise one perfect picture would make the mean infinite."""
    scale: str = ""
    """The meaning of its values, if the direction alone does not tell."""

    @property
    def title(self) -> str:
        """The label and its unit, for a column heading."""
        return f"{self.label}, {self.unit}" if self.unit else self.label

    @property
    def heading(self) -> str:
        """The title, with a note if a ratio is shown."""
        return f"{self.title} / truth" if self.relative else self.title

    @property
    def relative(self) -> bool:
        """Whether results are shown as a ratio to the truth's own value."""
        return self.better == "truth"

    @property
    def direction(self) -> str:
        """Which direction is better, in a few words."""
        return {"higher": "more is better", "lower": "less is better", "truth": "1 is as in the truth"}[self.better]

    def shown(self, metrics: Mapping[str, Any], whose: str = "") -> float | None:
        """The value to show, from the figures of `evaluate`; None if unknown. whose: "" for the network, "gray_" for
        plain gray, "mean_" for the oracle that knows each picture's mean colour."""
        value, truth = finite(metrics.get(whose + self.key)), finite(metrics.get(f"true_{self.key}"))
        if value is None or not self.relative:
            return value
        return value / truth if truth else None

    def written(self, value: float | None) -> str:
        """The result of `shown` in English; a dash if unknown."""
        return "–" if value is None else format(value, self.shown_format)

    @property
    def shown_format(self) -> str:
        """Format of the result of `shown`."""
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
"""All measures. Cards, tables, reports, the page and the API's answers are made from them. Rows are sorted by the first
one, which is shown with its gain over plain gray. Use `metrics.FIGURES`, so that a new row appears everywhere.
"""


def finite(value: Any) -> float | None:
    """A finite number unchanged, and None for anything else that a file may hold."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def counted(count: float, what: str) -> str:
    """A whole number of things in English: "1 picture", "1,234 pictures"."""
    return f"{count:,.0f} {what}{'' if count == 1 else 's'}"


def figures_of(metrics: Mapping[str, Any], whose: str = "") -> dict[str, float | None]:
    """`Measure.shown` of each measure, by key."""
    return {row.key: row.shown(metrics, whose) for row in FIGURES}


def gain(metrics: Mapping[str, Any], whose: str = "") -> float | None:
    """Gain of the first of `FIGURES`, PSNR in dB, over plain gray; None if not measured."""
    own, gray = (FIGURES[0].shown(metrics, row) for row in (whose, "gray_"))
    return None if own is None or gray is None else own - gray


def headings(ratios: bool = False) -> list[str]:
    """Headings for the columns of `cells`. ratios: whether to mark the columns that are ratios to the truth."""
    first, *others = (row.heading if ratios else row.title for row in FIGURES)
    return [first, "over gray", *others]


def cells(metrics: Mapping[str, Any], whose: str = "") -> list[str]:
    """A table row in English: each of `FIGURES`, with the first one's gain over plain gray after it."""
    first, *others = (row.written(row.shown(metrics, whose)) for row in FIGURES)
    above = gain(metrics, whose)
    return [first, "–" if above is None else f"{above:+.2f}", *others]


def measure(guess: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Compute each of `FIGURES` for uint8 RGB pictures (H, W, 3)."""
    return {row.key: row.compute(guess, truth) for row in FIGURES}


def reference(original: Image.Image) -> dict[str, float]:
    """Figures to compare with: `measure` of plain gray (gray_*) and of the oracle that knows the picture's mean colour
    (mean_*), and the truth's own value if that is the best (true_*). `original` is "RGB" and is stretched to 256 x 256
    first."""
    import torch

    from .whole_photo import join

    truth = _stretched(original)
    rows = {"gray_": join(truth, torch.zeros(2, 1, 1)), "mean_": own_mean(truth)}
    measured = {row + name: figure for row, picture in rows.items() for name, figure in measure(picture, truth).items()}
    return {**measured, **{f"true_{row.key}": row.compute(truth, truth) for row in FIGURES if row.relative}}


def compare(
    predicted: Image.Image, original: Image.Image, beside: Mapping[str, float] | None = None
) -> dict[str, float]:
    """`measure` of a prediction and the `reference` of its original (pass `beside` if it is already known).

    Both pictures are "RGB" and have one size. They are stretched to 256 x 256 first, as for published figures.
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
    """`compare` averaged over photographs, which are stretched to 256 x 256 before they are coloured.

    colorize: "RGB" photo -> "RGB" prediction of the same size. references: `reference` of each photo, if known. Adds
    `pictures`, their number, and `psnr_gain`, the mean of psnr - gray_psnr. Raises ValueError if there are no
    photographs.
    """
    return average(measure_photos(colorize, photos, references))


def measure_photos(
    colorize: Callable[[Image.Image], Image.Image],
    photos: Iterable[Image.Image],
    references: Sequence[Mapping[str, float]] | None = None,
) -> list[dict[str, float]]:
    """`compare` of each photograph, as averaged by `evaluate`."""
    rows = []
    for i, photo in enumerate(photos):
        stretched = photo.resize((PROTOCOL_SIDE, PROTOCOL_SIDE), Image.Resampling.BICUBIC)
        rows.append(compare(colorize(stretched), stretched, references[i] if references else None))
    return rows


def average(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The means that `evaluate` returns, from the figures of single photographs; raises ValueError for no rows."""
    if not rows:
        raise ValueError("there are no photographs to evaluate on")
    most = {whose + row.key: row.most for row in FIGURES for whose in ("", "gray_", "mean_")}
    means = {key: float(np.mean([min(each[key], most.get(key, math.inf)) for each in rows])) for key in rows[0]}
    return {**means, "psnr_gain": means["psnr"] - means["gray_psnr"], "pictures": len(rows)}
