"""EXIF, byte for byte: the directories of TIFF, their entries copied as they are, in whatever text and order of bytes.

Source: TIFF 6.0, section 2; CIPA DC-008 (Exif 3.0), 4.6. Thumbnails are left out, and the notes of camera makers, whose
offsets would lead nowhere.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

DESCRIPTION, ORIENTATION, SOFTWARE = 0x010E, 0x0112, 0x0131
ARTIST, COPYRIGHT = 0x013B, 0x8298
RESOLUTION = (0x011A, 0x011B, 0x0128)
EXIF, GPS = 0x8769, 0x8825
_COLOUR_SPACE, _WIDTH, _HEIGHT = 0xA001, 0xA002, 0xA003
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 16: 8, 129: 1}
"""Bytes of a value, by type."""
_OF_PIXELS = {
    *range(0xFE, 0x10E),  # sizes, depth, compression, where the pixels are
    *(0x111, 0x115, 0x116, 0x117, 0x118, 0x119, 0x11C, 0x120, 0x121, 0x122, 0x123, 0x124, 0x125, 0x12D),
    *range(0x13D, 0x160),  # predictors, palettes, tiles, further directories, opacity
    *range(0x200, 0x215),
    *(0x2BC, 0x83BB, 0x8649, 0x8773, 0x935C),  # XMP, IPTC, Photoshop's resources, profile, layers: written apart
    *(EXIF, GPS, 0xA005),
    *range(0xC4A5, 0xC800),  # DNG
}
"""Tags that describe how pixels are stored: they hold for the scan, not for the result."""
APART = XMP, IPTC, RESOURCES = 0x2BC, 0x83BB, 0x8649
"""Tags of TIFF for data that are not EXIF: they are written apart. The last one has Photoshop's resources."""
_NOT_KEPT = {0x927C, 0xA005, _WIDTH, _HEIGHT}
MOST_BYTES = 4_000_000
"""Most bytes of all entries of a directory, which may overlap in the file."""


class Entry(NamedTuple):
    kind: int
    """TIFF's type of the value."""
    number: int
    """The number of values."""
    data: bytes


Directory = dict[int, Entry]


@dataclass(frozen=True)
class Exif:
    """A picture's EXIF data, in three directories."""

    order: str = "<"
    """"<" or ">", the order of bytes."""
    main: Directory = field(default_factory=dict)
    exif: Directory = field(default_factory=dict)
    gps: Directory = field(default_factory=dict)

    def text(self, tag: int) -> bytes:
        """A text of the main directory, without its end, UTF-8 if it is UTF-16; b"" if there is none."""
        entry = self.main.get(tag)
        words = entry.data if entry and entry.kind in (2, 129) else b""
        if words[1:] and (
            words[:2] in (b"\xff\xfe", b"\xfe\xff") or not any(words[1::2]) or not any(words[::2])
        ):  # UTF-16
            words = words.decode("utf-16-be" if words[:1] == b"\0" else "utf-16", "ignore").encode()
        return words.partition(b"\0")[0].strip()

    def dpi(self) -> tuple[float, float] | None:
        """Horizontal and vertical resolution."""
        across, down, unit = (self.main.get(tag) for tag in RESOLUTION)
        if not across or not down or across.kind != 5 or down.kind != 5 or len(across.data) < 8 or len(down.data) < 8:
            return None
        centimetres = unit is not None and unit.data[:2] == struct.pack(self.order + "H", 3)
        found = []
        for entry in (across, down):
            over, under = struct.unpack(self.order + "II", entry.data[:8])
            found.append(over / under * (2.54 if centimetres else 1) if under else 0.0)
        return (found[0], found[1]) if min(found) > 0 else None

    def put_right(self, size: tuple[int, int], srgb: bool, software: bytes, said: bytes) -> Exif:
        """The data for a result of `size` (width, height), upright: the program's name, and the sentence `said`, follow
        the texts that were there. srgb: whether the result's colours are sRGB's."""
        main = {tag: entry for tag, entry in self.main.items() if tag not in _OF_PIXELS}
        if ORIENTATION in main:
            main[ORIENTATION] = self._short(1)
        for tag, words, between in ((DESCRIPTION, said, b"\n"), (SOFTWARE, software, b"; ")):
            if words:
                before = self.text(tag)
                whole = (before + between if before else b"") + words + b"\0"
                main[tag] = Entry(2, len(whole), whole)
        exif = {tag: entry for tag, entry in self.exif.items() if tag not in _NOT_KEPT}
        if self.exif:
            exif[_COLOUR_SPACE] = self._short(1 if srgb else 0xFFFF)
            exif[_WIDTH], exif[_HEIGHT] = (Entry(4, 1, struct.pack(self.order + "I", side)) for side in size)
        return Exif(self.order, main, exif, self.gps)

    def to_bytes(self) -> bytes:
        """The data as a block, as JPEG, PNG and WebP have it."""
        head = (b"II*\0" if self.order == "<" else b"MM\0*") + struct.pack(self.order + "I", 8)
        return head + written(self, len(head))

    def _short(self, value: int) -> Entry:
        return Entry(3, 1, struct.pack(self.order + "H", value))


def written(exif: Exif, at: int, big: bool = False) -> bytes:
    """The directories and their values, the main one first, to stand at byte `at` of a file, of even length. big: as in
    BigTIFF."""
    kind, form = (16, "Q") if big else (4, "I")
    further = {tag: directory for tag, directory in ((EXIF, exif.exif), (GPS, exif.gps)) if directory}
    main = {**exif.main, **dict.fromkeys(further, Entry(kind, 1, bytes(8 if big else 4)))}
    end, parts = at + len(_written(main, exif.order, at, big)), b""
    for tag, directory in further.items():
        place = end + len(parts)
        main[tag] = Entry(kind, 1, struct.pack(exif.order + form, place))
        parts += _written(directory, exif.order, place, big)
    return _written(main, exif.order, at, big) + parts


def _written(directory: Directory, order: str, at: int, big: bool) -> bytes:
    """A directory and its values, to stand at byte `at`."""
    count, entry, link, room = ("Q", "HHQ", "Q", 8) if big else ("H", "HHI", "I", 4)
    size = struct.calcsize("<" + entry) + room
    body, values = struct.pack(order + count, len(directory)), b""
    start = at + len(body) + size * len(directory) + room
    for tag in sorted(directory):
        kind, number, data = directory[tag]
        if len(data) <= room:
            value = data.ljust(room, b"\0")
        else:
            value = struct.pack(order + link, start + len(values))
            values += data + bytes(len(data) % 2)
        body += struct.pack(order + entry, tag, kind, number) + value
    whole = body + bytes(room) + values
    return whole + bytes(len(whole) % 2)


def exif_in(block: bytes) -> tuple[Exif, bool]:
    """The EXIF data in a block, with or without "Exif" before it, and whether all of it could be read."""
    if block[:6] == b"Exif\0\0":
        block = block[6:]

    def read(at: int, count: int) -> bytes:
        return block[at : at + count]

    return _read(read, None)


def exif_of_tiff(file: BinaryIO, offset: int) -> tuple[Exif, bool]:
    """The EXIF data of the page with the directory at `offset` of a TIFF file, with `APART` in its main directory, and
    whether all of it could be read."""

    def read(at: int, count: int) -> bytes:
        file.seek(at)
        return file.read(count)

    return _read(read, offset)


Reader = Callable[[int, int], bytes]
"""Reads bytes from a place on, as many as asked for, or fewer at the end."""


def _read(read: Reader, offset: int | None) -> tuple[Exif, bool]:
    head = read(0, 16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        return Exif(), False
    big = 43 in head[2:4]
    if offset is None:
        offset = struct.unpack_from(order + "I", head, 4)[0]
    found: list[Directory] = []
    sound = True
    main, right = _directory(read, offset, order, big)
    sound &= right
    for tag in (EXIF, GPS):
        pointer = main.get(tag)
        inner: Directory = {}
        if pointer and len(pointer.data) in (4, 8):
            place = struct.unpack(order + ("I" if len(pointer.data) == 4 else "Q"), pointer.data)[0]
            inner, right = _directory(read, place, order, big)
            sound &= right
        found.append(inner)
    return Exif(order, {tag: entry for tag, entry in main.items() if tag not in (EXIF, GPS)}, *found), sound


def _directory(read: Reader, at: int, order: str, big: bool) -> tuple[Directory, bool]:
    """The entries that can be read, and whether these are all."""
    size, room = (20, 8) if big else (12, 4)
    head = read(at, 8 if big else 2)
    if len(head) < (8 if big else 2):
        return {}, False
    count = struct.unpack(order + ("Q" if big else "H"), head)[0]
    entries = read(at + len(head), size * min(count, 1000))
    found, sound, room_left = {}, len(entries) == size * count, MOST_BYTES
    for start in range(0, len(entries) - size + 1, size):
        tag, kind, number = struct.unpack_from(order + ("HHQ" if big else "HHI"), entries, start)
        if kind not in _SIZES:
            sound &= kind in (0, 13, 17, 18)  # of newer kinds, which only describe pixels
            continue
        length, value = number * _SIZES[kind], entries[start + size - room : start + size]
        if (tag in _OF_PIXELS or kind == 16) and tag not in (EXIF, GPS, *APART):
            continue
        if length <= room:
            data = value[:length]
        elif length > room_left:
            data = b""
        else:
            data = read(struct.unpack(order + ("Q" if big else "I"), value)[0], length)
        room_left -= len(data)
        if len(data) == length:
            found[tag] = Entry(kind, number, data)
        else:
            sound = False
    return found, sound
