"""Results in 16 bits agree with exact arithmetic, in float64 on the whole picture at once."""

import numpy as np
import pytest
import torch

from colorizer.colour.lab import RGB_FROM_XYZ, XYZ_FROM_RGB, upsample_ab
from colorizer.colour.whole_photo import join

RANDOM = np.random.default_rng(4)
GRAY = RANDOM.integers(0, 65536, (60, 50)).astype(np.uint16)
SPREADS = (2, 20, 60)
WHITE = np.array([0.95047, 1.0, 1.08883])


def light(gray: np.ndarray) -> np.ndarray:
    v = gray / 65535
    return np.where(v > 0.04045, ((v + 0.055) / 1.055) ** 2.4, v / 12.92)


def exact(ab: torch.Tensor) -> np.ndarray:
    """Linear colours of `GRAY` with these chroma, compressed towards gray until sRGB can show them."""
    Y = light(GRAY.astype(np.float64))
    fy = np.where(Y > 0.008856, np.cbrt(Y), 7.787 * Y + 16 / 116)
    a, b = upsample_ab(ab.double(), GRAY.shape).numpy()

    def linear(share):
        f = np.stack((fy + share * a / 500, fy, fy - share * b / 200))
        xyz = np.where(f > 0.2068966, f**3, (f - 16 / 116) / 7.787) * WHITE[:, None, None]
        xyz[1] = Y
        return np.einsum("ij,jhw->ihw", RGB_FROM_XYZ.numpy(), xyz)

    low, high = np.zeros_like(Y), np.ones_like(Y)
    inside = ((linear(high) >= -1e-9) & (linear(high) <= 1 + 1e-9)).all(axis=0)
    for _ in range(30):
        middle = (low + high) / 2
        fits = ((linear(middle) >= 0) & (linear(middle) <= 1)).all(axis=0)
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    return np.moveaxis(linear(np.where(inside, 1.0, low)), 0, -1)


def encoded(linear: np.ndarray) -> np.ndarray:
    linear = np.clip(linear, 0, 1)
    return np.where(linear > 0.0031308, 1.055 * np.maximum(linear, 1e-12) ** (1 / 2.4) - 0.055, linear * 12.92)


def chroma(spread: float) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(7).normal(0, spread, (2, 6, 5)).astype(np.float32))


@pytest.mark.parametrize("spread", SPREADS)
def test_16_bits_are_exact(spread):
    ab = chroma(spread)
    got = join(GRAY, ab, 16)
    assert got.dtype == np.uint16
    difference = np.abs(got - encoded(exact(ab)) * 65535)
    assert np.percentile(difference, 99) <= 3
    assert difference.max() <= 40  # single precision shows in channels near zero


@pytest.mark.parametrize("spread", SPREADS)
def test_16_bits_of_lightness_stay(spread):
    """Compares Y of the written pixels on the curve of the scan: within 3 of 65535 levels for any colours."""
    Y = light(join(GRAY, chroma(spread), 16).astype(np.float64)) @ XYZ_FROM_RGB.numpy()[1]
    again = encoded(Y) * 65535
    assert np.abs(again - GRAY).max() <= 3


def test_8_bits_become_16_without_new_steps():
    """An 8-bit picture has no finer lightness, but finer colours."""
    photo = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(4, axis=0)
    deep = join(photo, torch.zeros(2, 2, 2), 16)
    assert np.abs(deep[0, :, 0].astype(int) - np.arange(256) * 257).max() <= 2
