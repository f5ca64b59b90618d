"""IPTC's older form, IIM, as JPEG and TIFF files of archives have it. Source: IPTC IIM 4.2."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

Field = tuple[int, int, bytes]
"""Record, data set and content."""


def records(iptc: bytes) -> Iterator[Field]:
    """Record, data set and content of every field of an IPTC block, up to where it breaks off."""
    at = 0
    while at + 5 <= len(iptc) and iptc[at] == 0x1C:
        record, number, length = struct.unpack_from(">BBH", iptc, at + 1)
        if length & 0x8000 or at + 5 + length > len(iptc):
            return
        yield record, number, iptc[at + 5 : at + 5 + length]
        at += 5 + length


def iptc_with(iptc: bytes, said: bytes) -> bytes:
    """An IPTC block whose caption, if it has one, is followed by a sentence."""
    fields = []
    for record, number, content in records(iptc):
        caption = (record, number) == (2, 120) and len(content) + len(said) < 2000
        fields.append((record, number, content.rstrip() + b"\n" + said if caption else content))
    return iptc_of(fields)


def iptc_of(fields: Iterable[Field]) -> bytes:
    """A block of fields."""
    return b"".join(struct.pack(">BBBH", 0x1C, *field[:2], len(field[2])) + field[2] for field in fields)


def iptc_in(resources: bytes) -> bytes:
    """The IPTC block among Photoshop's resources; b"" if there is none."""
    at = resources.find(b"8BIM")
    while at >= 0 and at + 12 <= len(resources) and resources[at : at + 4] == b"8BIM":
        name = resources[at + 6] + 1
        start = at + 6 + name + name % 2
        if start + 4 > len(resources):
            break
        length = int.from_bytes(resources[start : start + 4], "big")
        if resources[at + 4 : at + 6] == b"\x04\x04":
            return resources[start + 4 : start + 4 + length]
        at = start + 4 + length + length % 2
    return b""
