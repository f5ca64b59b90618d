"""Figures that need a whole set of photographs: rebalanced AuC, and whether a distribution over bins is calibrated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from benchmarks.common import svg
from colorizer.colour import bins
from colorizer.colour.lab import colours
from colorizer.colour.metrics import closeness


@dataclass
class BalancedAuc:
    """Rebalanced AuC of a set of pictures: every colour, not every pixel, has the same weight. Most pixels are nearly
    gray, and with this measure gray is no longer a safe answer.

    Zhang, Isola and Efros (ECCV 2016) weight each pixel by one over the frequency of its true colour. Here, exactly:
    the bin of a pixel is the one of `bins.in_gamut_centres(10)` nearest to its true ab, and frequencies are counted
    over all pixels of all evaluated pictures. So every bin that occurs gets the same weight, and `value` is the mean
    over these bins of the AuC of the pixels in each.

    It needs the whole set, so it is not in `metrics.FIGURES`, which measure single pictures. Fewer pictures have fewer
    rare colours and score higher. So compare only figures of the same pictures, and compare them with plain gray (58.0
    of 100 in the paper, whose prior is ImageNet's and smoothed).
    """

    close: np.ndarray = field(init=False)
    """Sum of the closeness of the pixels of each bin, float64 (Q,)."""
    count: np.ndarray = field(init=False)
    """Pixels of each bin, float64 (Q,)."""

    def __post_init__(self) -> None:
        self.close, self.count = np.zeros((2, len(bins.in_gamut_centres())))

    def add(self, predicted: np.ndarray, truth: np.ndarray) -> None:
        """Add one picture: prediction and truth, both uint8 RGB (H, W, 3)."""
        true = colours(truth)
        nearest = bins.soft_encode(true[None], neighbours=1)[0].flatten().numpy()
        close = closeness(colours(predicted), true).flatten()
        self.close += np.bincount(nearest, weights=close, minlength=len(self.close))
        self.count += np.bincount(nearest, minlength=len(self.count))

    @property
    def value(self) -> float:
        """In [0, 1]; 1 is perfect. Raises ValueError without pictures."""
        occurs = self.count > 0
        if not occurs.any():
            raise ValueError("there are no photographs to evaluate on")
        return float((self.close[occurs] / self.count[occurs]).mean())


@dataclass
class Reliability:
    """Whether of colours predicted with 30 %, three in ten are true: predicted and true frequencies, in `cells` equal
    steps of the predicted probability of the likeliest bin.

    After Guo et al., "On Calibration of Modern Neural Networks" (ICML 2017), with soft labels: a colour between bins
    counts in part for each of them, with the same shares as `bins.soft_encode` in training.
    """

    cells: int = 15
    promised: Tensor = field(init=False)
    """Sum of the predicted probabilities of the likeliest bins, (cells,)."""
    true: Tensor = field(init=False)
    """Sum of the truth's share in them, (cells,)."""
    count: Tensor = field(init=False)
    """Number of pixels, (cells,)."""
    surprise: float = field(init=False, default=0.0)
    """Sum over pixels of the cross-entropy of truth and prediction, in nats."""

    def __post_init__(self) -> None:
        self.promised, self.true, self.count = (torch.zeros(self.cells, dtype=torch.float64) for _ in range(3))

    def add(self, logits: Tensor, ab: Tensor, centres: Tensor, temperature: float = 1.0) -> None:
        """Take note of predictions (B, Q, h, w) and the true colours (B, 2, h, w), Lab units."""
        best, chosen = (logits.float() / temperature).softmax(dim=1).max(dim=1)
        index, weight = bins.soft_encode(ab, centres)
        self.surprise += float(bins.cross_entropy(logits / temperature, ab, centres)) * best.numel()
        share = (weight * (index == chosen[:, None])).sum(dim=1)
        cell = (best * self.cells).long().clamp(max=self.cells - 1).flatten().cpu()
        for total, values in ((self.promised, best), (self.true, share), (self.count, torch.ones_like(best))):
            total.index_add_(0, cell, values.flatten().double().cpu())

    @property
    def error(self) -> float:
        """Expected calibration error: the mean distance of prediction and truth over pixels, in [0, 1]."""
        return float((self.promised - self.true).abs().sum() / self.count.sum().clamp(min=1))

    def points(self) -> list[tuple[float, float, float]]:
        """(predicted, true, share of the pixels) of every step with pixels: the reliability diagram."""
        total = self.count.sum()
        rows = zip(self.promised.tolist(), self.true.tolist(), self.count.tolist(), strict=True)
        return [(p / n, t / n, n / float(total)) for p, t, n in rows if n]


class Calibration:
    """Reliability at several temperatures, with one prediction per photograph."""

    def __init__(self, temperatures: Sequence[float] = (0.7, 0.8, 0.9, 1.0, 1.1, 1.2)):
        self.at = {temperature: Reliability() for temperature in temperatures}
        """Temperature -> its reliability."""

    def add(self, logits: Tensor, ab: Tensor, centres: Tensor) -> None:
        """Take note of predictions (B, Q, h, w) and the true colours (B, 2, h, w), Lab units."""
        for temperature, reliability in self.at.items():
            reliability.add(logits, ab, centres, temperature)

    @property
    def best_temperature(self) -> float:
        """The temperature at which the truth is likeliest (least cross-entropy); it calibrates p after training."""
        return min(self.at, key=lambda temperature: self.at[temperature].surprise)


def reliability_diagram(series: Mapping[str, Reliability]) -> str:
    """Predicted against true probability as SVG, by label. The area of a point is its share of the pixels."""
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    axes.plot((0, 1), (0, 1), "--", color="0.6", linewidth=1)
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel="promised probability", ylabel="true")
    for colour, (label, reliability) in zip(("#2563a8", "#c2571a"), series.items(), strict=False):
        promised, true, share = zip(*reliability.points(), strict=True)
        areas = [max(7.0, 700 * each) for each in share]
        axes.scatter(promised, true, areas, colour, alpha=0.6, label=label, clip_on=False)
    for shown in axes.legend(loc="upper left", frameon=False).legend_handles:
        shown.set_sizes([40])
    return svg(figure)
