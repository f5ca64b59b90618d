"""Numbers -> charts for the template: SVG paths, ticks and a sentence that describes the chart.

A chart is 400 x 220 units. The page shows it at about one pixel per unit, on phones and desktops.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from matplotlib.ticker import MaxNLocator

WIDTH, HEIGHT = 400, 220
LEFT, RIGHT, TOP, BOTTOM = 54, 14, 22, 34
FRAME = {"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": WIDTH - RIGHT, "bottom": HEIGHT - BOTTOM}
"""Positions of axes and their labels in the template."""
MOST = 240
"""Most points of a line drawn singly; more are averaged in buckets, with a band from minimum to maximum."""
STEEP = 50.0
"""Ratio of largest to smallest value above which an axis is logarithmic."""

Values = Sequence[tuple[float, float]]
Point = Mapping[str, Any]
"""Values measured at one moment of a training, by name."""


def number(value: Any) -> float:
    """A JSON value as a float; NaN if it is not a number."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan


@dataclass(frozen=True)
class Line:
    """One line of a chart; `style` sets its colour and dashes: predicted, gray or truth."""

    label: str
    style: str
    path: str
    band: str = ""
    dots: tuple[tuple[float, float, str], ...] = ()
    """x, y and tooltip of each value, unless there are too many."""


@dataclass(frozen=True)
class Chart:
    """Everything the template needs for one chart."""

    title: str
    unit: str
    lines: tuple[Line, ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    says: str
    """The text alternative."""
    ring: tuple[float, float] | None = None
    """Position of the best weights."""


def other_pictures(validations: Sequence[Point]) -> frozenset[float]:
    """Where a validation used other pictures than the one before, judged by plain gray's figures. No line joins the
    two, because the step between them says nothing about the network."""
    return frozenset(
        float(now["pictures_seen"])
        for before, now in pairwise(validations)
        if abs(number(now.get("gray_psnr")) - number(before.get("gray_psnr"))) > 1e-3
    )


def values(
    points: Iterable[Point], name: str, change: Callable[[float], float] = lambda y: y
) -> list[tuple[float, float]]:
    """(pictures seen, value) for every finite value."""
    pairs = ((float(point["pictures_seen"]), change(number(point.get(name)))) for point in points)
    return [(x, y) for x, y in pairs if math.isfinite(y)]


def chart(
    title: str,
    unit: str,
    lines: Sequence[tuple[str, str, Values]],
    span: float,
    from_zero: bool = False,
    best_seen: float | None = None,
    breaks: frozenset[float] = frozenset(),
) -> Chart:
    """A chart of non-empty lines (label, style, values), over 0 to `span` pictures seen.

    best_seen: a ring marks the best weights here. breaks: no line joins these to the value before.
    """
    every = [y for _, _, pairs in lines for _, y in pairs]
    logarithmic = not from_zero and min(every) > 0 and max(every) > STEEP * min(every)
    y_axis = _Axis(every, logarithmic, from_zero)
    span = max([span, *(x for _, _, pairs in lines for x, _ in pairs)])

    def place(x: float, y: float) -> tuple[float, float]:
        across = LEFT + (WIDTH - LEFT - RIGHT) * x / (span or 1)
        return round(across, 1), round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * y_axis.share(y), 1)

    drawn = tuple(_line(label, style, pairs, place, breaks) for label, style, pairs in lines)
    ring = next((place(x, y) for x, y in lines[0][2] if x == best_seen), None)
    ticks = MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(0, span or 1)
    return Chart(
        title,
        unit + ", logarithmic" * y_axis.logarithmic,
        drawn,
        tuple((place(x, y_axis.low)[0], short(x)) for x in ticks if 0 <= x <= span * 1.001),
        tuple((place(0, y)[1], label) for y, label in y_axis.ticks),
        f"{title} ({unit}): " + "; ".join(_says(label, pairs) for label, _, pairs in lines) + ".",
        ring,
    )


class _Axis:
    """Maps a value to its height between the bottom, 0, and the top, 1."""

    def __init__(self, every: Sequence[float], logarithmic: bool, from_zero: bool):
        self.logarithmic = logarithmic
        low, high = min([*every, 0.0] if from_zero else every), max(every)
        if logarithmic:
            # The power of ten below 1e-300 is still a float; below smaller values it may not be.
            decades = range(math.floor(math.log10(max(low, 1e-300))), math.ceil(math.log10(high)) + 1)
            apart = -(-len(decades) // 6)
            self.ticks = [(10.0**n, power(n)) for n in decades[::apart]]
            self.low, self.high = 10.0 ** decades[0], 10.0 ** decades[-1]
            return
        if high - low < 1e-9 * max(abs(high), 1e-30):
            low, high = (0.0, high or 1.0) if from_zero else (low - 0.5, high + 0.5)
        ticks = MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
        self.low, self.high = float(ticks[0]), float(ticks[-1])
        self.ticks = [(float(tick), f"{tick:.6g}") for tick in ticks]

    def share(self, y: float) -> float:
        low, high = self.low, self.high
        if self.logarithmic:
            y, low, high = math.log10(max(y, low)), math.log10(low), math.log10(high)
        return (y - low) / (high - low)


def _line(
    label: str,
    style: str,
    pairs: Values,
    place: Callable[[float, float], tuple[float, float]],
    breaks: frozenset[float],
) -> Line:
    if len(pairs) <= MOST:
        dotted = pairs if len(pairs) <= 60 else [pair for pair in pairs if pair[0] in breaks]
        dots = tuple((*place(x, y), f"{y:.4g} after {x:,.0f} pictures") for x, y in dotted)
        cuts = [0, *(i for i, (x, _) in enumerate(pairs) if x in breaks and i), len(pairs)]
        path = "".join(path_of([place(x, y) for x, y in pairs[i:j]]) for i, j in pairwise(cuts))
        return Line(label, style, path, dots=dots)
    size = -(-len(pairs) // (MOST // 2))
    buckets = [pairs[i : i + size] for i in range(0, len(pairs), size)]
    xs, ys = ([math.fsum(pair[axis] for pair in bucket) / len(bucket) for bucket in buckets] for axis in (0, 1))
    over, under = (
        [place(x, limit(y for _, y in bucket)) for x, bucket in zip(xs, buckets, strict=True)] for limit in (max, min)
    )
    path = path_of([place(x, y) for x, y in zip(xs, ys, strict=True)])
    return Line(label, style, path, band=path_of([*over, *reversed(under)]) + "Z")


def path_of(places: Iterable[tuple[float, float]]) -> str:
    """The `d` attribute of an SVG path through points."""
    return "M" + "L".join(f"{x:g},{y:g}" for x, y in places)


def _says(label: str, pairs: Values) -> str:
    if len(pairs) == 1 or all(y == pairs[0][1] for _, y in pairs):
        return f"{label} {pairs[0][1]:.4g} throughout" if len(pairs) > 1 else f"{label} {pairs[0][1]:.4g}"
    (first_x, first), (last_x, last) = pairs[0], pairs[-1]
    low, high = min(y for _, y in pairs), max(y for _, y in pairs)
    return (
        f"{label} from {first:.4g} after {first_x:,.0f} pictures seen to {last:.4g} after {last_x:,.0f}, "
        f"between {low:.4g} and {high:.4g}"
    )


def short(count: float) -> str:
    """A number of pictures for an axis: 240000 -> "240k"."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:g}{letter}"
    return f"{count:g}"


def power(exponent: int) -> str:
    """10 to the power of an integer, with superscript digits."""
    return "1" if exponent == 0 else "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
