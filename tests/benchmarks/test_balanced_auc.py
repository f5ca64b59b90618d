"""Rebalanced AuC, by hand and by its definition."""

import numpy as np
import pytest
from conftest import colour_photo
from skimage.color import rgb2lab

from benchmarks.flagship.balanced_auc import BalancedAuc
from colorizer.colour import bins, metrics


def patches(*colours: tuple[int, int, int]) -> np.ndarray:
    """A row of pixels, uint8 (1, N, 3)."""
    return np.array([colours], np.uint8)


def closeness(colour, true) -> float:
    """The share of the thresholds 0, 1 ... 150 that are not below the ab error, counted one by one."""
    error = np.linalg.norm(rgb2lab(patches(colour))[0, 0, 1:] - rgb2lab(patches(true))[0, 0, 1:])
    return float(np.mean([error <= t for t in range(151)]))


GRAY, RED, BLUE = (119, 119, 119), (210, 60, 50), (40, 70, 190)


def test_rebalanced_auc_by_hand():
    """Four pixels gray, two red, one blue, in two pictures; all guessed gray: every colour counts a third."""
    balanced = BalancedAuc()
    truth = patches(GRAY, GRAY, GRAY, GRAY, RED, RED, BLUE)
    for part in (truth[:, :5], truth[:, 5:]):
        balanced.add(patches(*[GRAY] * part.shape[1]), part)
    expected = (1 + closeness(GRAY, RED) + closeness(GRAY, BLUE)) / 3
    assert balanced.value == pytest.approx(expected, abs=1e-6)
    assert metrics.auc(patches(*[GRAY] * 7), truth) == pytest.approx(
        (4 + 2 * closeness(GRAY, RED) + closeness(GRAY, BLUE)) / 7, abs=1e-6
    )
    assert balanced.value < metrics.auc(patches(*[GRAY] * 7), truth)


def test_rebalanced_auc_weights_pixels_by_one_over_the_frequency_of_their_bin():
    random = np.random.default_rng(0)
    pictures = [np.asarray(colour_photo(24, 16, seed=i)) for i in range(3)]
    balanced, weight, close = BalancedAuc(), [], []
    nearest = []
    for truth in pictures:
        guess = np.clip(truth + random.normal(0, 30, truth.shape), 0, 255).astype(np.uint8)
        balanced.add(guess, truth)
        ab, ours = (rgb2lab(picture)[..., 1:].reshape(-1, 2) for picture in (truth, guess))
        centres = bins.in_gamut_centres().numpy()
        nearest.append(np.linalg.norm(ab.round()[:, None] - centres, axis=2).argmin(axis=1))
        error = np.linalg.norm(ab - ours, axis=1)
        close.append(np.mean([error <= t for t in range(151)], axis=0))
    counts = np.bincount(np.concatenate(nearest), minlength=len(centres))
    weight = 1 / counts[np.concatenate(nearest)]
    assert balanced.value == pytest.approx(np.average(np.concatenate(close), weights=weight), abs=2e-3)  # ties
