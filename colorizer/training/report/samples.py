"""Sheets of samples as JPEGs inside the page: the first, the last, the best and a few in between."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

SHOWN = 8
"""Most sheets in a page, not counting the best one: about 0.3 MB each."""
WIDEST, HIGHEST = 1000, 1500
"""In pixels; a larger sheet is scaled down, a smaller one is never scaled up."""


@dataclass(frozen=True)
class Sheet:
    """One sheet of samples, ready for the page."""

    seen: int
    uri: str
    width: int
    height: int


def sheets_to_show(
    sheets: Sequence[tuple[int, Path]], best_seen: int | None, shown: int = SHOWN
) -> tuple[list[Sheet], list[str]]:
    """The chosen sheets in order, and a sentence for each one that cannot be read."""
    chosen, problems = [], []
    for i in choose(len(sheets), shown) | {i for i, (seen, _) in enumerate(sheets) if seen == best_seen}:
        seen, path = sheets[i]
        try:
            chosen.append(_sheet(seen, path))
        except OSError:
            problems.append(f"{path.name} is not a readable picture and is left out.")
    return sorted(chosen, key=lambda sheet: sheet.seen), problems


def choose(count: int, shown: int) -> set[int]:
    """`shown` of the numbers below `count`, or all of them: evenly spread, including the first and the last."""
    if count <= shown:
        return set(range(count))
    return {round(i * (count - 1) / (shown - 1)) for i in range(shown)}


def _sheet(seen: int, path: Path) -> Sheet:
    with Image.open(path) as stored:
        picture = stored.convert("RGB")
    picture.thumbnail((WIDEST, HIGHEST), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85, subsampling=0)  # full colour resolution, since colours are the point
    uri = "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
    return Sheet(seen, uri, *picture.size)
