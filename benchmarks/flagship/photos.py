"""The photographs to measure on, with their names, which say of what kind they are."""

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
"""Names that differ more than this are names, not kinds."""


@dataclass(frozen=True)
class Photos:
    """Colour photographs, "RGB", stretched to 256 x 256."""

    images: tuple[Image.Image, ...]
    kinds: tuple[str, ...]
    """Of each photograph; all "" where names tell no kinds apart."""
    problems: tuple[str, ...]
    """A sentence for each picture that was left out."""


def open_photos(sources: Sequence[str], limit: int | None = None) -> Photos:
    """Photographs of folders, .tar and .zip files, by name, at most `limit` of them, taken evenly.

    Raises ValueError where there is none.
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
    """What the names of files say the pictures are of: their first word, up to a "_", a "-" or a digit, that is not in
    all names alike: object_01.jpg, scene-02.jpg -> "object", "scene". "" for all where words tell no kinds apart."""
    words = [[word for word in re.split(r"[\W_\d]+", os.path.splitext(name)[0]) if word] for name in names]
    for place in range(min(map(len, words), default=0)):
        found = [own[place] for own in words]
        if 1 < len(set(found)) <= MOST_KINDS:
            return found
    return [""] * len(names)
