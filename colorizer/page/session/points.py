"""Corrections as the page has them, points with colours, and as networks take them, hints."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from colorizer.colour.hex import hex_to_ab, two_numbers
from colorizer.errors import UserError
from colorizer.photo.metadata import MOST_NOTE

if TYPE_CHECKING:
    from colorizer.inference.hints import Hint

MOST_HINTS = 100
MOST_POINTS = 400
"""The most points of all hints of a photograph."""


def to_hints(points: Sequence[Mapping[str, Any]], size: tuple[int, int]) -> list[Hint]:
    """Hints for a photo of `size` (width, height).

    points: {"x", "y", "color"}, and optionally "ab", "path", "reach", "strength", "note", "off". x and y are fractions
    of the picture; points outside move to its edge. "color" is "#rrggbb", without regard to its lightness; "ab" is the
    exact colour in Lab units. "path" has the further points of a stroke, [[x, y], ...]. "reach", "strength" and "note"
    are those of a `Hint`. A point that is "off" waits. Raises ValueError for a bad number or colour, and for more than
    `MOST_HINTS` or `MOST_POINTS`.
    """
    from colorizer.inference.hints import Hint

    check_hint_count(points)
    hints = []
    for point in points:
        if point.get("off"):
            continue
        places = to_places([(point.get("x"), point.get("y")), *pairs(point.get("path"))], size)
        a, b = hex_to_ab(point.get("color", "")) if point.get("ab") is None else two_numbers(point["ab"])
        ab = min(max(a, -128.0), 128.0), min(max(b, -128.0), 128.0)
        hint = Hint.stroke(places, ab, reach=point.get("reach") or None)
        hints.append(hint._replace(strength=_share(point.get("strength")), note=plain_note(point.get("note"))))
    check_point_count(hints)
    return hints


def to_places(points: Sequence[tuple[Any, Any]], size: tuple[int, int]) -> list[tuple[float, float]]:
    """Points in fractions of a picture of `size` (width, height), in its pixels. Raises ValueError as `to_pixels` does,
    and for more than `MOST_POINTS`."""
    if len(points) > MOST_POINTS:
        raise UserError.of("points_many", most=MOST_POINTS, count=len(points))
    return [(to_pixels(x, size[0]), to_pixels(y, size[1])) for x, y in points]


def check_hint_count(hints: Sequence[Any]) -> None:
    """Raise ValueError for more than `MOST_HINTS`."""
    if len(hints) > MOST_HINTS:
        raise UserError.of("hints_many", most=MOST_HINTS, count=len(hints))


def check_point_count(hints: Sequence[Hint]) -> None:
    """Raise ValueError for more than `MOST_POINTS` in all."""
    count = sum(len(hint.points) for hint in hints)
    if count > MOST_POINTS:
        raise UserError.of("points_many", most=MOST_POINTS, count=count)


def plain_note(note: Any) -> str:
    """A hint's note as one line of at most `MOST_NOTE` letters that every file can hold."""
    letters = (letter if letter.isprintable() else " " for letter in note) if isinstance(note, str) else ""
    return " ".join("".join(letters).split())[:MOST_NOTE].rstrip()


def pairs(path: Any) -> list[tuple[Any, Any]]:
    """The points in a list of pairs. Raises ValueError for anything else."""
    try:
        return [(x, y) for x, y in path or ()]
    except (TypeError, ValueError):
        raise UserError.of("hint_place", fraction=path) from None


def _share(strength: Any) -> float:
    try:
        return 1.0 if strength is None else min(max(float(strength), 0.0), 1.0)
    except (TypeError, ValueError):
        raise UserError.of("hint_strength", strength=strength) from None


def to_pixels(fraction: Any, side: int) -> float:
    """A fraction of a side in pixels, within the side, rounded to a hundredth so that the same point always gives the
    same number. Raises ValueError for anything but a number."""
    try:
        value = float(fraction)
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise UserError.of("hint_place", fraction=fraction)
    return min(max(round(value * side, 2), 0.0), side - 0.01)
