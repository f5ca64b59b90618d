"""Results in 16 bits and in wider spaces agree with exact arithmetic, in float64 on the whole picture at once."""

import numpy as np
import pytest
import torch

from colorizer.colour.gamut import GAMUTS
from colorizer.colour.lab import XYZ_FROM_RGB, upsample_ab
from colorizer.colour.whole_photo import join

RANDOM = np.random.default_rng(4)
GRAY = RANDOM.integers(0, 65536, (60, 50)).astype(np.uint16)
SPREADS = (2, 20, 60)
WHITE = np.array([0.95047, 1.0, 1.08883])
XY = {
    "srgb": ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)),
    "adobe-rgb": ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)),
    "display-p3": ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06)),
}


def from_xyz(space: str) -> np.ndarray:
    if space == "srgb":
        return np.linalg.inv(XYZ_FROM_RGB.numpy())
    columns = np.array([(x / y, 1, (1 - x - y) / y) for x, y in XY[space]]).T
    return np.linalg.inv(columns * np.linalg.solve(columns, WHITE))


def light(gray: np.ndarray) -> np.ndarray:
    v = gray / 65535
    return np.where(v > 0.04045, ((v + 0.055) / 1.055) ** 2.4, v / 12.92)


def exact(ab: torch.Tensor, space: str) -> np.ndarray:
    """Linear colours of `GRAY` with these chroma, compressed towards gray until the space can show them."""
    Y = light(GRAY.astype(np.float64))
    fy = np.where(Y > 0.008856, np.cbrt(Y), 7.787 * Y + 16 / 116)
    a, b = upsample_ab(ab.double(), GRAY.shape).numpy()

    def linear(share):
        f = np.stack((fy + share * a / 500, fy, fy - share * b / 200))
        xyz = np.where(f > 0.2068966, f**3, (f - 16 / 116) / 7.787) * WHITE[:, None, None]
        xyz[1] = Y
        return np.einsum("ij,jhw->ihw", from_xyz(space), xyz)

    low, high = np.zeros_like(Y), np.ones_like(Y)
    inside = ((linear(high) >= -1e-9) & (linear(high) <= 1 + 1e-9)).all(axis=0)
    for _ in range(30):
        middle = (low + high) / 2
        fits = ((linear(middle) >= 0) & (linear(middle) <= 1)).all(axis=0)
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    return np.moveaxis(linear(np.where(inside, 1.0, low)), 0, -1)


def encoded(linear: np.ndarray, space: str) -> np.ndarray:
    linear = np.clip(linear, 0, 1)
    if space == "adobe-rgb":
        return linear ** (256 / 563)
    return np.where(linear > 0.0031308, 1.055 * np.maximum(linear, 1e-12) ** (1 / 2.4) - 0.055, linear * 12.92)


def chroma(spread: float) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(7).normal(0, spread, (2, 6, 5)).astype(np.float32))


@pytest.mark.parametrize("space", GAMUTS)
@pytest.mark.parametrize("spread", SPREADS)
def test_16_bits_are_exact(space, spread):
    ab = chroma(spread)
    got = join(GRAY, ab, 16, GAMUTS[space])
    assert got.dtype == np.uint16
    difference = np.abs(got - encoded(exact(ab, space), space) * 65535)
    assert np.percentile(difference, 99) <= 3
    assert difference.max() <= 40  # single precision shows in channels near zero


@pytest.mark.parametrize("space", GAMUTS)
@pytest.mark.parametrize("spread", SPREADS)
def test_16_bits_of_lightness_stay(space, spread):
    """Compares Y of the written pixels on the curve of the scan: within 3 of 65535 levels for any colours."""
    got = join(GRAY, chroma(spread), 16, GAMUTS[space]).astype(np.float64) / 65535
    linear = got ** (563 / 256) if space == "adobe-rgb" else light(got * 65535)
    Y = linear @ np.linalg.inv(from_xyz(space))[1]
    again = encoded(Y, "srgb") * 65535
    assert np.abs(again - GRAY).max() <= 3


def test_wider_spaces_show_more():
    """A saturated green reaches further where the space does."""
    gray = np.full((8, 8), 40_000, np.uint16)
    ab = torch.tensor([-110.0, 90.0]).view(2, 1, 1).repeat(1, 2, 2)
    reach = {}
    for space, gamut in GAMUTS.items():
        got = join(gray, ab, 16, gamut)[0, 0] / 65535
        linear = got ** (563 / 256) if space == "adobe-rgb" else light(got * 65535)
        xyz = np.linalg.inv(from_xyz(space)) @ linear / WHITE
        f = np.cbrt(xyz)
        reach[space] = float(np.hypot(500 * (f[0] - f[1]), 200 * (f[1] - f[2])))
    assert reach["srgb"] + 10 < reach["display-p3"] < reach["adobe-rgb"]


def test_8_bits_become_16_without_new_steps():
    """An 8-bit picture has no finer lightness, but finer colours."""
    photo = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(4, axis=0)
    deep = join(photo, torch.zeros(2, 2, 2), 16)
    assert np.abs(deep[0, :, 0].astype(int) - np.arange(256) * 257).max() <= 2
