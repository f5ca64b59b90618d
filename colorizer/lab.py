"""sRGB <-> CIE Lab (D65, 2 degrees) in torch, batched for training and in strips for large photographs.

Units everywhere: L in [0, 100], a and b in Lab units (sRGB colours span about [-86, 98] and [-108, 94]).
The constants are scikit-image's, so that figures agree with `skimage.color.rgb2lab` (tests hold this to 0.01).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

_XYZ_FROM_RGB = torch.tensor(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]],
    dtype=torch.float64,
)
_WHITE = torch.tensor([0.95047, 1.0, 1.08883], dtype=torch.float64)
_RGB_FROM_XYZ = torch.linalg.inv(_XYZ_FROM_RGB)

STRIP_PIXELS = 1 << 20
"""Pixels worked on at a time: large enough to keep two cores busy, small enough that temporaries stay near 50 MB."""


def srgb_to_linear(rgb: Tensor) -> Tensor:
    """Undo the sRGB transfer curve; any shape, values in [0, 1]."""
    return torch.where(rgb > 0.04045, ((rgb.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4, rgb / 12.92)


def linear_to_srgb(linear: Tensor) -> Tensor:
    """Apply the sRGB transfer curve; values outside [0, 1] stay outside, so that callers can see them."""
    return torch.where(linear > 0.0031308, 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055, linear * 12.92)


def rgb_to_lab(rgb: Tensor) -> Tensor:
    """sRGB (..., 3, H, W) in [0, 1] -> Lab (..., 3, H, W), same dtype and device."""
    matrix = (_XYZ_FROM_RGB / _WHITE[:, None]).to(rgb)
    xyz = torch.einsum("ij,...jhw->...ihw", matrix, srgb_to_linear(rgb))
    f = torch.where(xyz > 0.008856, xyz.clamp(min=0.008856) ** (1 / 3), 7.787 * xyz + 16 / 116)
    fx, fy, fz = f.unbind(-3)
    return torch.stack((116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)), dim=-3)


def _lab_to_linear(lab: Tensor) -> Tensor:
    L, a, b = lab.unbind(-3)
    fy = (L + 16) / 116
    f = torch.stack((fy + a / 500, fy, fy - b / 200), dim=-3)
    xyz = torch.where(f > 0.2068966, f**3, (f - 16 / 116) / 7.787)
    matrix = (_RGB_FROM_XYZ * _WHITE).to(lab)
    return torch.einsum("ij,...jhw->...ihw", matrix, xyz)


def lab_to_rgb(lab: Tensor, clip: bool = True) -> Tensor:
    """Lab (..., 3, H, W) -> sRGB (..., 3, H, W) in [0, 1]; with `clip=False` out-of-gamut values are kept."""
    rgb = linear_to_srgb(_lab_to_linear(lab))
    return rgb.clamp(0, 1) if clip else rgb


def compress_chroma(L: Tensor, ab: Tensor, steps: int = 9) -> Tensor:
    """Pull colours that sRGB cannot show towards gray, at constant lightness and hue.

    Clipping RGB instead would change lightness, which is the photograph's own and must stay.
    L (..., 1, H, W), ab (..., 2, H, W) -> ab of the same shape, chroma exact to 1/2**steps of the original.
    """
    slack = 1e-3  # a quarter of an 8-bit level: colours on the surface of the cube count as inside
    flat_L, flat_ab = L.movedim(-3, -1).reshape(-1), ab.movedim(-3, -1).reshape(-1, 2)

    def inside(points_L: Tensor, points_ab: Tensor) -> Tensor:
        lab = torch.cat((points_L[None], points_ab.T))[:, None]
        linear = _lab_to_linear(lab)
        return ((linear > -slack / 12.92) & (linear < 1 + slack)).all(dim=0)[0]

    outside = (~inside(flat_L, flat_ab)).nonzero()[:, 0]
    if len(outside) == 0:
        return ab
    out_L, out_ab = flat_L[outside], flat_ab[outside]
    low, high = torch.zeros_like(out_L), torch.ones_like(out_L)
    for _ in range(steps):
        middle = (low + high) / 2
        fits = inside(out_L, out_ab * middle[:, None])
        low, high = torch.where(fits, middle, low), torch.where(fits, high, middle)
    result = flat_ab.clone()
    result[outside] = out_ab * low[:, None]
    return result.reshape(ab.movedim(-3, -1).shape).movedim(-1, -3)


def _strips(height: int, width: int) -> Iterator[slice]:
    rows = max(1, STRIP_PIXELS // max(1, width))
    for top in range(0, height, rows):
        yield slice(top, min(top + rows, height))


def lightness(photo: np.ndarray) -> Tensor:
    """L of an 8-bit photograph: uint8 (H, W, 3) -> float32 (H, W) in [0, 100], computed strip by strip."""
    result = torch.empty(photo.shape[:2])
    row = _XYZ_FROM_RGB[1].float()
    curve = srgb_to_linear(torch.arange(256) / 255)
    for strip in _strips(*photo.shape[:2]):
        linear = curve[torch.from_numpy(photo[strip].astype(np.int64))]
        y = linear @ row
        result[strip] = 116 * torch.where(y > 0.008856, y.clamp(min=0.008856) ** (1 / 3), 7.787 * y + 16 / 116) - 16
    return result


def colours(photo: np.ndarray) -> Tensor:
    """a and b of an 8-bit picture: uint8 (H, W, 3) -> float32 (2, H, W), Lab units; whole, so for small ones."""
    return rgb_to_lab(torch.tensor(photo).permute(2, 0, 1).float() / 255)[1:]


def upsample_ab(ab: Tensor, size: tuple[int, int]) -> Tensor:
    """Bicubic (2, h, w) -> (2, H, W); `size` is (H, W). Nearest would show the network's grid as blocks."""
    return F.interpolate(ab[None], size=size, mode="bicubic", align_corners=False)[0]


def join(photo: np.ndarray, ab: Tensor) -> np.ndarray:
    """The photograph's own lightness with new colours, as a picture.

    photo: uint8 (H, W, 3). ab: float32 (2, h, w), Lab units; it is upsampled bicubically to (H, W).
    Returns uint8 (H, W, 3). Nothing larger than a strip is held in floating point at full size.
    """
    height, width = photo.shape[:2]
    # Bicubic interpolation is separable: across once (h rows only), down strip by strip.
    across = F.interpolate(ab[None], size=(ab.shape[1], width), mode="bicubic", align_corners=False)[0]
    result = np.empty((height, width, 3), np.uint8)
    for strip in _strips(height, width):
        L = lightness(photo[strip])[None]
        strip_ab = _interpolate_rows(across, strip, height)
        rgb = lab_to_rgb(torch.cat((L, compress_chroma(L, strip_ab))))
        result[strip] = (rgb * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    return result


def _interpolate_rows(ab: Tensor, rows: slice, height: int) -> Tensor:
    """Rows `rows` of what bicubic interpolation of (2, h, W) to (2, height, W) would give."""
    at = (torch.arange(rows.start, rows.stop, dtype=torch.float64) + 0.5) * ab.shape[1] / height - 0.5
    base = at.floor()
    t = (at - base).float()
    A = -0.75  # the cubic of torch.nn.functional.interpolate

    def near(x: Tensor) -> Tensor:
        return ((A + 2) * x - (A + 3)) * x * x + 1

    def far(x: Tensor) -> Tensor:
        return ((A * x - 5 * A) * x + 8 * A) * x - 4 * A

    weights = (far(t + 1), near(t), near(1 - t), far(2 - t))
    result = torch.zeros(ab.shape[0], len(t), ab.shape[2])
    for tap, weight in enumerate(weights):
        index = (base.long() + tap - 1).clamp(0, ab.shape[1] - 1)
        result += ab[:, index] * weight[None, :, None]
    return result
