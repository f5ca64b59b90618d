"""How often prints count as photographs with colours of their own, and colour photographs do not."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from benchmarks.common import evenly
from colorizer.data.files import find_pictures, open_training_photo
from colorizer.photo.kinds import has_own_colours, looks_gray


def share(answers: Iterable[bool]) -> str:
    known = list(answers)
    return f"{sum(known)} of {len(known)} ({100 * np.mean(known):.1f} %)" if known else "none given"


def measure(prints: tuple[str, ...] = (), colour: tuple[str, ...] = ("examples",), most: int = 1000) -> str:
    """How often prints count as photographs with colours of their own, and colour photographs do not.

    prints: scans of black-and-white prints of every tone, in folders; each that counts as having colours is named.
    colour: colour photographs, at most `most` of them, evenly chosen.
    """
    scans = list(find_pictures(prints)) if prints else []
    photos = evenly(find_pictures(colour), most)
    wrong = [scan.name for scan in scans if has_own_colours(open_training_photo(scan))]
    lines = [
        f"prints that count as having colours: {share(scan.name in wrong for scan in scans)}",
        *(f"  {name}" for name in wrong),
        f"prints that look gray: {share(looks_gray(open_training_photo(scan)) for scan in scans)}",
        f"colour photographs that look gray: {share(looks_gray(open_training_photo(photo)) for photo in photos)}",
        f"colour photographs recognized: {share(has_own_colours(open_training_photo(photo)) for photo in photos)}",
    ]
    return "\n".join(lines)
