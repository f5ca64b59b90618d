"""The losses of a finish and its judge. Taps are those of `judge`; every loss is a scalar."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

STEPS = (3, 8, 16, 28, 48)
"""Distances, in pixels, at which two places are compared."""
SPOILED = 0.25
"""Share of pictures with patches in the loss on false ones."""
FAINT = 8.0
"""Chroma, in Lab units, below which differences of hue count for little."""


def judge_loss(true: list[Tensor], coloured: list[Tensor], spoiled: list[Tensor]) -> Tensor:
    """The hinge loss: verdicts on true pictures should be above 1, those on coloured ones and on true ones with patches
    (`spoil`) below -1."""
    parts = [
        F.relu(1 - t).mean() + (1 - SPOILED) * F.relu(1 + c).mean() + SPOILED * F.relu(1 + s).mean()
        for t, c, s in zip(true, coloured, spoiled, strict=True)
    ]
    return torch.stack(parts).mean()


def adversarial_loss(coloured: list[Tensor]) -> Tensor:
    """Low where the judge takes coloured pictures for true ones."""
    return -torch.stack([verdict.mean() for verdict in coloured]).mean()


def spoil(ab: Tensor) -> Tensor:
    """True colours (B, 2, H, W) with patches, as a network makes them: soft-edged areas that are faded, of another hue,
    or of another picture's colour. So judges learn what is wrong with patches before a network shows them many."""
    batch = len(ab)
    cells = int(torch.randint(3, 9, ()))
    noise = F.interpolate(torch.randn(batch, 1, cells, cells).to(ab), ab.shape[2:], mode="bicubic", align_corners=False)
    areas = (float(torch.empty(()).uniform_(3, 12)) * (noise - 0.4)).sigmoid()
    faded, turned, which = torch.rand(3, batch, 1, 1, 1).to(ab).unbind(0)
    angle = (0.8 + 2 * turned) * torch.where(torch.rand(batch, 1, 1, 1) < 0.5, 1.0, -1.0).to(ab)
    a, b = ab.split(1, dim=1)
    hue = torch.cat((angle.cos() * a - angle.sin() * b, angle.sin() * a + angle.cos() * b), dim=1)
    another = 1.5 * ab.roll(1, dims=0).mean(dim=(2, 3), keepdim=True)
    patches = torch.where(which < 0.5, 0.4 * faded * ab, torch.where(which < 0.75, hue, another))
    return torch.lerp(ab, patches, areas)


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


def _pairs(ab: Tensor, step: int, dim: int) -> tuple[Tensor, Tensor]:
    """Distance and mean chroma of all two places that lie `step` apart along a dimension."""
    count = ab.shape[dim] - step
    one, two = ab.narrow(dim, step, count), ab.narrow(dim, 0, count)
    return chroma_of(one - two), (chroma_of(one) + chroma_of(two)) / 2


def chroma_of(ab: Tensor) -> Tensor:
    """Length of ab (B, 2, H, W), Lab units -> (B, H, W)."""
    return ab.square().sum(dim=1).add(1e-2).sqrt()  # the gradient of a square root has no end at 0
