"""The photographs to measure on, with their kinds, which come from their names."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from PIL import Image

from colorizer.colour.metrics import PROTOCOL_SIDE
from colorizer.data.files import find_pictures, open_to_measure

T = TypeVar("T")

MOST_KINDS = 6
"""Most kinds; if there are more, the first words are names, not kinds."""


@dataclass(frozen=True)
class Photos:
    """Colour photographs, "RGB", stretched to 256 x 256."""

    images: tuple[Image.Image, ...]
    kinds: tuple[str, ...]
    """The kind of each photograph; all "" if the names give no kinds."""
    problems: tuple[str, ...]
    """One sentence for each picture that was left out."""


def open_photos(sources: Sequence[str], limit: int | None = None) -> Photos:
    """Photographs in folders, .tar and .zip files, sorted by name, at most `limit` of them, taken evenly.

    Raises ValueError if there are none.
    """
    names, images, problems = [], [], []
    for picture in evenly(find_pictures(sources), limit):
        opened, said = open_to_measure([picture], PROTOCOL_SIDE)
        names += [os.path.basename(picture.name)] * len(opened)
        images += opened
        problems += said
    if not images:
        raise ValueError("there is no colour photograph to measure on; give a folder or a .tar with some")
    return Photos(tuple(images), tuple(kinds_of(names)), tuple(problems))


def evenly(found: Sequence[T], limit: int | None) -> list[T]:
    """At most `limit` of a sequence, taken evenly; all of it for None."""
    count = len(found) if limit is None else min(limit, len(found))
    return [found[(2 * i + 1) * len(found) // (2 * count)] for i in range(count)]


def kinds_of(names: Sequence[str]) -> list[str]:
    """Kinds of pictures from their file names: the first word that is not the same in all names, up to "_", "-" or a
    digit: object_01.jpg, scene-02.jpg -> "object", "scene". All "" if the words give no kinds."""
    words = [[word for word in re.split(r"[\W_\d]+", os.path.splitext(name)[0]) if word] for name in names]
    for place in range(min(map(len, words), default=0)):
        found = [own[place] for own in words]
        if 1 < len(set(found)) <= MOST_KINDS:
            return found
    return [""] * len(names)
