"""How far a hint reaches: whether it is a clue for the whole picture, or only paints one object.

A colour that the network considered plausible is evidence: if this leaf is red, it is autumn. So the network gets the
hint and draws conclusions for the whole picture. A colour that it considered implausible says little about anything
else, and a network that gets such a hint tints everything. So it does not get the hint, and the colour is painted on
the hinted object (`region`). In between, the network gets a colour between its own and the hint's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..architectures.contract import Architecture
from ..colour import bins
from .hints import REACH_NUMBERS, REACHES, Hint, cells
from .region import Cell, Regions

Size = tuple[int, int]
Sharpen = Callable[[Tensor], Tensor]
_Key = tuple[tuple[float, float], float, float]
"""A hint's colour, its share that is a clue, and its strength."""

CLUE_RANGE = (0.02, 0.04)
"""Below the first `bins.plausibility` a colour is not a clue at all, above the second it is a full clue."""
BETWEEN = 0.15
"""How sharply an object is divided among hints that disagree about it, in edges."""


def needs_automatic(architecture: Architecture, hints: Sequence[Hint]) -> bool:
    """Whether a prediction without hints is needed beside that with them."""
    return architecture.has_distribution or any(hint.reach == "thing" or hint.strength < 1 for hint in hints)


def clues(architecture: Architecture, prediction: Any, hints: Sequence[Hint], photo_size: Size) -> tuple[float, ...]:
    """How far each hint is a clue for the whole picture: in [0, 1]; the rest applies to one object.

    prediction: the architecture's prediction without hints. It is not used for hints that set their `reach`. If the
    architecture predicts no distribution, all other hints are clues. Hints of one colour count as one hint.
    """
    if not (architecture.has_distribution and hints):
        return tuple(0.0 if hint.reach == "thing" else 1.0 for hint in hints)
    p = [distributions_at(architecture, prediction, hint, photo_size) for hint in hints]
    counts = torch.tensor([len(each) for each in p])
    rows = torch.tensor([(*hint.ab, REACH_NUMBERS[hint.reach]) for hint in hints]).repeat_interleave(counts, dim=0)
    shares = clue_shares(rows, torch.cat(p), architecture.centres.cpu())
    return tuple(shares[counts.cumsum(0) - 1].tolist())


def clue_shares(rows: Tensor, p: Tensor, centres: Tensor) -> Tensor:
    """`clues` of single points: (N,), from rows (N, 3) of a, b and `REACH_NUMBERS`, and distributions p (N, Q) without
    hints."""
    low, high = CLUE_RANGE
    judged = ((bins.plausibility(p, centres, rows[:, :2]) - low) / (high - low)).clamp(0, 1)
    thing, picture = (rows[:, 2] == REACH_NUMBERS[reach] for reach in REACHES)
    return torch.where(alike(rows), torch.where(thing, 0.0, torch.where(picture, 1.0, judged)), 0.0).amax(dim=1)


def alike(rows: Tensor) -> Tensor:
    """Which rows (N, C) are equal: bool (N, N)."""
    return (rows[:, None] == rows).all(dim=2)


def hints_for_network(
    architecture: Architecture,
    prediction: Any,
    L: Tensor,
    hints: Sequence[Hint],
    shares: Sequence[float],
    photo_size: Size,
) -> list[Hint]:
    """The hints that the network gets: all that are clues. A partial clue, and one of less than full strength, has a
    colour that is moved by so much from `prediction`'s own colour towards the hint's. L: (1, 1, H, W), as the
    network saw it."""
    result = []
    for hint, share in zip(hints, shares, strict=True):
        moved = share * hint.strength
        if 0 < moved < 1 and architecture.has_distribution:
            p = distributions_at(architecture, prediction, hint, photo_size).mean(dim=0)
            hint = _moved(hint, p @ architecture.centres.cpu().to(p), moved)
        elif 0 < moved < 1:
            hint = _moved(hint, _mean_at(architecture.to_ab(prediction, L)[0], hint, photo_size), moved)
        if moved > 0:
            result.append(hint)
    return result


def paint(
    ab: Tensor, regions: Regions, hints: Sequence[Hint], shares: Sequence[float], photo_size: Size, sharpen: Sharpen
) -> Tensor:
    """Paint each hint's share that is no clue on its object: ab (2, h, w), Lab units, predicted with the hints of
    `hints_for_network`.

    An object with several hints is divided among them; if they contradict each other at one point, the later one wins.
    sharpen: resizes maps (1, K, h, w) from the grid of `regions` to a finer one, such as the colours' own.
    """
    colours, weights = _weights(regions, hints, shares, photo_size)
    if not colours:
        return ab
    maps = sharpen(painted(weights, torch.tensor(colours).to(weights)))
    return laid_on(ab, F.interpolate(maps, ab.shape[1:], mode="bilinear", align_corners=False)[0])


def painted(weights: Tensor, ab: Tensor) -> Tensor:
    """How much of each place is painted, and the painted a and b times that: (1, 3, h, w), from how much of each place
    colours ab (K, 2) get, weights (K, h, w)."""
    return torch.einsum("khw,kc->chw", weights, torch.cat((torch.ones_like(ab[:, :1]), ab), dim=1))[None]


def laid_on(ab: Tensor, maps: Tensor) -> Tensor:
    """ab (2, h, w) under the maps that `painted` made, (3, h, w)."""
    return ab * (1 - maps[:1].clamp(0, 1)) + maps[1:]


def meant(own: Tensor, hints: Sequence[Hint], shares: Sequence[float], photo_size: Size) -> Sequence[Hint]:
    """The hints, with the colours that must hold exactly at their points. A clue of less than full strength has a
    colour between `own`, the automatic colours ab (2, h, w), and the one that was given."""
    if all(hint.strength == 1 for hint in hints):
        return hints
    result = []
    for hint, share in zip(hints, shares, strict=True):
        if share == 1 and hint.strength < 1:
            hint = _moved(hint, _mean_at(own, hint, photo_size), hint.strength)._replace(strength=1.0)
        result.append(hint)
    return result


def region(
    regions: Regions,
    points: Sequence[tuple[float, float]],
    photo_size: Size,
    hints: Sequence[Hint],
    shares: Sequence[float],
) -> Tensor:
    """The area that `paint` would give to one more hint about a thing, at these points, beside the others: (h, w) in
    [0, 1] on the grid of `regions`."""
    more = Hint.stroke(points, (math.inf, math.inf), reach="thing")  # a colour that no other has, not to be mixed up
    colours, weights = _weights(regions, (*hints, more), (*shares, 0.0), photo_size)
    return weights[colours.index(more.ab)]


def _weights(
    regions: Regions, hints: Sequence[Hint], shares: Sequence[float], photo_size: Size
) -> tuple[list[tuple[float, float]], Tensor]:
    """The colours to paint, and how much of each on each cell: (K, h, w) in [0, 1]. Clues paint nothing, but other
    colours leave their part of an object to them."""
    groups = _groups(hints, shares, photo_size, regions.size)
    rest = torch.tensor([(1 - share) * strength for _, share, strength in groups])
    if not (rest > 0).any():
        return [], torch.zeros(0, *regions.size)
    masks, ways = (torch.stack(each) for each in zip(*(regions.at(places) for places in groups.values()), strict=True))
    weights = divided(masks, ways, rest)[rest > 0]
    return [colour for (colour, _, _), left in zip(groups, rest.tolist(), strict=True) if left > 0], weights


def divided(masks: Tensor, ways: Tensor, rest: Tensor) -> Tensor:
    """How much of each place is each group's, (G, h, w) in [0, 1], from the regions of `Regions.around` and the share
    of each group that is no clue, (G,)."""
    parts = masks * torch.exp((ways.amin(dim=0) - ways) / BETWEEN)
    parts = parts / parts.sum(dim=0).clamp(min=1e-9)
    left = rest[:, None, None]
    return torch.where(left > 0, masks, 0.0).amax(dim=0) * parts * left


def _groups(hints: Sequence[Hint], shares: Sequence[float], photo_size: Size, size: Size) -> Mapping[_Key, list[Cell]]:
    """The cells of hints of one colour, share and strength together. A cell belongs to the latest hint on it."""
    owner: dict[Cell, _Key] = {}
    for hint, share in zip(hints, shares, strict=True):
        for cell in _covered(hint, photo_size, size):
            owner[cell] = (hint.ab, share, hint.strength)
    groups: dict[_Key, list[Cell]] = {}
    for cell, key in owner.items():
        groups.setdefault(key, []).append(cell)
    return groups


def _covered(hint: Hint, photo_size: Size, size: Size) -> list[Cell]:
    """The cells of a hint's points, and those whose centre is within its radius of one."""
    found = dict.fromkeys(cells(hint, photo_size, size))
    down, across = photo_size[0] / size[0], photo_size[1] / size[1]
    for x, y in hint.points if hint.radius > 0 else ():
        below, beside = (
            (torch.arange(side).double() + 0.5) * step for side, step in zip(size, (down, across), strict=True)
        )
        inside = (below[:, None] - y).square() + (beside - x).square() <= hint.radius**2
        found.update(dict.fromkeys((row, column) for row, column in inside.nonzero().tolist()))
    return list(found)


def _moved(hint: Hint, own: Tensor, share: float) -> Hint:
    """The hint with a colour that is moved by a share from `own` (2,) towards the hint's."""
    a, b = (mine + share * (asked - mine) for mine, asked in zip(own.tolist(), hint.ab, strict=True))
    return hint._replace(ab=(a, b))


def _mean_at(ab: Tensor, hint: Hint, photo_size: Size) -> Tensor:
    """The mean of the colours ab (2, h, w) at a hint's points: (2,)."""
    rows, columns = zip(*cells(hint, photo_size, (ab.shape[1], ab.shape[2])), strict=True)
    return ab[:, rows, columns].mean(dim=1)


def distributions_at(architecture: Architecture, prediction: Any, hint: Hint, photo_size: Size) -> Tensor:
    """The distributions at a hint's points, (N, Q), on the CPU."""
    logits = architecture.logits(prediction)
    rows, columns = zip(*cells(hint, photo_size, (logits.shape[2], logits.shape[3])), strict=True)
    return logits[0][:, rows, columns].T.float().softmax(dim=1).cpu()
