"""The pages of a TIFF file: where their directories are, and what these have."""

from __future__ import annotations

import struct
from typing import BinaryIO, NamedTuple

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_BASIC = {258, 259, 262, 273}
"""Numbers of what decoders need of every page and would guess."""
_MOST_PAGES, _MOST_TAGS = 10_000, 4_000


class Place(NamedTuple):
    """Where a page is."""

    frame: int
    """Its number in the file, from 0, with the reduced versions of pages."""
    offset: int
    """The place of its directory, in bytes."""
    tags: frozenset[int] = frozenset()
    """The numbers of what its directory has."""


def pages_of(file: BinaryIO) -> list[Place]:
    """The pages, except reduced versions of others and masks; all pages if every one is marked as such. A chain of
    pages that leads back to where it was ends there. Raises NotImplementedError for a raw file of a camera, in whose
    chain of pages there are only reduced versions of what lies deeper."""
    file.seek(0)
    head = file.read(16)
    order, big = ("<" if head[:2] == b"II" else ">"), 43 in head[2:4]
    count_form, entry, link = (order + "Q", 20, order + "Q") if big else (order + "H", 12, order + "I")
    offset = struct.unpack_from(link, head, 8 if big else 4)[0]
    seen: dict[int, tuple[int, frozenset[int]]] = {}
    deeper = False
    while offset and offset not in seen and len(seen) < _MOST_PAGES:
        file.seek(offset)
        said = file.read(struct.calcsize(count_form))
        count = struct.unpack(count_form, said)[0] if len(said) == struct.calcsize(count_form) else 0
        entries = file.read(entry * min(count, _MOST_TAGS))
        if not 0 < count <= _MOST_TAGS or len(entries) < entry * count:
            break
        tags = {struct.unpack_from(order + "H", entries, i)[0]: i for i in range(0, len(entries), entry)}
        hollow = any(struct.unpack_from(link, entries, tags[code] + 4)[0] == 0 for code in _BASIC & set(tags))
        if 0 in tags or hollow:  # a copy broke off within
            raise EOFError
        at, deeper = tags.get(254), deeper or 330 in tags
        kind = 0 if at is None else struct.unpack_from(order + "I", entries, at + (12 if big else 8))[0]
        seen[offset] = kind, frozenset(tags)
        rest = file.read(struct.calcsize(link))
        offset = struct.unpack(link, rest)[0] if len(rest) == struct.calcsize(link) else 0
    places = [(Place(frame, offset, tags), kind) for frame, (offset, (kind, tags)) in enumerate(seen.items())]
    whole = [place for place, kind in places if not kind & 5]
    if deeper and places and not whole:
        raise NotImplementedError
    return whole or [place for place, _ in places]
