"""Whole photographs between 8 bits and Lab: what `lab` says, with tables, strip by strip and on every core.

A photograph of 12 megapixels has 36 million samples, and a Lab picture in double precision takes 300 MB for each copy.
Here nothing larger than a strip is ever in floating point, except the lightness that a network is fed with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .lab import RGB_FROM_XYZ, SLACK, WHITE, XYZ_FROM_RGB, linear_to_srgb, srgb_to_linear
from .threads import steady

STRIP_PIXELS = 1 << 17
"""Pixels worked on at a time: so few that what is made of them stays in a core's cache."""
_LEVELS = (1 << 16) - 1
"""Steps of a linear value between 0 and 1; the darkest step of 8 bits spans 20 of them."""
_KNEE = 0.2068966
"""Where the cube root of CIE Lab becomes a straight line, its tangent."""
_SLOPE = 1 / 7.787

_TO_RGB = (RGB_FROM_XYZ * WHITE).float().numpy()


@cache
def _luminance() -> np.ndarray:
    """What each level of red, green and blue adds to Y, in steps of `_LEVELS`: float32 (3, 256)."""
    curve = srgb_to_linear(torch.arange(256, dtype=torch.float64) / 255)
    return (XYZ_FROM_RGB[1][:, None] * curve * _LEVELS).float().numpy()


@cache
def _cube_root() -> np.ndarray:
    """f(Y) of CIE Lab for every step of Y: float32."""
    Y = np.arange(_LEVELS + 1) / _LEVELS
    return np.where(Y > 0.008856, np.cbrt(Y), 7.787 * Y + 16 / 116).astype(np.float32)


@cache
def _encoded() -> np.ndarray:
    """The 8-bit sRGB level of every step of a linear value: uint8."""
    linear = torch.arange(_LEVELS + 1, dtype=torch.float64) / _LEVELS
    return (linear_to_srgb(linear) * 255).round().to(torch.uint8).numpy()


def lightness(photo: np.ndarray) -> Tensor:
    """L of an 8-bit photograph: uint8 (H, W, 3) -> float32 (H, W) in [0, 100]."""
    result = np.empty(photo.shape[:2], np.float32)

    def fill(strip: slice) -> None:
        np.multiply(_cube_root().take(_steps(photo[strip]), mode="clip"), 116, out=result[strip])
        result[strip] -= 16

    _every_strip(fill, *photo.shape[:2])
    return torch.from_numpy(result)


def grayscale(photo: np.ndarray) -> np.ndarray:
    """The gray of each pixel's own lightness: uint8 (H, W, 3) -> uint8 (H, W)."""
    result = np.empty(photo.shape[:2], np.uint8)

    def fill(strip: slice) -> None:
        result[strip] = _encoded().take(_steps(photo[strip]), mode="clip")

    _every_strip(fill, *photo.shape[:2])
    return result


def join(photo: np.ndarray, ab: Tensor) -> np.ndarray:
    """The photograph's own lightness with new colours, as a picture.

    photo: uint8 (H, W, 3). ab: float32 (2, h, w), Lab units; it is upsampled bicubically to (H, W), and chroma that
    sRGB cannot show is compressed as `lab.compress_chroma` does. Returns uint8 (H, W, 3).
    """
    height, width = photo.shape[:2]
    # Bicubic interpolation is separable: across once (h rows only), down strip by strip.
    with steady():
        across = F.interpolate(ab[None], size=(ab.shape[1], width), mode="bicubic", align_corners=False)[0].numpy()
    across = across * np.array([[[1 / 500]], [[-1 / 200]]], np.float32)  # as fx and fz have them
    result = np.empty((height, width, 3), np.uint8)

    def fill(strip: slice) -> None:
        steps = _steps(photo[strip])
        dx, dz = _rows(across, strip, height)
        linear = _linear(steps.astype(np.float32) / np.float32(_LEVELS), _cube_root().take(steps, mode="clip"), dx, dz)
        for channel, values in enumerate(linear):
            result[strip, :, channel] = _encoded().take(_to_steps(values), mode="clip")

    _every_strip(fill, height, width)
    return result


def _linear(Y: np.ndarray, fy: np.ndarray, dx: np.ndarray, dz: np.ndarray) -> np.ndarray:
    """Linear RGB (3, H, W) of luminance Y, f(Y), and what chroma adds to f(X) and f(Z), compressed into sRGB."""
    linear = _mixed(Y, fy + dx, fy + dz)
    outside = np.flatnonzero(_outside(linear))
    if len(outside):
        Y, fy, dx, dz = (plane.reshape(-1)[outside] for plane in (Y, fy, dx, dz))
        low, step = np.zeros_like(Y), np.float32(1)
        for _ in range(12):
            step /= 2
            middle = low + step
            low += step * ~_outside(_mixed(Y, fy + dx * middle, fy + dz * middle))
        linear.reshape(3, -1)[:, outside] = _mixed(Y, fy + dx * low, fy + dz * low)
    return linear


def _mixed(Y: np.ndarray, fx: np.ndarray, fz: np.ndarray) -> np.ndarray:
    """Linear RGB (3, ...) of luminance, f(X) and f(Z)."""
    xyz = np.empty((3, *Y.shape), np.float32)
    _cube(fx, out=xyz[0])
    xyz[1] = Y
    _cube(fz, out=xyz[2])
    return (_TO_RGB @ xyz.reshape(3, -1)).reshape(xyz.shape)


def _cube(f: np.ndarray, out: np.ndarray) -> None:
    """f**3 above the knee and its tangent below; without a branch, which costs more than the arithmetic."""
    high = np.maximum(f, np.float32(_KNEE))
    np.multiply(high, high, out=out)
    out *= high
    np.subtract(f, high, out=high)
    high *= np.float32(_SLOPE)
    out += high


def _outside(linear: np.ndarray) -> np.ndarray:
    """Where sRGB cannot show linear RGB (3, ...): bool."""
    low = np.minimum(np.minimum(linear[0], linear[1]), linear[2])
    high = np.maximum(np.maximum(linear[0], linear[1]), linear[2])
    return (low < np.float32(-SLACK / 12.92)) | (high > np.float32(1 + SLACK))


def _steps(photo: np.ndarray) -> np.ndarray:
    """Luminance of uint8 (H, W, 3) in steps of `_LEVELS`: int64 (H, W)."""
    red, green, blue = _luminance()
    Y = red.take(photo[..., 0])
    Y += green.take(photo[..., 1])
    Y += blue.take(photo[..., 2])
    Y += np.float32(0.5)
    return Y.astype(np.int64)


def _to_steps(linear: np.ndarray) -> np.ndarray:
    """Linear values as steps of `_LEVELS`, rounded; what is outside of [0, 1] stays outside."""
    scaled = linear * np.float32(_LEVELS)
    scaled += np.float32(0.5)
    return scaled.astype(np.int64)


def _rows(ab: np.ndarray, rows: slice, height: int) -> np.ndarray:
    """Rows `rows` of what bicubic interpolation of (2, h, W) to (2, height, W) would give."""
    at = (np.arange(rows.start, rows.stop) + 0.5) * ab.shape[1] / height - 0.5
    base = np.floor(at).astype(np.int64)
    t = (at - base).astype(np.float32)
    A = np.float32(-0.75)  # the cubic of torch.nn.functional.interpolate

    def near(x: np.ndarray) -> np.ndarray:
        return ((A + 2) * x - (A + 3)) * x * x + 1

    def far(x: np.ndarray) -> np.ndarray:
        return ((A * x - 5 * A) * x + 8 * A) * x - 4 * A

    weights = np.zeros((len(t), ab.shape[1]), np.float32)
    for tap, weight in enumerate((far(t + 1), near(t), near(1 - t), far(2 - t))):
        index = (base + tap - 1).clip(0, ab.shape[1] - 1)
        np.add.at(weights, (np.arange(len(t)), index), weight)
    used = slice(max(0, base[0] - 1), base[-1] + 3)
    return weights[:, used] @ ab[:, used]


def _every_strip(work: Callable[[slice], None], height: int, width: int) -> None:
    """Do `work` for every strip of rows, on as many cores as torch may use; what it raises is raised."""
    strips = list(_strips(height, width))
    threads = min(torch.get_num_threads(), len(strips))
    if threads == 1:
        for strip in strips:
            work(strip)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, strips):
            pass


def _strips(height: int, width: int) -> Iterator[slice]:
    rows = max(1, STRIP_PIXELS // max(1, width))
    for top in range(0, height, rows):
        yield slice(top, min(top + rows, height))
