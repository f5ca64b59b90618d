"""Where the packets of a JPEG 2000 tile begin and end, which only their headers say (ISO/IEC 15444-1, B.10)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple


class Coding(NamedTuple):
    """How a component of a tile is coded."""

    flags: int
    """Scod: 1 for precincts of their own sizes, 2 for markers before packets, 4 for markers after their headers."""
    order: int
    """The order of packets: LRCP, RLCP, RPCL, PCRL, CPRL."""
    layers: int
    mixed: int
    """Whether the first three components are a luminance and two differences."""
    levels: int
    block: tuple[int, int]
    """A code-block's width and height, as powers of 2."""
    style: int
    exact: bool
    """Whether the wavelet is the one without loss."""
    precincts: tuple[tuple[int, int], ...]
    """Width and height for each resolution, as powers of 2."""

    @staticmethod
    def read(data: bytes, at: int, flags: int, order: int, layers: int, mixed: int) -> Coding:
        """Read it from the place where COD or COC has the number of levels. Raises NotImplementedError, and IndexError
        at the end."""
        levels, width, height, style, wavelet = data[at : at + 5]
        sizes = data[at + 5 : at + 6 + levels] if flags & 1 else b"\xff" * (levels + 1)
        if style & 0x40 or levels > 32 or len(sizes) <= levels or order > 4:
            raise NotImplementedError
        precincts = tuple((size & 15, size >> 4) for size in sizes)
        return Coding(
            flags, order, layers, mixed, levels, (width + 2 & 15, height + 2 & 15), style, wavelet == 1, precincts
        )


class Tile:
    """A tile, and the place in its data."""

    def __init__(
        self, box: tuple[int, ...], tile: tuple[int, ...], across: int, number: int, codings: list[Coding]
    ) -> None:
        """box, tile: as `jpeg2000.Shape` has them. across: tiles in a row."""
        x, y = tile[2] + number % across * tile[0], tile[3] + number // across * tile[1]
        self.box = (max(x, box[0]), max(y, box[1]), min(x + tile[0], box[2]), min(y + tile[1], box[3]))
        self.codings = codings
        self.data, self.at, self.end = b"", 0, 0


class _Tree:
    """A tag tree (B.10.2)."""

    def __init__(self, width: int, height: int) -> None:
        self._levels: list[tuple[int, list[int], list[int]]] = []
        while True:
            self._levels.append((width, [0] * (width * height), [1 << 30] * (width * height)))
            if width * height <= 1:
                break
            width, height = (width + 1) // 2, (height + 1) // 2

    def below(self, x: int, y: int, limit: int, bits: _Bits) -> bool:
        """Whether the value of a leaf is less than the limit."""
        low = 0
        for level in range(len(self._levels) - 1, -1, -1):
            width, lows, values = self._levels[level]
            at = (y >> level) * width + (x >> level)
            low = max(low, lows[at])
            while low < limit and low < values[at]:
                if bits.bit():
                    values[at] = low
                else:
                    low += 1
            lows[at] = low
        return values[at] < limit


class _Bits:
    """Bits of a packet's header: after a byte of 255, a byte has seven."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self.at, self._left, self._byte = data, at, 0, 0

    def bit(self) -> int:
        if not self._left:
            self._left = 7 if self._byte == 255 else 8
            self._byte = self._data[self.at]
            self.at += 1
        self._left -= 1
        return self._byte >> self._left & 1

    def number(self, count: int) -> int:
        value = 0
        for _ in range(count):
            value = value << 1 | self.bit()
        return value

    def end(self) -> int:
        """The place of the first byte after the header."""
        return self.at + (self._byte == 255)


class _Block:
    """The state of a code-block after some packets."""

    __slots__ = ("included", "length_bits", "passes", "segment", "x", "y")

    def __init__(self, x: int, y: int) -> None:
        self.x, self.y, self.included, self.length_bits = x, y, False, 3
        self.segment, self.passes = 0, 0
        """How many passes the segment may have, and has; 0 before the first."""


class _Precinct:
    def __init__(self, bands: list[tuple[int, int]]) -> None:
        """bands: how many code-blocks each has, across and down."""
        self.bands = [
            (_Tree(w, h), _Tree(w, h), [_Block(x, y) for y, x in product(range(h), range(w))])
            for w, h in bands
            if w * h
        ]

    def packet(self, tile: Tile, layer: int, coding: Coding) -> tuple[int, int]:
        """Start and end of a packet, without the marker before it."""
        data = tile.data
        if coding.flags & 2 and data[tile.at : tile.at + 2] == b"\xff\x91":
            tile.at += 6
        start, bits, length = tile.at, _Bits(data, tile.at), 0
        if bits.bit():
            for included, planes, blocks in self.bands:
                for block in blocks:
                    there = bits.bit() if block.included else included.below(block.x, block.y, layer + 1, bits)
                    if not there:
                        continue
                    if not block.included:
                        block.included, plane = True, 1
                        while not planes.below(block.x, block.y, plane, bits):
                            plane += 1
                            if plane > 100:
                                raise ValueError("a broken packet")
                    length += _length(block, coding.style, bits)
        tile.at = bits.end()
        if coding.flags & 4 and data[tile.at : tile.at + 2] == b"\xff\x92":
            tile.at += 2
        tile.at += length
        if tile.at > tile.end:
            raise EOFError("a packet is incomplete")
        return start, tile.at


def _length(block: _Block, style: int, bits: _Bits) -> int:
    """Bytes that a packet adds to a code-block."""
    passes, total = _passes(bits), 0
    while bits.bit():
        block.length_bits += 1
    while passes:
        if not block.segment or block.passes == block.segment:
            if style & 4:
                most = 1
            elif style & 1:
                most = 10 if not block.segment else 2 if block.segment in (1, 10) else 1
            else:
                most = 1000
            block.segment, block.passes = most, 0
        new = min(passes, block.segment - block.passes)
        total += bits.number(block.length_bits + new.bit_length() - 1)
        block.passes += new
        passes -= new
    return total


def _passes(bits: _Bits) -> int:
    if not bits.bit():
        return 1
    if not bits.bit():
        return 2
    for count, base in ((2, 3), (5, 6), (7, 37)):
        value = bits.number(count)
        if value != 2**count - 1 or count == 7:
            return base + value
    raise AssertionError


def packets(tile: Tile) -> Iterator[tuple[int, int, int]]:
    """Component, start and end of each packet of a tile, in the file's order. The tile's place is read anew for each,
    so that it may lie in another tile-part."""
    found = []
    for component, coding in enumerate(tile.codings):
        for resolution in range(coding.levels + 1):
            for index, (x, y, precinct) in enumerate(_precincts(tile, coding, resolution)):
                found.append((component, resolution, index, x, y, precinct))
    order = tile.codings[0].order
    if order < 2:
        found.sort(key=lambda p: (p[1], p[0], p[2]))
    else:
        keys = {2: (1, 4, 3, 0, 2), 3: (4, 3, 0, 1, 2), 4: (0, 4, 3, 1, 2)}[order]
        found.sort(key=lambda p: tuple(p[key] for key in keys))
    if order == 0:
        inside = [(layer, found) for layer in range(tile.codings[0].layers)]
        turns = ((layer, each) for layer, all_ in inside for each in all_)
    elif order == 1:
        levels = range(max(coding.levels for coding in tile.codings) + 1)
        turns = (
            (layer, each)
            for level in levels
            for layer in range(tile.codings[0].layers)
            for each in found
            if each[1] == level
        )
    else:
        turns = ((layer, each) for each in found for layer in range(tile.codings[0].layers))
    for layer, (component, *_, precinct) in turns:
        yield (component, *precinct.packet(tile, layer, tile.codings[component]))


def _precincts(tile: Tile, coding: Coding, resolution: int) -> Iterator[tuple[int, int, _Precinct]]:
    """The precincts of a resolution, each with the point of the reference grid at which its turn comes."""
    down = coding.levels - resolution
    left, top, right, bottom = (_up(side, down) for side in tile.box)
    wide, high = coding.precincts[resolution]
    if left >= right or top >= bottom:
        return
    inner = 1 if resolution else 0
    size = (min(coding.block[0], wide - inner), min(coding.block[1], high - inner))
    for py in range(top >> high, _up(bottom, high)):
        for px in range(left >> wide, _up(right, wide)):
            bands = []
            for x_high, y_high in ((1, 0), (0, 1), (1, 1)) if resolution else ((0, 0),):
                columns = _span(tile.box[0], tile.box[2], down + inner, x_high, px, wide - inner, size[0])
                rows = _span(tile.box[1], tile.box[3], down + inner, y_high, py, high - inner, size[1])
                bands.append((columns, rows))
            yield max(tile.box[0], px << wide + down), max(tile.box[1], py << high + down), _Precinct(bands)


def _span(low: int, high: int, level: int, upper: int, precinct: int, wide: int, block: int) -> int:
    """How many code-blocks a precinct of a band has in one direction."""
    shift = upper << level - 1 if level else 0
    start = max(_up(low - shift, level), precinct << wide)
    end = min(_up(high - shift, level), precinct + 1 << wide)
    return _up(end, block) - (start >> block) if end > start else 0


def _up(value: int, power: int) -> int:
    """value / 2 ** power, rounded up."""
    return -(-value >> power)
