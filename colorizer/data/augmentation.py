"""Training augmentation: turns and mirrors pictures and makes their lightness look like old prints, never the targets.

All randomness comes from one row of uniforms per picture, drawn for the whole batch of a step: several processes,
each with its part of the batch, see exactly the pictures that one process would see.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from ..colour.lab import rgb_to_lab
from . import degradation

FLIP, GAMMA, WARP, HINTS = 0, 1, slice(2, 5), slice(5, 7)
OLD = slice(7, 7 + degradation.COLUMNS)
COLUMNS = OLD.stop
"""How many uniforms a picture needs; the names above say what each is for."""


def draw(seed: int, step: int, batch: int) -> Tensor:
    """Uniforms in [0, 1) for every picture of a step's batch: float32 (batch, COLUMNS), a function of the arguments."""
    return torch.rand(batch, COLUMNS, generator=torch.Generator().manual_seed(seed * 1_000_003 + step))


def augment(
    crops: Tensor,
    u: Tensor,
    *,
    flip: bool = True,
    rotation: float = 0.0,
    shear: float = 0.0,
    zoom: float = 0.0,
    jitter: float = 0.0,
    old: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """uint8 (B, 3, H, W) on any device -> L (B, 1, H, W) as a network sees it, and the true ab (B, 2, H, W).

    u: rows of `draw` (B, COLUMNS). flip, rotation, shear, zoom: see `mirror` and `warp`; they move colours and
    lightness together. jitter, old: see `fade` and `degradation.degrade`; they change only lightness, because prints
    age and scans differ, but the colours to find stay the same.
    """
    crops = warp(crops, u[:, WARP], rotation, shear, zoom)
    if flip:
        crops = mirror(crops, u[:, FLIP])
    lab = rgb_to_lab(crops.float() / 255)
    L = fade(lab[:, :1], u[:, GAMMA], jitter)
    return degradation.degrade(L, u[:, OLD], old, lab[:, 1:]) if old else L, lab[:, 1:]


def mirror(crops: Tensor, u: Tensor) -> Tensor:
    """Mirror the half of the pictures whose u (B,) is below 0.5: (B, C, H, W) -> the same."""
    return torch.where((u < 0.5)[:, None, None, None].to(crops.device), crops.flip(3), crops)


def fade(L: Tensor, u: Tensor, strength: float) -> Tensor:
    """Apply a random gamma to lightness: L (B, 1, H, W) in [0, 100], u (B,) -> the same shape. `strength` is the
    standard deviation of log gamma, and u is a picture's quantile of that normal distribution."""
    gamma = (torch.special.ndtri(u.double().clamp(1e-4, 1 - 1e-4)) * strength).exp().to(L)
    return 100 * (L / 100).clamp(0, 1) ** gamma[:, None, None, None]


def warp(crops: Tensor, u: Tensor, rotation: float, shear: float, zoom: float) -> Tensor:
    """Rotate, shear and scale each picture of a batch; areas outside the picture are filled by mirroring it.

    uint8 (B, 3, H, W), u (B, 3) -> uint8. rotation: degrees at most; shear: share of the height at most; zoom: 0.2 is
    0.8 to 1.2; the columns of u say how much of each, and 0.5 is none.
    """
    if not (rotation or shear or zoom):
        return crops
    turn, slant, size = (2 * u - 1).T.to(crops.device)
    angle, slant, size = turn * math.radians(rotation), slant * shear, 1 + size * zoom
    rows = torch.stack((angle.cos(), -angle.sin(), angle.sin(), angle.cos()), dim=1).reshape(-1, 2, 2)
    slanted = torch.eye(2, device=crops.device).repeat(len(crops), 1, 1)
    slanted[:, 0, 1] = slant
    matrix = F.pad(rows @ slanted / size[:, None, None], (0, 1))
    places = F.affine_grid(matrix, list(crops.shape), align_corners=False)
    return F.grid_sample(crops.float(), places, padding_mode="reflection", align_corners=False).round().to(torch.uint8)
