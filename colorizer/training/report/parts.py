"""Gradients and updates by part of the network, as small line charts in a table, legible with two or eighteen parts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from colorizer.figures.chart import Point, number, path_of, power

from .record import RunRecord


@dataclass(frozen=True)
class Strip:
    """A small line chart of one part of the network, on a logarithmic scale that all strips of its kind share."""

    path: str
    ends: tuple[tuple[float, float], ...]
    first: float
    last: float


@dataclass(frozen=True)
class Scale:
    """The scale that strips of one kind share: its ends, in words, and the heights of powers of ten."""

    words: str
    decades: tuple[float, ...]


@dataclass(frozen=True)
class Parts:
    """Gradients and updates by part: a strip of each kind for each part's name, None where nothing was logged."""

    rows: tuple[tuple[str, Strip | None, Strip | None], ...]
    of_gradients: Scale
    of_updates: Scale


def parts_of(record: RunRecord) -> Parts | None:
    """Gradients and updates by part, in the network's order; None if no validation logged any."""
    kinds = [_by_part(record.validations, name) for name in ("gradients", "updates")]
    names = list(dict.fromkeys([*kinds[0], *kinds[1]]))
    if not names:
        return None
    (gradients, of_gradients), (updates, of_updates) = (_strips(kind, float(record.seen)) for kind in kinds)
    rows = tuple((name, gradients.get(name), updates.get(name)) for name in names)
    return Parts(rows, of_gradients, of_updates)


def _by_part(validations: Sequence[Point], name: str) -> dict[str, list[tuple[float, float]]]:
    parts: dict[str, list[tuple[float, float]]] = {}
    for point in validations:
        noted = point.get(name)
        for part, value in noted.items() if isinstance(noted, dict) else ():
            parts.setdefault(part, []).append((float(point["pictures_seen"]), number(value)))
    return parts


def _strips(parts: dict[str, list[tuple[float, float]]], span: float) -> tuple[dict[str, Strip], Scale]:
    """Strips of 160 x 28 units for each part, and their scale."""
    logs = [math.log10(y) for pairs in parts.values() for _, y in pairs if 0 < y < math.inf] or [0.0]
    low, high = math.floor(min(logs)), max(math.ceil(max(logs)), math.floor(min(logs)) + 1)

    def height(exponent: float) -> float:
        return round(25 - 22 * (exponent - low) / (high - low), 1)

    strips = {}
    for name, pairs in parts.items():
        places = [(round(3 + 154 * x / span, 1), height(math.log10(y))) for x, y in pairs if 0 < y < math.inf]
        strips[name] = Strip(path_of(places) if places else "", tuple(places[-1:]), pairs[0][1], pairs[-1][1])
    return strips, Scale(f"{power(low)} to {power(high)}", tuple(height(n) for n in range(low, high + 1)))
