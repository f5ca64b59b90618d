"""JPEG 2000 (ISO/IEC 15444-1): tile-parts counted and completed, and the components of deep colours taken apart.

Pillow decodes colours of more than 8 bits to 8, and the brightest of them to black; gray it decodes in full. So each
component becomes a file of gray. That needs no decoding but of the packets' headers, which say how long packets are.
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from .packets import Coding, Tile, packets

SIGNATURES = (b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  ")
_SOT, _SOD, _COD, _COC, _QCD, _QCC, _EOC = 0xFF90, 0xFF93, 0xFF52, 0xFF53, 0xFF5C, 0xFF5D, 0xFFD9
_LEFT_OUT = (0xFF55, 0xFF57, 0xFF58, 0xFF63, 0xFF64)
"""Markers of lengths and comments: TLM, PLM, PLT, CRG, COM."""
_MOST_MISSING = 200_000_000
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


class Shape(NamedTuple):
    """The contents of a codestream's first marker, SIZ."""

    box: tuple[int, int, int, int]
    """Left, top, right, bottom on the reference grid."""
    tile: tuple[int, int, int, int]
    """Width and height of a tile, left and top of the first."""
    depths: tuple[int, ...]
    """Bits of each component."""
    same: bool
    """Whether every component has every pixel, and as many bits as the others."""

    @property
    def tiles(self) -> tuple[int, int]:
        """The number of tiles, across and down."""
        (_, _, right, bottom), (width, height, left, top) = self.box, self.tile
        return -(-(right - left) // width), -(-(bottom - top) // height)


def start_of(data: bytes) -> int:
    """Where the codestream begins. Raises ValueError and struct.error if there is none."""
    if data[:4] == SIGNATURES[0]:
        return 0
    at = 0
    while True:
        length, kind = struct.unpack_from(">I4s", data, at)
        head = 16 if length == 1 else 8
        if kind == b"jp2c":
            return at + head
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, at + 8)
        if length < head:
            raise ValueError("no codestream")
        at += length


def shape_of(data: bytes, start: int) -> Shape:
    """Read SIZ. Raises struct.error and ValueError for a broken one."""
    right, bottom, left, top, *tile = struct.unpack_from(">8I", data, start + 8)
    (count,) = struct.unpack_from(">H", data, start + 40)
    components = [struct.unpack_from("3B", data, start + 42 + 3 * each) for each in range(count)]
    if not components or min(tile[:2]) < 1:
        raise ValueError("a broken header")
    same = all(each[1:] == (1, 1) and each[0] == components[0][0] for each in components)
    depths = tuple((depth & 0x7F) + 1 for depth, _, _ in components)
    return Shape((left, top, right, bottom), (tile[0], tile[1], tile[2], tile[3]), depths, same)


def segments(data: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment of a header, the last being SOT or SOD."""
    while at + 4 <= len(data):
        marker, length = struct.unpack_from(">HH", data, at)
        if marker in (_SOT, _SOD):
            yield marker, at, at
            return
        if marker < 0xFF00 or length < 2:
            raise ValueError("a broken header")
        yield marker, at, at + 2 + length
        at += 2 + length


def tile_parts(data: bytes, start: int) -> list[TilePart]:
    """All tile-parts whose headers are there."""
    parts, at = [], next(at for marker, at, _ in segments(data, start + 2) if marker == _SOT)
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
    filled = data[: last.end] + filler * min(max(0, last.end - len(data)), _MOST_MISSING)
    return _counted(filled, parts, fewer=True) + b"\xff\xd9"


def check_parts(data: bytes) -> Shape:
    """The shape of a file that `components` can take apart; raises NotImplementedError for any other."""
    start = start_of(data)
    shape = shape_of(data, start)
    luminance_and_differences = re.search(rb"colr\x01..\0\0\0\x12", data[:start], re.DOTALL)  # sYCC
    if not shape.same or max(shape.depths) > 16 or luminance_and_differences:
        raise NotImplementedError
    _codings(segments(data, start + 2), data, [None] * len(shape.depths))
    return shape


def components(data: bytes) -> tuple[list[bytes], bool, bool]:
    """A file of gray for each component, whether the first three are a luminance and two differences, and whether these
    were computed without loss; then the differences have one bit more. Raises NotImplementedError, and others for
    damaged files."""
    start = start_of(data)
    shape = check_parts(data)
    count = len(shape.depths)
    codings = _codings(segments(data, start + 2), data, [None] * count)
    mixed, exact = bool(codings[0].mixed), codings[0].exact
    files = []
    for number in range(count):
        depth = shape.depths[number] + (mixed and exact and number in (1, 2))
        size = b"\xff\x51\0\x29" + data[start + 6 : start + 40] + b"\0\x01" + bytes([depth - 1, 1, 1])
        files.append([b"\xff\x4f", size, *_header(segments(data, start + 2), data, number, count)])
    tiles: dict[int, Iterator[tuple[int, int, int]]] = {}
    readers: dict[int, Tile] = {}
    parts = tile_parts(data, start)
    for part in parts:
        body = next(at for marker, at, _ in segments(data, part.at + 12) if marker == _SOD) + 2
        if part.tile not in tiles:
            own = _codings(segments(data, part.at + 12), data, list(codings))
            readers[part.tile] = Tile(shape.box, shape.tile, shape.tiles[0], part.tile, own)
            tiles[part.tile] = packets(readers[part.tile])
        reader = readers[part.tile]
        reader.data, reader.at, reader.end = data, body, min(part.end, len(data))
        bodies: list[list[bytes]] = [[] for _ in range(count)]
        while reader.at < reader.end - 1 and data[reader.at : reader.at + 2] != b"\xff\xd9":
            packet = next(tiles[part.tile], None)
            if packet is None:
                break
            number, packet_start, packet_end = packet
            bodies[number].append(data[packet_start:packet_end])
        for number, chunks in enumerate(bodies):
            head = b"".join(_header(segments(data, part.at + 12), data, number, count)) + b"\xff\x93"
            length = 12 + len(head) + sum(map(len, chunks))
            place = data[part.at : part.at + 6] + struct.pack(">I", length) + data[part.at + 10 : part.at + 12]
            files[number] += [place, head, *chunks]
    return [b"".join((*file, b"\xff\xd9")) for file in files], mixed, exact


def _codings(found: Iterator[tuple[int, int, int]], data: bytes, known: list[Coding | None]) -> list[Coding]:
    """How each component is coded, by a header and what is known before it."""
    wide = 2 if len(known) > 256 else 1
    common, own = None, {}
    for marker, at, _ in found:
        if marker == _COD:
            common = Coding.read(data, at + 9, data[at + 4], *struct.unpack_from(">BHB", data, at + 5))
        elif marker == _COC:
            own[int.from_bytes(data[at + 4 : at + 4 + wide], "big")] = at + 4 + wide
        elif marker in (0xFF5F, 0xFF60, 0xFF61, 0xFF50):  # POC, PPM, PPT, CAP
            raise NotImplementedError
    codings = [common or each for each in known]
    for number, at in own.items():
        base = codings[number]
        assert base is not None
        codings[number] = Coding.read(data, at + 1, data[at] & 1 | base.flags & 6, base.order, base.layers, base.mixed)
    assert None not in codings
    return [each for each in codings if each is not None]


def _header(found: Iterator[tuple[int, int, int]], data: bytes, number: int, count: int) -> Iterator[bytes]:
    """A header's segments as they are for one component alone."""
    kept, wide = {}, 2 if count > 256 else 1
    for marker, at, end in found:
        which = int.from_bytes(data[at + 4 : at + 4 + wide], "big")
        if marker == _COD:  # without packets' start markers and without a transform of colours
            kept[_COD] = bytes([data[at + 4] & ~2]) + data[at + 5 : at + 8] + b"\0" + data[at + 9 : end]
        elif marker in (_COC, _QCC, 0xFF5E) and which == number:
            kept[marker] = data[at + 4 + wide : end]
        elif marker == _QCD:
            kept[_QCD] = data[at + 4 : end]
    if _QCC in kept:
        kept[_QCD] = kept.pop(_QCC)
    for marker, body in kept.items():
        body = b"\0" + body if marker in (_COC, 0xFF5E) else body
        yield struct.pack(">HH", marker, 2 + len(body)) + body
