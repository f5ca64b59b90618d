"""Where the pages of a TIFF file are, and what its segments contain once libtiff inside Pillow has unpacked them."""

from __future__ import annotations

import io
import struct
import zlib
from functools import lru_cache
from typing import BinaryIO, NamedTuple

from PIL import TiffImagePlugin, UnidentifiedImageError

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_MOST_PAGES, _MOST_TAGS = 10_000, 4_000


class Place(NamedTuple):
    """Where a page is."""

    frame: int
    """Its number in the file, from 0, with the reduced versions of pages."""
    offset: int
    """The place of its directory, in bytes."""


def pages_of(file: BinaryIO) -> list[Place]:
    """The pages, except reduced versions of others and masks; all pages if every one is marked as such. A chain of
    pages that leads back to where it was ends there. Raises NotImplementedError for a raw file of a camera, in whose
    chain of pages there are only reduced versions of what lies deeper."""
    file.seek(0)
    head = file.read(16)
    order, big = ("<" if head[:2] == b"II" else ">"), 43 in head[2:4]
    count_form, entry, link = (order + "Q", 20, order + "Q") if big else (order + "H", 12, order + "I")
    offset = struct.unpack_from(link, head, 8 if big else 4)[0]
    seen: dict[int, int] = {}
    deeper = False
    while offset and offset not in seen and len(seen) < _MOST_PAGES:
        file.seek(offset)
        said = file.read(struct.calcsize(count_form))
        count = struct.unpack(count_form, said)[0] if len(said) == struct.calcsize(count_form) else 0
        entries = file.read(entry * min(count, _MOST_TAGS))
        if not 0 < count <= _MOST_TAGS or len(entries) < entry * count:
            break
        tags = {struct.unpack_from(order + "H", entries, i)[0]: i for i in range(0, len(entries), entry)}
        at, deeper = tags.get(254), deeper or 330 in tags
        seen[offset] = 0 if at is None else struct.unpack_from(order + "I", entries, at + (12 if big else 8))[0]
        rest = file.read(struct.calcsize(link))
        offset = struct.unpack(link, rest)[0] if len(rest) == struct.calcsize(link) else 0
    places = [(Place(frame, offset), kind) for frame, (offset, kind) in enumerate(seen.items())]
    whole = [place for place, kind in places if not kind & 5]
    if deeper and places and not whole:
        raise NotImplementedError
    return whole or [place for place, _ in places]


def gray_of_old_jpeg(data: bytes, place: Place) -> TiffImagePlugin.TiffImageFile:
    """A page of old-style JPEG in gray: libtiff reads it, but Pillow takes all old-style pages for colour, so the file
    is changed to declare the new style. Raises UnidentifiedImageError for any other page."""
    order, told = "<" if data[:2] == b"II" else ">", bytearray(data)
    (count,) = struct.unpack_from(order + "H", data, place.offset)
    entries = range(place.offset + 2, place.offset + 2 + 12 * count, 12)
    said = {struct.unpack_from(order + "H", data, at)[0]: at + 8 for at in entries}
    if data[2:4].strip(b"\0") != b"*" or 259 not in said or struct.unpack_from(order + "H", data, said[259]) != (6,):
        raise UnidentifiedImageError
    struct.pack_into(order + "H", told, said[259], 7)
    image = TiffImagePlugin.TiffImageFile(io.BytesIO(told))
    image.seek(place.frame)
    image.fp = io.BytesIO(data)
    return image


def unpacked(data: bytes, row_bytes: int, rows: int, compression: int) -> bytes:
    """A segment's bytes, fewer if its data ends too early."""
    if compression == 1:
        return data
    if compression == 8:
        unpacker = zlib.decompressobj()
        return unpacker.decompress(data, row_bytes * rows)
    # Whatever the values are, libtiff unpacks them as rows of bytes.
    header = _header(row_bytes, rows, compression, len(data))
    with TiffImagePlugin.TiffImageFile(io.BytesIO(header + data)) as picture:
        return picture.tobytes()


@lru_cache(4)
def _header(width: int, height: int, compression: int, length: int) -> bytes:
    """The start of a TIFF file of one strip of 8-bit gray, whose data follow."""
    start = 8 + 2 + 12 * 9 + 4
    tags = (
        (256, width),
        (257, height),
        (258, 8),
        (259, compression),
        (262, 1),
        (273, start),
        (277, 1),
        (278, height),
        (279, length),
    )
    return (
        b"II*\0"
        + struct.pack("<IH", 8, len(tags))
        + b"".join(struct.pack("<HHII", tag, 4, 1, n) for tag, n in tags)
        + bytes(4)
    )
