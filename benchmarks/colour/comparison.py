"""The table of all checkpoints, for the documents."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.common import FLAGSHIP, ROOT, Measured
from colorizer.evaluation.comparison import COST, GRAY, ORACLE, markdown


def taken(table: Path = ROOT / "docs/comparison.md") -> Measured:
    """The table that `colorizer evaluate --all` wrote, and for the README three of its rows: the flagship, the
    single-tint oracle, plain gray."""
    text = table.read_text(encoding="utf-8").strip()
    heading, _, *rows = (line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|"))
    shown = [row for row in rows if row[0] in (f"`{FLAGSHIP}`", ORACLE, GRAY)]
    said = re.search(r"^(\d.* at \d+ × \d+); (PSNR [^.]*\.)", text, re.MULTILINE)
    if not said or len(shown) != 3:
        raise ValueError(f"{table.name} is no table of `evaluate --all` with {FLAGSHIP} in it")
    cells = [[row[0], *row[len(COST) :]] for row in shown]
    summary = markdown([said[1], *heading[len(COST) :]], cells)
    return Measured((text, f"{summary}\n\n{' '.join(said[2].split())}"))
