"""Whole photographs strip by strip give the same as exact arithmetic on the whole at once."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from conftest import colour_photo
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from colorizer.colour import whole_photo as strips
from colorizer.colour.lab import compress_chroma, lab_to_rgb, rgb_to_lab, upsample_ab
from colorizer.colour.whole_photo import grayscale, join, lightness

photos = arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)))


def to_tensor(photo: np.ndarray) -> torch.Tensor:
    """uint8 (H, W, 3) -> float (3, H, W) in [0, 1], by a transpose."""
    return torch.tensor(photo).permute(2, 0, 1).float() / 255


@given(photos)
def test_lightness_is_the_L_of_rgb_to_lab(photo):
    assert torch.allclose(lightness(photo), rgb_to_lab(to_tensor(photo))[0], atol=0.01)


@pytest.mark.parametrize("spread", [5, 20, 40])
def test_join_is_exact_to_a_level(spread):
    photo = np.asarray(colour_photo(700, 500, seed=3))
    ab = torch.from_numpy(np.random.default_rng(spread).normal(0, spread, (2, 9, 13)).astype(np.float32))
    L = rgb_to_lab(to_tensor(photo).double())[:1]
    colours = compress_chroma(L, upsample_ab(ab.double(), photo.shape[:2]), steps=20)
    exact = (lab_to_rgb(torch.cat((L, colours))) * 255).round().permute(1, 2, 0).numpy()
    difference = np.abs(join(photo, ab) - exact)
    assert (difference <= 1).mean() >= 0.999
    assert (difference == 0).mean() >= 0.99


def test_grayscale_equals_join_without_colour():
    photo = np.random.default_rng(0).integers(0, 256, (80, 80, 3), np.uint8)
    gray = join(photo, torch.zeros(2, 1, 1)).astype(int)
    assert np.abs(gray - grayscale(photo)[..., None]).max() <= 1
    assert np.ptp(gray, axis=2).max() <= 1


@pytest.mark.parametrize("size", [(50, 40), (7, 200), (1, 1), (3, 2)])
def test_strips_change_nothing(size, monkeypatch):
    random = np.random.default_rng(1)
    photo = random.integers(0, 256, (*size, 3), np.uint8)
    ab = torch.from_numpy(random.normal(0, 30, (2, 6, 5)).astype(np.float32))
    every = (lambda shown: join(shown, ab), lightness, grayscale)
    whole = [np.asarray(each(photo)) for each in every]
    monkeypatch.setattr(strips, "STRIP_PIXELS", 45)
    for shown in (photo, Image.fromarray(photo)):
        assert all(np.array_equal(each(shown), expected) for each, expected in zip(every, whole, strict=True))


@pytest.mark.parametrize("height", [4, 11, 64])
def test_rows_are_those_of_bicubic_interpolation(height):
    ab = torch.randn(2, 11, 9)
    expected = F.interpolate(ab[None], (height, 9), mode="bicubic", align_corners=False)[0]
    assert np.allclose(strips._rows(ab.numpy(), slice(1, height), height), expected[:, 1:], atol=1e-4)


def test_an_error_in_a_strip_is_raised():
    with pytest.raises(IndexError):
        grayscale(np.zeros((900, 900, 1), np.uint8))
