"""JPEG 2000 (ISO/IEC 15444-1): what its boxes say, the depth of its components, tile-parts counted and completed."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

SIGNATURES = (b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  ")
_SAID = {bytes.fromhex("be7acfcb97a942e89c71999491e3afac"): "xmp", b"JpgTiffExif->JP2": "exif"}
"""Boxes of metadata."""
_SHOWN = {0, 12, 15, 16, 17, 18}
"""Enumerated colour spaces that are read right, the last one, sYCC, with 8 bits: black and white, CMYK, sRGB, gray."""
_STRANGE = {b"XYZ ", b"Lab ", b"Luv ", b"YCbr", b"Yxy ", b"HSV ", b"HLS ", b"CMY "}
"""What profiles call three components that are neither RGB nor gray."""
MOST_MISSING = 200_000_000
"""Most bytes that an incomplete file is filled up with."""


class TilePart(NamedTuple):
    """A part of a tile, as its header says."""

    at: int
    end: int
    """Where its data begin and end, in bytes of the file."""
    open: bool
    """Whether it says that it reaches to the end of the file, however long that is."""
    tile: int
    of: int
    """How many parts the tile has; 0 if that is not said."""


def boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind of each box between two places, and where its content begins and ends, perhaps beyond the data. Raises
    ValueError and struct.error for broken ones."""
    end = min(end, len(data))
    while at + 8 <= end:
        length, kind = struct.unpack_from(">I4s", data, at)
        head = 16 if length == 1 else 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, at + 8)
        if length < head and length:
            raise ValueError("a broken box")
        yield kind, at + head, at + length if length else end
        at = at + length if length else end


def start_of(data: bytes) -> int:
    """Where the codestream begins. Raises ValueError and struct.error if there is none."""
    if data[:4] == SIGNATURES[0]:
        return 0
    for kind, start, _ in boxes(data, 0, len(data)):
        if kind == b"jp2c":
            return start
    raise ValueError("no codestream")


def said_in(data: bytes) -> dict[str, bytes]:
    """Profile and metadata, which Pillow does not read, under the names that it has for them in other formats. Raises
    NotImplementedError for colours that would be shown as others."""
    said: dict[str, bytes] = {}
    with suppress(ValueError, struct.error):
        for kind, start, end in boxes(data, 0, len(data)):
            if kind == b"jp2h":
                places = {kind: start for kind, start, _ in reversed(list(boxes(data, start, end)))}
                palette, colours = (places.get(kind, 0) for kind in (b"pclr", b"colr"))
                (number,) = struct.unpack_from(">I", data, colours + 3)
                if colours and data[colours] in (2, 3):  # restricted or any
                    said["icc_profile"] = data[colours + 3 : colours + 3 + number]
                    if data[colours + 19 : colours + 23] in _STRANGE:
                        raise NotImplementedError
                elif colours and data[colours] == 1 and (number not in _SHOWN or (number == 18 and depth_of(data) > 8)):
                    raise NotImplementedError
                if palette and max(data[palette + 3 : palette + 3 + data[palette + 2]]) & 0x7F > 7:
                    raise NotImplementedError
            elif kind == b"uuid" and data[start : start + 16] in _SAID:
                said[_SAID[data[start : start + 16]]] = data[start + 16 : end]
    return said


def depth_of(data: bytes) -> int:
    """The most bits of a component, as SIZ says. Raises NotImplementedError for more than four components, if none has
    every pixel, and if one of more than 8 bits has not, or not as many bits as the others; struct.error and ValueError
    for a broken header."""
    start = start_of(data)
    (count,) = struct.unpack_from(">H", data, start + 40)
    components = {struct.unpack_from("3B", data, start + 42 + 3 * each) for each in range(count)}
    deepest = max((depth & 0x7F) + 1 for depth, _, _ in components)
    whole = any(each[1:] == (1, 1) for each in components)
    if count > 4 or not whole or (deepest > 8 and (len(components) > 1 or deepest > 16)):
        raise NotImplementedError
    return deepest


def tile_parts(data: bytes, start: int) -> list[TilePart]:
    """All tile-parts whose headers are there."""
    parts, at = [], start + 2
    while data[at : at + 2] != b"\xff\x90":
        marker, length = struct.unpack_from(">HH", data, at)
        if marker < 0xFF00 or length < 2:
            raise ValueError("a broken header")
        at += 2 + length
    while data[at : at + 2] == b"\xff\x90" and at + 12 <= len(data):
        tile, length, _, of = struct.unpack_from(">HIBB", data, at + 4)
        end = at + length if length >= 14 else len(data)
        parts.append(TilePart(at, end, length == 0, tile, of))
        at = end
    return parts


def counted(data: bytes) -> bytes:
    """The file with corrected counts of tile-parts: in Adobe's files, tiles may declare fewer parts than there are."""
    return _counted(data, tile_parts(data, start_of(data)))


def _counted(data: bytes, parts: list[TilePart], fewer: bool = False) -> bytes:
    """fewer: correct also tiles that declare more parts than there are."""
    there = Counter(part.tile for part in parts)
    wrong = [
        part for part in parts if part.of and (part.of < there[part.tile] or (fewer and part.of > there[part.tile]))
    ]
    if not wrong:
        return data
    mended = bytearray(data)
    for part in wrong:
        mended[part.at + 11] = min(there[part.tile], 255)
    return bytes(mended)


def completed(data: bytes, filler: bytes) -> bytes:
    """A file whose end is missing, with an end. The missing rest of the last tile-part becomes one byte again and
    again; zeros stand for packets without content. Raises ValueError and others if nothing is missing."""
    start = start_of(data)
    parts = tile_parts(data, start)
    last = parts[-1]
    if data[last.end : last.end + 2] == b"\xff\xd9" or (last.open and data[-2:] == b"\xff\xd9"):
        raise ValueError("nothing is missing")
    filled = data[: last.end] + filler * min(max(0, last.end - len(data)), MOST_MISSING)
    return _counted(filled, parts, fewer=True) + b"\xff\xd9"
