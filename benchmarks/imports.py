"""Draws the folders of colorizer and their imports.

A box is a folder, with its number of modules. Rows are the layers of the first contract in pyproject.toml. An arrow
leads from a folder to one that it imports. It is left out if other arrows lead there too: nearly every folder imports
`errors`, and drawing that would say nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import grimp

from benchmarks.common import ROOT

BOX, ROW, GAP, EDGE, LANES = (132, 40), 84, 44, 16, 60
"""In pixels: a box's width and height, distance of rows, space between boxes, margin, and space for arrows next to
the boxes."""
STYLE = """
    text { font: 15px Inter, Helvetica, Arial, sans-serif; fill: #1b1b1b; text-anchor: middle }
    .count { font-size: 11px; fill: #666 }
    rect.room { fill: #eef3fb; stroke: #5a78a8 }
    path { fill: none; stroke: #5a78a8; stroke-width: 1.4; marker-end: url(#end) }
"""


def measure() -> str:
    """The folders of colorizer and their imports: docs/imports.svg in CONTRIBUTING.md."""
    rows = layers(ROOT / "pyproject.toml")
    counts, imports = folders_and_imports()
    return drawn(rows, counts, needed(imports, rows))


def folders_and_imports() -> tuple[dict[str, int], set[tuple[str, str]]]:
    """Number of modules in each folder of the package, and which folder imports which."""
    graph = grimp.build_graph("colorizer")
    folder = {module: module.split(".")[1] for module in graph.modules if "." in module and not module.endswith("__")}
    counts = {name: list(folder.values()).count(name) for name in set(folder.values())}
    pairs = {(folder[m], folder[i]) for m in folder for i in graph.find_modules_directly_imported_by(m) if i in folder}
    return counts, {(importer, imported) for importer, imported in pairs if importer != imported}


def layers(pyproject: Path) -> list[list[str]]:
    """The folders from top to bottom, in the order of the first contract."""
    text = pyproject.read_text(encoding="utf-8").partition("[[tool.importlinter.contracts]]")[2]
    lines = text.partition("layers = [")[2].partition("]")[0].split(",")
    return [line.strip(' \n"').split(" | ") for line in lines if line.strip()]


def needed(imports: set[tuple[str, str]], rows: Sequence[Sequence[str]]) -> set[tuple[str, str]]:
    """The imports that other arrows do not imply, without upward ones, which the contract lists as exceptions."""
    depth = {name: i for i, row in enumerate(rows) for name in row}
    down = {pair for pair in imports if depth[pair[0]] < depth[pair[1]]}
    below: dict[str, set[str]] = {}
    for row in reversed(rows):
        for name in row:
            direct = {imported for importer, imported in down if importer == name}
            below[name] = direct.union(*(below[each] for each in direct))
    return {(a, b) for a, b in down if not any(b in below[other] for x, other in down if x == a and other != b)}


def drawn(rows: Sequence[Sequence[str]], counts: Mapping[str, int], arrows: set[tuple[str, str]]) -> str:
    """The SVG."""
    middle = EDGE + LANES + max(map(_half, rows))
    size = 2 * middle, 2 * EDGE + (len(rows) - 1) * ROW + BOX[1]
    parts = _arrows(rows, arrows, middle)
    for i, row in enumerate(rows):
        for name in row:
            x, y = _left(row, name, middle), EDGE + i * ROW
            modules = f"{counts[name]} modules" if counts[name] > 1 else "1 module"
            parts.append(
                f'<rect class="room" x="{x:.0f}" y="{y}" width="{BOX[0]}" height="{BOX[1]}" rx="6"/>'
                f'<text x="{x + BOX[0] / 2:.0f}" y="{y + 18}">{escape(name)}</text>'
                f'<text class="count" x="{x + BOX[0] / 2:.0f}" y="{y + 33}">{modules}</text>'
            )
    marker = (
        '<marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" style="fill:#5a78a8;stroke:none;marker-end:none"/></marker>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]:.0f}" height="{size[1]}" '
        f'viewBox="0 0 {size[0]:.0f} {size[1]}" role="img" aria-label="The folders of colorizer and what they import">'
        f"<style>{STYLE}</style><defs>{marker}</defs>"
        f'<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _half(row: Sequence[str]) -> float:
    return (len(row) * (BOX[0] + GAP) - GAP) / 2


def _left(row: Sequence[str], name: str, middle: float) -> float:
    return middle - _half(row) + row.index(name) * (BOX[0] + GAP)


def _arrows(rows: Sequence[Sequence[str]], arrows: set[tuple[str, str]], middle: float) -> list[str]:
    """Arrows to the next row are straight; longer ones go around the rows between, each in its own lane."""
    depth = {name: i for i, row in enumerate(rows) for name in row}
    paths, lanes = [], {-1: 0, 1: 0}
    for a, b in sorted(arrows, key=lambda arrow: (depth[arrow[1]] - depth[arrow[0]], arrow)):
        y1, y2 = EDGE + depth[a] * ROW + BOX[1], EDGE + depth[b] * ROW
        x1, x2 = (_left(rows[depth[name]], name, middle) + BOX[0] / 2 for name in (a, b))
        between = rows[depth[a] + 1 : depth[b]]
        if not between:
            paths.append(f'<path d="M{x1:.0f} {y1}C{x1:.0f} {y1 + 22} {x2:.0f} {y2 - 22} {x2:.0f} {y2}"/>')
            continue
        offset = (x1 + x2) / 2 - middle
        side = (1 if offset > 0 else -1) if offset else min(lanes, key=lambda side: lanes[side])
        x = middle + side * (max(map(_half, between)) + 16 + 12 * lanes[side])
        lanes[side] += 1
        x1, x2 = x1 + side * BOX[0] * 0.35, x2 + side * BOX[0] * 0.35
        paths.append(
            f'<path d="M{x1:.0f} {y1}C{x1:.0f} {y1 + 34} {x:.0f} {y1 + 10} {x:.0f} {y1 + 44}'
            f'L{x:.0f} {y2 - 44}C{x:.0f} {y2 - 10} {x2:.0f} {y2 - 34} {x2:.0f} {y2}"/>'
        )
    return paths
