"""Rebalanced AuC, which needs all pictures of a set."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from colorizer.colour.bins import in_gamut_centres, soft_encode
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
        self.close, self.count = np.zeros((2, len(in_gamut_centres())))

    def add(self, predicted: np.ndarray, truth: np.ndarray) -> None:
        """Add one picture: prediction and truth, both uint8 RGB (H, W, 3)."""
        true = colours(truth)
        nearest = soft_encode(true[None], neighbours=1)[0].flatten().numpy()
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
