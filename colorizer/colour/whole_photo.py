"""Converts whole photographs between 8 bits and Lab like `lab`, but with tables, strip by strip and on all cores.

A photograph of 12 megapixels has 36 million samples, and a Lab picture in double precision takes 300 MB for each copy.
Here nothing larger than a strip is ever in floating point, except a network's input lightness.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ..runtime.threads import for_strips, steady
from .gamut import LEVELS, SRGB, Gamut
from .lab import SLACK, XYZ_FROM_RGB, srgb_to_linear

Photo = np.ndarray | Image.Image
"""uint8 (H, W, 3), "RGB", or the gray of a deep scan: uint16 (H, W), on sRGB's curve."""
STRIP_PIXELS = 1 << 18
"""Pixels per strip: few enough that all intermediate results stay in a core's cache."""
KNEE = 0.2068966
"""Where the cube root of CIE Lab becomes a straight line, which is its tangent."""
SLOPE = 1 / 7.787
_DEEP_SLACK = 1e-5
"""`SLACK` of a result in 16 bits: two thirds of a level."""


@cache
def luminance_tables() -> np.ndarray:
    """The contribution of each level of red, green and blue to Y, in steps of `LEVELS`: float32 (3, 256)."""
    curve = srgb_to_linear(torch.arange(256, dtype=torch.float64) / 255)
    return (XYZ_FROM_RGB[1][:, None] * curve * LEVELS).float().numpy()


@cache
def _cube_root() -> np.ndarray:
    """f(Y) of CIE Lab for every step of Y: float32."""
    Y = np.arange(LEVELS + 1) / LEVELS
    return np.where(Y > 0.008856, np.cbrt(Y), 7.787 * Y + 16 / 116).astype(np.float32)


@cache
def _deep_luminance() -> np.ndarray:
    """Y of each gray of 16 bits, in steps: float32."""
    return (srgb_to_linear(torch.arange(1 << 16, dtype=torch.float64) / 65535) * LEVELS).float().numpy()


def lightness(photo: Photo) -> Tensor:
    """L of an 8-bit photograph: float32 (H, W) in [0, 100]."""
    result = np.empty(_size(photo), np.float32)

    def fill(strip: slice) -> None:
        np.multiply(_f(_steps(_pixels(photo, strip))), 116, out=result[strip])
        result[strip] -= 16

    _every_strip(fill, *result.shape)
    return torch.from_numpy(result)


def grayscale(photo: Photo) -> np.ndarray:
    """The gray with each pixel's own lightness: uint8 (H, W)."""
    result = np.empty(_size(photo), np.uint8)

    def fill(strip: slice) -> None:
        result[strip] = SRGB.levels(_steps(_pixels(photo, strip)), 8)

    _every_strip(fill, *result.shape)
    return result


def join(photo: Photo, ab: Tensor, bits: int = 8, gamut: Gamut = SRGB) -> np.ndarray:
    """Combine the photograph's own lightness with new colours.

    ab: float32 (2, h, w), Lab units. It is upsampled bicubically to the photograph's (H, W), and chroma that the gamut
    cannot show is compressed as in `lab.compress_chroma`. Returns uint8, or with 16 bits uint16, (H, W, 3).
    """
    height, width = _size(photo)
    # Bicubic interpolation is separable: horizontally once (only h rows), vertically strip by strip.
    if ab.shape[2] != width:
        with steady():
            ab = F.interpolate(ab[None], size=(ab.shape[1], width), mode="bicubic", align_corners=False)[0]
    across = ab.numpy() * np.array([[[1 / 500]], [[-1 / 200]]], np.float32)  # the scale of fx and fz
    result = np.empty((height, width, 3), np.uint8 if bits == 8 else np.uint16)

    def fill(strip: slice) -> None:
        linear = _linear(_steps(_pixels(photo, strip)), _rows(across, strip, height), gamut, bits)
        for channel, values in enumerate(linear):
            result[strip, :, channel] = gamut.levels(values, bits).reshape(-1, width)

    _every_strip(fill, height, width)
    return result


def _size(photo: Photo) -> tuple[int, int]:
    """(H, W)."""
    return (photo.height, photo.width) if isinstance(photo, Image.Image) else (photo.shape[0], photo.shape[1])


def _pixels(photo: Photo, rows: slice) -> np.ndarray:
    """A strip of a photograph: uint8 (h, W, 3), or uint16 (h, W). Pillow copies pixels and blocks Python meanwhile. A
    strip's copy reuses the memory of the strip before, so it is several times faster than one copy of the whole."""
    if isinstance(photo, Image.Image):
        return np.asarray(photo.crop((0, rows.start, photo.width, rows.stop)))
    return photo[rows]


def _linear(Y: np.ndarray, chroma: np.ndarray, gamut: Gamut, bits: int) -> np.ndarray:
    """Linear RGB (3, H, W), compressed into the gamut, from luminance (H, W), both in steps, and the contribution of
    chroma to f(X) and f(Z), (2, H, W). bits: of the result, which decide how exactly."""
    Y, chroma = Y.reshape(-1), chroma.reshape(2, -1)
    gray, fy = gamut.from_y * Y, _f(Y) if bits == 8 else _exact_f(Y)
    linear = _mixed(gray, fy + chroma, gamut)
    outside = np.flatnonzero(_outside(linear, bits))
    if len(outside):
        gray, fy, chroma = (each.take(outside, axis=-1) for each in (gray, fy, chroma))
        low, step = np.zeros_like(fy), np.float32(1)
        for _ in range(12 if bits == 8 else 20):
            step /= 2
            middle = low + step
            low += step * ~_outside(_mixed(gray, fy + chroma * middle, gamut), bits)
        linear[:, outside] = _mixed(gray, fy + chroma * low, gamut)
    return linear


def _mixed(gray: np.ndarray, f: np.ndarray, gamut: Gamut) -> np.ndarray:
    """Linear RGB (3, n) in steps, from luminance's contribution and f(X) and f(Z), (2, n)."""
    # Not "@": NumPy's matrix products use their own threads, which would compete with those that share the strips.
    linear = np.einsum("ij,jn->in", gamut.from_xz, _cube(f))
    linear += gray
    return linear


def _cube(f: np.ndarray) -> np.ndarray:
    """f**3 above the knee and its tangent below, without a branch, which would cost more than the arithmetic."""
    high = np.maximum(f, np.float32(KNEE))
    cube = high * high
    cube *= high
    np.subtract(f, high, out=high)
    high *= np.float32(SLOPE)
    cube += high
    return cube


def _outside(linear: np.ndarray, bits: int) -> np.ndarray:
    """Where a gamut cannot show linear RGB (3, n) in steps: bool (n,)."""
    low = np.minimum(np.minimum(linear[0], linear[1]), linear[2])
    high = np.maximum(np.maximum(linear[0], linear[1]), linear[2])
    darkest, brightest = range_of(bits)
    return (low < np.float32(darkest)) | (high > np.float32(brightest))


def range_of(bits: int) -> tuple[float, float]:
    """The linear values, in steps, between which a gamut shows a colour. bits: of the result."""
    slack = SLACK if bits == 8 else _DEEP_SLACK
    return -slack / 12.92 * LEVELS, (1 + slack) * LEVELS


def _steps(photo: np.ndarray) -> np.ndarray:
    """Luminance of uint8 (H, W, 3), or of uint16 (H, W), in steps of `LEVELS`: float32 (H, W)."""
    if photo.dtype == np.uint16:
        return _deep_luminance().take(photo)
    red, green, blue = luminance_tables()
    Y = red.take(photo[..., 0])
    Y += green.take(photo[..., 1])
    Y += blue.take(photo[..., 2])
    return Y


def _f(Y: np.ndarray) -> np.ndarray:
    """f(Y) of CIE Lab, of luminance in steps."""
    return _cube_root().take((Y + np.float32(0.5)).astype(np.int64), mode="clip")


def _exact_f(Y: np.ndarray) -> np.ndarray:
    """The same without a table, whose steps would show in 16 bits."""
    Y = Y * np.float32(1 / LEVELS)
    return np.where(np.float32(0.008856) < Y, np.cbrt(Y), np.float32(7.787) * Y + np.float32(16 / 116))


def _rows(ab: np.ndarray, rows: slice, height: int) -> np.ndarray:
    """Rows `rows` of the bicubic interpolation of (2, h, W) to (2, height, W)."""
    if ab.shape[1] == height:
        return ab[:, rows]
    first, weights = _taps(ab.shape[1], height)
    low, high = first[rows.start], first[rows.stop - 1] + 4
    spread = np.zeros((rows.stop - rows.start, high - low), np.float32)
    np.put_along_axis(spread, first[rows, None] - low + np.arange(4), weights[rows], axis=1)
    around = ab.take(np.arange(low, high), axis=1, mode="clip")  # edge colours continue outside
    return np.einsum("rk,ckw->crw", spread, around)


@lru_cache(8)
def _taps(h: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """For each row of a bicubic interpolation from h to `height` rows: the first of its four source rows, int64
    (height,), and their weights, float32 (height, 4)."""
    at = (np.arange(height) + 0.5) * h / height - 0.5
    base = np.floor(at)
    t = at - base
    A = -0.75  # the same cubic as torch.nn.functional.interpolate

    def near(x: np.ndarray) -> np.ndarray:
        return ((A + 2) * x - (A + 3)) * x * x + 1

    def far(x: np.ndarray) -> np.ndarray:
        return ((A * x - 5 * A) * x + 8 * A) * x - 4 * A

    weights = np.stack((far(t + 1), near(t), near(1 - t), far(2 - t)), axis=1)
    return base.astype(np.int64) - 1, weights.astype(np.float32)


def _every_strip(work: Callable[[slice], None], height: int, width: int) -> None:
    """Call `work` for every strip of rows, several at once; its errors are raised."""
    strips = list(_strips(height, width))
    threads = min(for_strips(), len(strips))
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
