"""What a person writes about a photograph: title, year and credit."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

MOST = {"title": 120, "year": 20, "credit": 120}
"""Letters of each."""


class Caption(NamedTuple):
    """One line each, "" where nothing was written."""

    title: str = ""
    year: str = ""
    """As it was written, such as "1912" or "about 1912"."""
    credit: str = ""
    """Whose photograph it is."""

    def with_field(self, name: str, words: object) -> Caption:
        """With a new title, year or credit: without control characters, spaces put in order, cut to `MOST` letters.
        Raises ValueError for another field."""
        if name not in MOST:
            raise ValueError(f"a caption has {', '.join(MOST)}, and no {name}")
        plain = "".join(" " if unicodedata.category(letter)[0] == "C" else letter for letter in str(words))
        return self._replace(**{name: " ".join(plain.split())[: MOST[name]].strip()})

    def fields(self) -> dict[str, str]:
        """By name."""
        return self._asdict()

    def line(self, otherwise: str = "") -> str:
        """Title and year. otherwise: what stands for a title that was not written."""
        return ", ".join(filter(None, (self.title or otherwise, self.year)))
