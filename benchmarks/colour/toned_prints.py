"""How often prints count as photographs with colours of their own, and colour photographs do not."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from benchmarks.common import opened
from colorizer.photo.kinds import has_own_colours, looks_gray


def share(answers: Iterable[bool]) -> str:
    known = list(answers)
    return f"{sum(known)} of {len(known)} ({100 * np.mean(known):.1f} %)" if known else "none given"


def measure(prints: tuple[str, ...] = (), colour: tuple[str, ...] = ("examples",), most: int = 1000) -> str:
    """How often prints count as photographs with colours of their own, and colour photographs do not.

    prints: scans of black-and-white prints of every tone, in folders; each that counts as having colours is named.
    colour: colour photographs, at most `most` of them, evenly chosen.
    """
    scans = [(name, has_own_colours(scan), looks_gray(scan)) for name, scan in opened(prints)] if prints else []
    photos = [(has_own_colours(photo), looks_gray(photo)) for _, photo in opened(colour, most)]
    lines = [
        f"prints that count as having colours: {share(own for _, own, _ in scans)}",
        *(f"  {name}" for name, own, _ in scans if own),
        f"prints that look gray: {share(gray for _, _, gray in scans)}",
        f"colour photographs that look gray: {share(gray for _, gray in photos)}",
        f"colour photographs recognized: {share(own for own, _ in photos)}",
    ]
    return "\n".join(lines)
