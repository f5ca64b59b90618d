"""How far a hint reaches: whether it is a clue for the whole picture, or only paints one object.

A colour that the network considered plausible is evidence: if this leaf is red, it is autumn. So the network gets the
hint and draws conclusions for the whole picture. A colour that it considered implausible says little about anything
else, and a network that gets such a hint tints everything. So it does not get the hint, and the colour is painted on
the hinted object (`region`). In between, the network gets a colour between its own and the hint's.
"""

from __future__ import annotations

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

DOUBTED = (0.02, 0.04)
"""Below the first `bins.plausibility` a colour is not a clue at all, above the second it is a full clue."""
BETWEEN = 0.15
"""How sharply an object is divided among hints that disagree about it, in edges."""


def undecided(architecture: Architecture, hints: Sequence[Hint]) -> bool:
    """Whether a prediction without hints is needed, to decide how far they reach or to paint on it."""
    return any(hint.reach == "thing" or (hint.reach is None and architecture.has_distribution) for hint in hints)


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


def told(
    architecture: Architecture, prediction: Any, hints: Sequence[Hint], shares: Sequence[float], photo_size: Size
) -> list[Hint]:
    """The hints that the network gets: all that are clues. A partial clue has a colour that is moved by its share from
    `prediction`'s own colour towards the hint's."""
    result = []
    for hint, share in zip(hints, shares, strict=True):
        if 0 < share < 1:
            p = torch.stack(_at(architecture, prediction, hint, photo_size)).mean(dim=0)
            own = (p @ architecture.centres.cpu().to(p)).tolist()
            a, b = (mine + share * (asked - mine) for mine, asked in zip(own, hint.ab, strict=True))
            hint = hint._replace(ab=(a, b))
        if share > 0:
            result.append(hint)
    return result


def paint(
    ab: Tensor, regions: Regions, hints: Sequence[Hint], shares: Sequence[float], photo_size: Size, sharpen: Sharpen
) -> Tensor:
    """Paint each hint's share that is no clue on its object: ab (2, h, w), Lab units, predicted with `told`'s hints.

    An object with several hints is divided among them; if they contradict each other at one point, the later one wins.
    sharpen: resizes maps (1, K, h, w) from the grid of `regions` to a finer one, such as the colours' own.
    """
    groups = _groups(hints, shares, photo_size, regions.size)
    if all(share == 1 for _, share in groups):
        return ab
    masks, ways = (np.stack(each) for each in zip(*(regions.at(places) for places in groups.values()), strict=True))
    parts = masks * np.exp(-(ways - ways.min(axis=0)) / BETWEEN)
    parts /= np.maximum(parts.sum(axis=0), 1e-9)
    rest = np.array([1 - share for _, share in groups], np.float32)
    covered = masks[rest > 0].max(axis=0)
    weights = torch.from_numpy(covered * parts * rest[:, None, None]).float()[rest > 0]
    fine = F.interpolate(sharpen(weights[None]), ab.shape[1:], mode="bilinear", align_corners=False)[0].clamp(0, 1)
    colours = torch.tensor([colour for colour, share in groups if share < 1]).to(ab)
    return ab * (1 - fine.sum(dim=0)) + torch.einsum("khw,kc->chw", fine, colours)


def _groups(
    hints: Sequence[Hint], shares: Sequence[float], photo_size: Size, size: Size
) -> Mapping[tuple[tuple[float, float], float], list[Cell]]:
    """The cells of hints of one colour and one share together. A cell belongs to the latest hint that covers it."""
    owner: dict[Cell, tuple[tuple[float, float], float]] = {}
    for hint, share in zip(hints, shares, strict=True):
        for cell in _covered(hint, photo_size, size):
            owner[cell] = (hint.ab, share)
    groups: dict[tuple[tuple[float, float], float], list[Cell]] = {}
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
    low, high = DOUBTED
    return min(max((plausible - low) / (high - low), 0.0), 1.0)
