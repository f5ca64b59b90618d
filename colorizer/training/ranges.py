"""The values that a setting may have, which stand in its field."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import get_type_hints


@dataclass(frozen=True)
class Range:
    """The smallest and the largest value of a number, in its type: `share: Annotated[float, Range(0, 1)]`."""

    low: float
    high: float = math.inf

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        return f"{self.low:g} or more" if self.high == math.inf else f"between {self.low:g} and {self.high:g}"


def ranges(settings: type) -> dict[str, Range]:
    """The ranges in the fields of a dataclass, by their names."""
    hints = get_type_hints(settings, include_extras=True)
    return {
        name: note
        for name, hint in hints.items()
        for note in getattr(hint, "__metadata__", ())
        if isinstance(note, Range)
    }
