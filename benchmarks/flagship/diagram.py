"""The reliability diagram as a self-contained SVG."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.flagship.calibration import Reliability

SIDE, LEFT, TOP, RIGHT, BOTTOM = 300, 56, 16, 16, 48
COLOURS = ("#2563a8", "#c2571a")
LARGEST = 15
"""Radius of a point that has all pixels, in units; the square has `SIDE` units."""


def reliability_diagram(series: Mapping[str, Reliability]) -> str:
    """Predicted against true probability, for the series of one or two temperatures, by label."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + SIDE + RIGHT} {TOP + SIDE + BOTTOM}" '
        f'width="{LEFT + SIDE + RIGHT}" height="{TOP + SIDE + BOTTOM}" font-family="sans-serif" font-size="12">',
        "<title>Promised probability of the likeliest colour against how often it came true</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        *_axes(),
    ]
    for colour, (label, reliability) in zip(COLOURS, series.items(), strict=False):
        parts.append(f'<g fill="{colour}" fill-opacity=".6" stroke="{colour}">')
        for promised, true, share in reliability.points():
            x, y = _place(promised, true)
            says = f"promised {promised:.2f}, true {true:.2f}, {100 * share:.1f} % of the pixels"
            radius = max(1.5, LARGEST * share**0.5)
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"><title>{label}: {says}</title></circle>')
        parts.append("</g>")
    for i, (colour, label) in enumerate(zip(COLOURS, series, strict=False)):
        y = TOP + 18 + 18 * i
        parts.append(f'<circle cx="{LEFT + 14}" cy="{y - 4}" r="5" fill="{colour}" fill-opacity=".6"/>')
        parts.append(f'<text x="{LEFT + 26}" y="{y}" fill="#222">{label}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _place(promised: float, true: float) -> tuple[float, float]:
    return LEFT + SIDE * promised, TOP + SIDE * (1 - true)


def _axes() -> list[str]:
    """The square, its diagonal, ticks and the axes' names."""
    (left, bottom), (right, top) = _place(0, 0), _place(1, 1)
    parts = [
        f'<rect x="{left}" y="{top}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#999"/>',
        f'<line x1="{left}" y1="{bottom}" x2="{right}" y2="{top}" stroke="#999" stroke-dasharray="5 4"/>',
        '<g fill="#222">',
    ]
    for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        x, y = _place(tick, tick)
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
    middle, across = left + SIDE / 2, top + SIDE / 2
    parts.append(f'<text x="{middle:g}" y="{bottom + 38}" text-anchor="middle">promised probability</text>')
    parts.append(f'<text transform="rotate(-90 16 {across:g})" x="16" y="{across:g}" text-anchor="middle">true</text>')
    return [*parts, "</g>"]
