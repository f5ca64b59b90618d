"""The colour profiles that results carry (ICC.1:2022): small files beside this one, free to use, so that the same work
writes the same bytes. Their primaries are those of IEC 61966-2-1, Adobe RGB (1998) and Display P3, adapted to D50 by
Bradford's matrix, and their curves are parametric."""

from __future__ import annotations

from functools import cache
from pathlib import Path

SPACES = {"srgb": "sRGB", "adobe-rgb": "Compatible with Adobe RGB (1998)", "display-p3": "Display P3"}
"""The titles of profiles, by the name that a person gives a space of colours."""


@cache
def profile_of(space: str) -> bytes:
    """The ICC profile of one of `SPACES`."""
    return (Path(__file__).parent / "icc" / f"{space}.icc").read_bytes()
