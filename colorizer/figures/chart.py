"""Charts of a training, drawn by matplotlib as SVG for a page.

An SVG takes its colours from the page, which sets the CSS variables --predicted, --gray and --truth for lines, --muted
for words, --grid, and --text for the ring; its letters are the page's own.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from html import escape
from itertools import pairwise
from threading import Lock
from typing import Any

import numpy as np

WIDTH, HEIGHT = 400, 220
"""The size of a chart, in units; the page shows it at about one pixel per unit, on phones and desktops."""
LEFT, RIGHT, TOP, BOTTOM = 54, 14, 22, 34
"""Margins of a chart, in units."""
MOST = 240
"""Most points of a line drawn singly; more are averaged in buckets, with a band from minimum to maximum."""
STEEP = 50.0
"""Ratio of largest to smallest value above which an axis is logarithmic."""
TINY = 1e-300
"""Smallest value on a logarithmic axis: the power of ten below it is still a float."""
COLOURS = {
    "predicted": "#0b61a4", "gray": "#6c6c6c", "truth": "#a44a06", "muted": "#585e66", "grid": "#e4e4e0",
    "text": "#1c1e21",
}  # fmt: skip
"""Colours that matplotlib is told; the page's variables of these names then take their places."""
DASHES: dict[str, Any] = {"predicted": "-", "gray": (0, (3.3, 2.2)), "truth": (0, (1.1, 1.7))}
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none", "text.parse_math": False, "font.size": 12, "lines.linewidth": 1.8,
    "text.color": COLOURS["muted"],
    "axes.autolimit_mode": "round_numbers", "axes.xmargin": 0, "axes.ymargin": 0, "axes.axisbelow": True,
    "axes.grid": True, "axes.grid.axis": "y", "grid.color": COLOURS["grid"], "grid.linewidth": 1,
    "xtick.color": COLOURS["muted"], "ytick.labelcolor": COLOURS["muted"], "xtick.major.size": 4,
    "ytick.major.size": 0, "ytick.major.pad": 6,
    **dict.fromkeys((f"axes.spines.{side}" for side in ("left", "right", "top", "bottom")), False),
}  # fmt: skip
_DRAWING = Lock()
"""Held while matplotlib's settings, which all threads share, are those of `STYLE`."""

Values = tuple[tuple[float, float], ...]
Line = tuple[str, str, Values]
"""Label, style ("predicted", "gray" or "truth") and values of a line."""
Point = Mapping[str, Any]
"""Values measured at one moment of a training, by name."""


def number(value: Any) -> float:
    """A JSON value as a float; NaN if it is not a number."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan


def other_pictures(validations: Sequence[Point]) -> frozenset[float]:
    """Where a validation used other pictures than the one before, judged by plain gray's figures. No line joins the
    two, because the step between them says nothing about the network."""
    return frozenset(
        float(now["pictures_seen"])
        for before, now in pairwise(validations)
        if abs(number(now.get("gray_psnr")) - number(before.get("gray_psnr"))) > 1e-3
    )


def values(points: Iterable[Point], name: str) -> Values:
    """(pictures seen, value) for every finite value."""
    pairs = ((float(point["pictures_seen"]), number(point.get(name))) for point in points)
    return tuple((x, y) for x, y in pairs if math.isfinite(y))


@lru_cache(64)
def line_chart(
    lines: tuple[Line, ...],
    span: float,
    says: str,
    unit: str = "",
    across: str = "",
    from_zero: bool = False,
    best_seen: float | None = None,
    breaks: frozenset[float] = frozenset(),
) -> str:
    """An SVG element of non-empty lines over 0 to `span` pictures seen.

    says: the text alternative. unit, across: what stands at the upright and at the level axis. best_seen: a ring marks
    the best weights here. breaks: no line joins these to the value before.
    """
    every = [y for _, _, pairs in lines for _, y in pairs]
    logarithmic = not from_zero and min(every) > 0 and max(every) > STEEP * min(every)
    span = max([span, *(x for _, _, pairs in lines for x, _ in pairs)]) or 1.0

    def draw(axes: Any) -> None:
        from matplotlib.ticker import EngFormatter, LogLocator, MaxNLocator

        axes.set(xlim=(0, span), yscale="log" if logarithmic else "linear")
        axes.minorticks_off()
        axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(EngFormatter(sep=""))
        axes.yaxis.set_major_locator(
            LogLocator(numticks=6) if logarithmic else MaxNLocator(5, steps=[1, 2, 2.5, 5, 10])
        )
        axes.yaxis.set_major_formatter("{x:.6g}")
        for _, style, pairs in reversed(lines):
            _draw_line(axes, style, pairs, breaks, TINY if logarithmic else -math.inf)
        for best in (pair for pair in lines[0][2] if pair[0] == best_seen):
            axes.plot(*best, "o", ms=12, mfc="none", mec=COLOURS["text"], mew=1.5)
        if from_zero:
            axes.update_datalim([(0, 0)])
        axes.annotate(unit + ", logarithmic" * logarithmic, (4, HEIGHT - 11), xycoords="figure points")
        axes.annotate(across, (WIDTH - RIGHT, 3), xycoords="figure points", ha="right")

    box = (LEFT, BOTTOM, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM)
    return _svg((WIDTH, HEIGHT), box, says, draw)


def _draw_line(axes: Any, style: str, pairs: Values, breaks: frozenset[float], least: float) -> None:
    colour = COLOURS[style]
    x, y = np.maximum(pairs, (0, least)).T
    options: dict[str, Any] = {"color": colour, "ls": DASHES[style]}
    if len(x) > MOST:
        buckets = np.array_split(np.stack((x, y)), MOST // 2, axis=1)
        x, y = np.array([bucket.mean(axis=1) for bucket in buckets]).T
        under, over = ([limit(bucket[1]) for bucket in buckets] for limit in (np.min, np.max))
        axes.fill_between(x, under, over, color=colour, alpha=0.22, linewidth=0)
    else:
        at = [i for i in range(1, len(x)) if x[i] in breaks]
        x, y = np.insert(x, at, x[at]), np.insert(y, at, math.nan)
        dots = None if len(pairs) <= 60 else [i + 1 + n for n, i in enumerate(at)]
        options |= {"marker": "o", "ms": 5 if len(pairs) < 26 else 2.4, "mew": 0, "markevery": dots}
    axes.plot(x, y, **options)


def _svg(size: tuple[int, int], box: tuple[float, float, float, float], says: str, draw: Callable[[Any], None]) -> str:
    """An SVG element to stand in a page. box: left, bottom, width and height of the axes, in units like `size`."""
    import matplotlib
    from matplotlib.figure import Figure

    width, height = size
    with _DRAWING, matplotlib.rc_context({**STYLE, "svg.hashsalt": says}), io.StringIO() as file:
        figure = Figure(figsize=(width / 72, height / 72))
        figure.patch.set_visible(False)
        axes = figure.add_axes((box[0] / width, box[1] / height, box[2] / width, box[3] / height))
        axes.patch.set_visible(False)
        draw(axes)
        figure.savefig(file, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
        body = file.getvalue().partition("</defs>")[2]  # before it stands a style that would be the whole page's
    # Groups have the same names in every chart; those of marks follow from `says`. Nothing is cut off at the frame, on
    # which dots and rings may stand.
    superfluous = r' id="[^"]*[_.][^"]*"| transform="rotate\(-0 [^"]*"|font-family: [^;"]*; ?| clip-path="[^"]*"'
    body = re.sub(rf"{superfluous}|<defs>\s*<clipPath.*</defs>", "", body, flags=re.DOTALL)
    for name, colour in COLOURS.items():
        body = body.replace(colour, f"var(--{name})")
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(says)}">{body}'
