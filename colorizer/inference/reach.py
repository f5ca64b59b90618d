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

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..architectures.contract import Architecture
from ..colour import bins
from .hints import Hint, cells
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
    shares: dict[tuple[Any, ...], float] = {}
    for hint in hints:
        said = {"thing": 0.0, "picture": 1.0}.get(hint.reach or "")
        if said is None:
            said = _believed(architecture, prediction, hint, photo_size) if architecture.has_distribution else 1.0
        key = (hint.ab, hint.reach)
        shares[key] = max(said, shares.get(key, 0.0))
    return tuple(shares[hint.ab, hint.reach] for hint in hints)


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
            p = torch.stack(_at(architecture, prediction, hint, photo_size)).mean(dim=0)
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
    fine = F.interpolate(sharpen(weights[None]), ab.shape[1:], mode="bilinear", align_corners=False)[0].clamp(0, 1)
    return ab * (1 - fine.sum(dim=0)) + torch.einsum("khw,kc->chw", fine, torch.tensor(colours).to(ab))


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
    rest = np.array([(1 - share) * strength for _, share, strength in groups], np.float32)
    if not (rest > 0).any():
        return [], torch.zeros(0, *regions.size)
    masks, ways = (np.stack(each) for each in zip(*(regions.at(places) for places in groups.values()), strict=True))
    parts = masks * np.exp(-(ways - ways.min(axis=0)) / BETWEEN)
    parts /= np.maximum(parts.sum(axis=0), 1e-9)
    covered = masks[rest > 0].max(axis=0)
    weights = torch.from_numpy(covered * parts * rest[:, None, None]).float()[rest > 0]
    return [colour for (colour, _, _), left in zip(groups, rest, strict=True) if left > 0], weights


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
        rows, columns = np.ogrid[: size[0], : size[1]]
        inside = ((rows + 0.5) * down - y) ** 2 + ((columns + 0.5) * across - x) ** 2 <= hint.radius**2
        found.update(dict.fromkeys((int(row), int(column)) for row, column in np.argwhere(inside)))
    return list(found)


def _moved(hint: Hint, own: Tensor, share: float) -> Hint:
    """The hint with a colour that is moved by a share from `own` (2,) towards the hint's."""
    a, b = (mine + share * (asked - mine) for mine, asked in zip(own.tolist(), hint.ab, strict=True))
    return hint._replace(ab=(a, b))


def _mean_at(ab: Tensor, hint: Hint, photo_size: Size) -> Tensor:
    """The mean of the colours ab (2, h, w) at a hint's points: (2,)."""
    rows, columns = zip(*cells(hint, photo_size, (ab.shape[1], ab.shape[2])), strict=True)
    return ab[:, rows, columns].mean(dim=1)


def _at(architecture: Architecture, prediction: Any, hint: Hint, photo_size: Size) -> list[Tensor]:
    """The distribution (Q,) at each of a hint's points, on the CPU."""
    logits = architecture.logits(prediction)
    places = cells(hint, photo_size, (logits.shape[2], logits.shape[3]))
    return [logits[0, :, row, column].float().softmax(dim=0).cpu() for row, column in places]


def _believed(architecture: Architecture, prediction: Any, hint: Hint, photo_size: Size) -> float:
    """How far a hint is a clue, by how plausible its colour was at the most plausible of its points."""
    centres = architecture.centres.cpu()
    points = _at(architecture, prediction, hint, photo_size)
    plausible = max(bins.plausibility(p, centres, hint.ab) for p in points)
    low, high = CLUE_RANGE
    return min(max((plausible - low) / (high - low), 0.0), 1.0)
