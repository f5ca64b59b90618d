"""The losses of a finish and its judge. Taps are those of `judge`; every loss is a scalar."""

from __future__ import annotations

import math

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
SPOILED = 0.25
"""Share of pictures with patches in the loss on false ones."""
APART = 0.1
"""Difference of colour, as a share of the chroma, that is usual among places of the same kind in one picture."""
FAINT = 8.0
"""Chroma, in Lab units, below which differences of hue count for little."""


def judge_loss(true: list[Tensor], coloured: list[Tensor], spoiled: list[Tensor], weights: Tensor) -> Tensor:
    """The hinge loss: verdicts on true pictures should be above 1, those on coloured ones, which have weights (B,),
    below -1, and those on true ones with patches (`spoil`) as well."""
    parts = [
        F.relu(1 - t).mean() + (1 - SPOILED) * _weighted(F.relu(1 + c), weights) + SPOILED * F.relu(1 + s).mean()
        for t, c, s in zip(true, coloured, spoiled, strict=True)
    ]
    return torch.stack(parts).mean()


def adversarial_loss(coloured: list[Tensor], weights: Tensor) -> Tensor:
    """Low where the judge takes coloured pictures, which have weights (B,), for true ones."""
    return -torch.stack([_weighted(verdict, weights) for verdict in coloured]).mean()


def _weighted(verdict: Tensor, weights: Tensor) -> Tensor:
    return (verdict.flatten(1).mean(dim=1) * weights).mean()


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


def disagreement(ab: Tensor, likeness: Tensor, true: Tensor | None = None) -> Tensor:
    """How much more, as shares of the chroma, colours of places of the same kind differ than they truly do, or than is
    usual where nobody knows.

    ab and true (B, 2, H, W), Lab units; likeness (B, N, N) of the places of a square grid, as `SceneJudge` says. A hand
    should have a face's colour, and a sleeve the other's.
    """
    mine, chroma = _from_its_kind(ab, likeness)
    usual: Tensor | float = APART
    if true is not None:
        truly, true_chroma = _from_its_kind(true, likeness)
        usual = truly / (true_chroma + FAINT)
    weight = (chroma / (chroma.mean() + 1)).detach()
    return (weight * F.relu(mine / (chroma + FAINT) - usual)).mean()


def _from_its_kind(ab: Tensor, likeness: Tensor) -> tuple[Tensor, Tensor]:
    """Distance of every place's colour from the mean of its kind, and the mean chroma of both."""
    grid = F.adaptive_avg_pool2d(ab, math.isqrt(likeness.shape[1]))
    kind = (likeness @ grid.flatten(2).mT).mT.view_as(grid)
    return chroma_of(grid - kind), (chroma_of(grid) + chroma_of(kind)) / 2


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
