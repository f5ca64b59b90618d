"""The losses of a finish and its judge. Taps are those of `judge`; every loss is a scalar."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

STEPS = (3, 8, 16, 28, 48)
"""Distances, in pixels, at which two places are compared."""
NEAR = 28
"""The largest distance at which places of like lightness are taken for parts of one thing."""
ALIKE = 6.0
"""Difference of lightness, out of 100, up to which two places near each other should belong to one thing."""
USUAL = 0.15
"""Difference of colour, as a share of the chroma, that is usual within one thing."""
FAINT = 8.0
"""Chroma, in Lab units, below which differences of hue count for little."""


def judge_loss(true: list[Tensor], coloured: list[Tensor]) -> Tensor:
    """The hinge loss: verdicts on true pictures should be above 1, those on coloured ones below -1."""
    each = [F.relu(1 - t).mean() + F.relu(1 + c).mean() for t, c in zip(true, coloured, strict=True)]
    return torch.stack(each).mean()


def adversarial_loss(coloured: list[Tensor]) -> Tensor:
    """Low where the judge takes coloured pictures for true ones."""
    return -torch.stack([verdict.mean() for verdict in coloured]).mean()


def perceptual_loss(coloured: list[Tensor], true: list[Tensor]) -> Tensor:
    """How far coloured pictures look from the true ones: the mean absolute difference of their taps."""
    return torch.stack([(a - b).abs().mean() for a, b in zip(coloured, true, strict=True)]).mean()


def patchiness(ab: Tensor, true: Tensor) -> Tensor:
    """How much more, in hue, places near each other differ than they truly do; ab and true (B, 2, H, W), Lab units.

    Differences are shares of the chroma, so that it says nothing of how colourful a picture is: a coat may be any
    colour, but all of it the same. Places with little colour count for little.
    """
    parts = []
    for step in (s for s in STEPS if s < min(ab.shape[2:])):
        for dim in (2, 3):
            (mine, chroma), (truly, true_chroma) = (_pairs(x, step, dim) for x in (ab, true))
            weight = (chroma / (chroma.mean() + 1)).detach()
            more = F.relu(mine / (chroma + FAINT) - truly / (true_chroma + FAINT))
            parts.append((weight * more).mean())
    return torch.stack(parts).mean()


def unevenness(ab: Tensor, L: Tensor) -> Tensor:
    """How much places near each other and of like lightness differ in hue, for pictures whose true colours nobody
    knows; ab (B, 2, H, W), Lab units, and L (B, 1, H, W). `patchiness` where the truth is known."""
    parts = []
    for step in (s for s in STEPS if s <= NEAR and s < min(ab.shape[2:])):
        for dim in (2, 3):
            mine, chroma = _pairs(ab, step, dim)
            one, two = _apart(L, step, dim)
            unlike = (one - two)[:, 0] / ALIKE
            weight = (chroma / (chroma.mean() + 1)).detach() * torch.exp(-unlike.square())
            parts.append((weight * F.relu(mine / (chroma + FAINT) - USUAL)).mean())
    return torch.stack(parts).mean()


def _pairs(ab: Tensor, step: int, dim: int) -> tuple[Tensor, Tensor]:
    """Distance and mean chroma of all two places that lie `step` apart along a dimension."""
    one, two = _apart(ab, step, dim)
    return chroma_of(one - two), (chroma_of(one) + chroma_of(two)) / 2


def _apart(maps: Tensor, step: int, dim: int) -> tuple[Tensor, Tensor]:
    """All two places that lie `step` apart along a dimension."""
    count = maps.shape[dim] - step
    return maps.narrow(dim, step, count), maps.narrow(dim, 0, count)


def chroma_of(ab: Tensor) -> Tensor:
    """Length of ab (B, 2, H, W), Lab units -> (B, H, W)."""
    return ab.square().sum(dim=1).add(1e-2).sqrt()  # the gradient of a square root has no end at 0
