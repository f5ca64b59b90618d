"""Levels of faded prints: stretched as far as promised, without a cast, and never beyond."""

import numpy as np
import pytest
from PIL import Image
from skimage.color import lab2rgb, rgb2lab

from colorizer.colour.levels import MOST_GAIN, correct_levels


def ramp(low: float, high: float, ab=(0.0, 0.0)) -> Image.Image:
    """A picture whose L runs from low to high, in one tone."""
    L = np.tile(np.linspace(low, high, 400), (20, 1))
    lab = np.stack([L, np.full_like(L, ab[0]), np.full_like(L, ab[1])], axis=-1)
    return Image.fromarray((lab2rgb(lab) * 255).round().astype(np.uint8))


def L_of(picture: Image.Image) -> np.ndarray:
    return rgb2lab(np.asarray(picture))[..., 0]


@pytest.mark.parametrize("tone", [(0.0, 0.0), (6.0, 18.0), (-4.0, -14.0)])
def test_a_faded_toned_print_becomes_neutral_and_full_of_contrast(tone):
    corrected = correct_levels(ramp(30, 80, tone))
    pixels = np.asarray(corrected)
    assert (pixels == pixels[..., :1]).all()
    L = L_of(corrected)
    assert L.min() < 1
    assert L.max() > 99
    steps = np.diff(L[0][20:-20:20])
    assert steps.std() < 0.5, "equal steps of lightness stay equal"


def test_a_print_that_is_not_faded_stays():
    before = ramp(0, 100)
    assert np.abs(L_of(correct_levels(before)) - L_of(before)).max() < 1.5


def test_contrast_grows_no_further_than_promised():
    L = L_of(correct_levels(ramp(60, 70)))
    assert L.max() - L.min() == pytest.approx(10 * MOST_GAIN, abs=2)
    assert L.min() == pytest.approx(70 * 60 / 90, abs=1.5)  # 60 below and 30 above it, as before


@pytest.mark.parametrize("gray", [0, 77, 255])
def test_one_gray_stays(gray):
    before = Image.new("RGB", (30, 20), (gray, gray, gray))
    assert np.asarray(correct_levels(before)).tolist() == np.asarray(before).tolist()
