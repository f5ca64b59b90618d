"""sRGB <-> CIE Lab (D65, 2 degrees) in torch, batched; `whole_photo` does the same for whole photographs.

Units everywhere: L in [0, 100], a and b in Lab units (sRGB colours span about [-86, 98] and [-108, 94]).
The constants are scikit-image's, so that figures agree with `skimage.color.rgb2lab` (tests hold this to 0.01).
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

XYZ_FROM_RGB = torch.tensor(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]],
    dtype=torch.float64,
)
WHITE = torch.tensor([0.95047, 1.0, 1.08883], dtype=torch.float64)
RGB_FROM_XYZ = torch.linalg.inv(XYZ_FROM_RGB)

SLACK = 1e-3
"""Tolerance at the edge of the sRGB gamut, as an sRGB value: a quarter of an 8-bit level."""


def srgb_to_linear(rgb: Tensor) -> Tensor:
    """Undo the sRGB transfer curve; any shape, values in [0, 1]."""
    return torch.where(rgb > 0.04045, ((rgb.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4, rgb / 12.92)


def linear_to_srgb(linear: Tensor) -> Tensor:
    """Apply the sRGB transfer curve; values outside [0, 1] stay outside, so that callers can detect them."""
    return torch.where(linear > 0.0031308, 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055, linear * 12.92)


def rgb_to_lab(rgb: Tensor) -> Tensor:
    """sRGB (..., 3, H, W) in [0, 1] -> Lab (..., 3, H, W), same dtype and device."""
    return _linear_to_lab(srgb_to_linear(rgb))


def _linear_to_lab(linear: Tensor) -> Tensor:
    matrix = (XYZ_FROM_RGB / WHITE[:, None]).to(linear)
    xyz = torch.einsum("ij,...jhw->...ihw", matrix, linear)
    f = torch.where(xyz > 0.008856, xyz.clamp(min=0.008856) ** (1 / 3), 7.787 * xyz + 16 / 116)
    fx, fy, fz = f.unbind(-3)
    return torch.stack((116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)), dim=-3)


def _lab_to_linear(lab: Tensor) -> Tensor:
    L, a, b = lab.unbind(-3)
    fy = (L + 16) / 116
    f = torch.stack((fy + a / 500, fy, fy - b / 200), dim=-3)
    xyz = torch.where(f > 0.2068966, f**3, (f - 16 / 116) / 7.787)
    matrix = (RGB_FROM_XYZ * WHITE).to(lab)
    return torch.einsum("ij,...jhw->...ihw", matrix, xyz)


def lab_to_rgb(lab: Tensor, clip: bool = True) -> Tensor:
    """Lab (..., 3, H, W) -> sRGB (..., 3, H, W) in [0, 1]; with `clip=False` out-of-gamut values are kept."""
    rgb = linear_to_srgb(_lab_to_linear(lab))
    return rgb.clamp(0, 1) if clip else rgb


def compress_chroma(L: Tensor, ab: Tensor, steps: int = 9) -> Tensor:
    """Move colours that sRGB cannot show towards gray, at constant lightness and hue.

    Clipping RGB instead would change the photograph's own lightness, which must stay.
    L (..., 1, H, W), ab (..., 2, H, W) -> ab of the same shape, chroma exact to 1/2**steps of the original.
    """
    flat_L, flat_ab = L.movedim(-3, -1).reshape(-1), ab.movedim(-3, -1).reshape(-1, 2)

    def inside(points_L: Tensor, points_ab: Tensor) -> Tensor:
        lab = torch.cat((points_L[None], points_ab.T))[:, None]
        linear = _lab_to_linear(lab)
        return ((linear > -SLACK / 12.92) & (linear < 1 + SLACK)).all(dim=0)[0]

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


WHOLE_RANGE = 95.0
"""Lab units between the darkest and the lightest tones of a photograph that a network takes for clear."""
FADED = 60.0
"""Photographs whose tones lie no further apart are read with the whole range; others, up to about 82, with less."""
MOST_GAIN = 2.5
"""A gray card stays nearly even."""


def spread_tones(L: Tensor) -> Tensor:
    """Lightness (B, 1, H, W) of faded photographs with their tones spread over the scale; others as they are.

    The tones between which 98 % of a photograph lie are up to `WHOLE_RANGE` apart afterwards, but not more than
    `MOST_GAIN` times as far as before. Networks read faded photographs as sepia ones.
    """
    tones = L.flatten(1)
    ends = (tones.topk(tones.shape[1] // 100 + 1, largest=largest).values for largest in (False, True))
    darkest, lightest = (end[:, -1, None, None, None] for end in ends)
    before = (lightest - darkest).clamp(1e-3, 99.0)
    wanted = WHOLE_RANGE - 0.6 * (before - FADED).clamp(min=0)
    after = torch.minimum(torch.maximum(before, wanted), MOST_GAIN * before)
    begin = darkest * (100 - after) / (100 - before)
    spread = ((L - darkest) * (after / before) + begin).clamp(0, 100)
    return torch.where(after > before, spread, L)


def colours(photo: np.ndarray) -> Tensor:
    """a and b of a small 8-bit picture, computed at once: uint8 (H, W, 3) -> float32 (2, H, W), Lab units."""
    return rgb_to_lab(torch.tensor(photo).permute(2, 0, 1).float() / 255)[1:]


def picture_to_lab(picture: np.ndarray) -> Tensor:
    """All of a small 8-bit picture in double precision: uint8 (H, W, 3) -> float64 (3, H, W), Lab units."""
    curve = srgb_to_linear(torch.arange(256, dtype=torch.float64) / 255).numpy()
    return _linear_to_lab(torch.from_numpy(curve[np.moveaxis(picture, -1, 0)]))


def upsample_ab(ab: Tensor, size: tuple[int, int]) -> Tensor:
    """Bicubic (2, h, w) -> (2, H, W); `size` is (H, W). Nearest neighbour would show the network's grid as blocks."""
    return F.interpolate(ab[None], size=size, mode="bicubic", align_corners=False)[0]
