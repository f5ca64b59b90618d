"""The things in a film's last shots, so that the next one gives the same things the same colours: a person keeps the
coat.

Places of a new shot take what the network said of the places of earlier shots that look like them, if each is the
other's likeness. Sources: the mean over alike places of Buades et al., "A non-local algorithm for image denoising"
(CVPR 2005), and the mutual nearest neighbours of Dekel et al., "Best-Buddies Similarity for Robust Template Matching"
(CVPR 2015), both over features in place of patches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from .motion import at, normal

LIGHT = 0.3
"""Weight of a deviation of brightness beside the direction of features."""
UNLIKE, SLOPE = 0.67, 12.0
"""The squared distance at which two places are half alike, and how steeply that falls; for features at random it is
2."""
NEAR = 1.5
"""Cells between a place and the likeness of its likeness, at which the two hardly belong together."""
SHARP = 0.03
"""The squared distance by which one of several likenesses counts e times less than another."""
SHOTS = 4
"""Most shots whose things, and whose hints, are remembered: a film goes to and fro between people who talk."""
AGAIN = 0.7
"""The share of a shot's places that an earlier one has, too, above which it shows the same."""


class Shot(NamedTuple):
    """The end of a shot, by its P cells."""

    looks: Tensor
    """Features that tell cells apart: (P, C)."""
    estimates: list[Tensor]
    """The network's estimates of them, averaged along the motion: (P, K) each."""

    @classmethod
    def of(cls, looks: Tensor, estimates: Sequence[Tensor]) -> Shot:
        """looks (C, h, w), estimates (K, H, W) each."""
        return cls(_cells(looks), [_cells(at(each, looks)) for each in estimates])


def looks_of(L: Tensor, evidence: Sequence[Tensor]) -> Tensor | None:
    """Features that tell the places of L (H, W) apart: (C, h, w) at the coarsest of its features (1, C', h', w'), which
    count alike; None without any."""
    if not evidence:
        return None
    coarsest = evidence[-1][0]
    directions = [at(_directions(each[0].float()), coarsest) / len(evidence) ** 0.5 for each in evidence]
    return torch.cat((*directions, at(normal(L)[None].to(coarsest), coarsest) * LIGHT)).cpu()


def recalled(estimates: Sequence[Tensor], looks: Tensor, shots: Sequence[Shot]) -> list[Tensor]:
    """Estimates (K, H, W) of a frame, as far as its places are known from earlier shots with what was said of them."""
    height, width = looks.shape[1:]
    apart, alike = _found(looks, shots)
    shares = torch.softmax(-apart / SHARP, dim=1) * alike[:, None]
    results = []
    for index, each in enumerate(estimates):
        said = shares @ torch.cat([shot.estimates[index] for shot in shots])
        change = said - _cells(at(each, looks)) * alike[:, None]
        finer = F.interpolate(change.T.reshape(1, -1, height, width), each.shape[1:], mode="bilinear")
        results.append(each + finer[0])
    return results


def remembered(shots: Sequence[Shot], looks: Tensor, estimates: Sequence[Tensor]) -> tuple[Shot, ...]:
    """The last shots that differ, with the one that ends with these looks (C, h, w) and estimates (K, H, W)."""
    others = [shot for shot in shots if _found(looks, [shot])[1].mean() < AGAIN]
    return (*others, Shot.of(looks, estimates))[-SHOTS:]


def _found(looks: Tensor, shots: Sequence[Shot]) -> tuple[Tensor, Tensor]:
    """The squared distance of each of a frame's P places to each of the shots', and how far a shot has it: (P,)."""
    here, width = _cells(looks), looks.shape[2]
    apart = torch.cdist(here, torch.cat([shot.looks for shot in shots])).square()
    least, there = apart.min(dim=1)
    back, own = apart.argmin(dim=0)[there], torch.arange(len(here))
    away = (back // width - own // width).square() + (back % width - own % width).square()
    return apart, torch.exp(-away / NEAR**2) * torch.sigmoid((UNLIKE - least) * SLOPE)


def _directions(features: Tensor) -> Tensor:
    """Features (C, h, w) beside their mean, of length 1."""
    return F.normalize(features - features.mean(dim=(1, 2), keepdim=True), dim=0)


def _cells(maps: Tensor) -> Tensor:
    """(C, h, w) -> (h * w, C)."""
    return maps.flatten(1).T
