"""Limits on the cost of a photograph, judged by its header: nothing here decodes a pixel."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

from ..errors import PhotoError

MAX_PIXELS = 120_000_000
"""Most pixels; larger photographs are refused before they are decoded."""
MAX_SIDE = 65_500
"""Most pixels of the longest side. A picture of one row and 60 million columns has few pixels, but took 18 GB."""
MAX_BYTES = 2_400_000_000
"""Most bytes that decoding may hold at once, see `decoded_bytes`."""
MAX_SCANS = 100
"""Most scans of a JPEG. Progressive ones have about ten; each scan processes the whole picture again."""
MAX_SCAN_PIXELS = 2_400_000_000
"""Most scans times pixels: 20 scans of the largest photograph."""

_STORED = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2, "I;16N": 2}
"""Bytes per pixel in Pillow, by mode; 4 in all other modes, including RGB."""
_WORKING = {"WEBP": 12, "AVIF": 8, "HEIF": 8, "JPEG2000": 15, "TIFF": 4, "GIF": 4, "BMP": 8}
"""Bytes per pixel that a format's decoder holds in addition to the picture."""
_PROGRESSIVE = 6
"""Bytes per pixel of a JPEG with several scans to combine: two for each coefficient."""


@dataclass(frozen=True)
class Wanted:
    """A caller's wishes for a photograph's file, and the most that reading it may cost."""

    name: str
    """The photo's name in messages."""
    max_pixels: int = MAX_PIXELS
    max_bytes: int = MAX_BYTES
    page: int = 1
    """The number of the page in a file of several, from 1."""
    partial: bool = False
    """Whether a picture of which a part is missing is welcome."""
    deep: bool = False
    """Whether the gray in 16 bits is wanted, too."""
    invert: bool = False
    """Whether it is a negative whose positive is wanted."""

    def check_size(self, width: int, height: int) -> None:
        """Raise PhotoError for too many pixels, and for too long a side."""
        if width * height > self.max_pixels:
            megapixels, limit = width * height / 1e6, self.max_pixels / 1e6
            raise PhotoError.of("photo_megapixels", name=self.name, megapixels=megapixels, limit=limit)
        if max(width, height) > MAX_SIDE:
            raise PhotoError.of("photo_long", name=self.name, pixels=max(width, height), most=MAX_SIDE)

    def check_bytes(self, need: int) -> int:
        """The number of bytes needed; raises PhotoError if there may not be as many."""
        if need > self.max_bytes:
            raise PhotoError.of("photo_memory", name=self.name)
        return need

    def check_page(self, pages: int) -> int:
        """The number of pages that the file has; raises PhotoError if the wanted one is none of them."""
        if not 1 <= self.page <= pages:
            raise PhotoError.of("photo_no_page", name=self.name, page=self.page, pages=pages)
        return pages


def check_signature(head: bytes, wanted: Wanted) -> None:
    """Raise PhotoError for a WebP file whose first 30 bytes declare too large a picture: libwebp allocates its memory
    as soon as the file is opened."""
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP" or len(head) < 30:
        return
    kind, payload = head[12:16], head[20:30]
    if kind == b"VP8X":
        width = int.from_bytes(payload[4:7], "little") + 1
        height = int.from_bytes(payload[7:10], "little") + 1
    elif kind == b"VP8L":
        bits = int.from_bytes(payload[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (side & 0x3FFF for side in struct.unpack("<HH", payload[6:10]))
    wanted.check_size(width, height)


def check_header(image: Image.Image, file: BinaryIO, wanted: Wanted) -> int:
    """Bytes needed to decode an image that was opened from `file` but not yet loaded; raises PhotoError if it has too
    many pixels, too long a side or too many scans, or needs too much memory."""
    wanted.check_size(image.width, image.height)
    pixels = image.width * image.height
    scans = count_scans(file) if image.format in ("JPEG", "MPO") else 1
    if scans > MAX_SCANS or scans * pixels > max(MAX_SCAN_PIXELS, pixels):
        raise PhotoError.of("photo_scans", name=wanted.name, scans=scans)
    return wanted.check_bytes(decoded_bytes(image, scans))


def decoded_bytes(image: Image.Image, scans: int = 1) -> int:
    """Bytes that decoding holds at once, by the header's mode and format."""
    working = _WORKING.get(image.format or "", 0) + (_PROGRESSIVE if scans > 1 else 0)
    return image.width * image.height * (_STORED.get(image.mode, 4) + working)


_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_ALONE = {0x01, *range(0xD0, 0xD9)}
"""JPEG markers without a length."""
_FRAMES, _OTHERS = {0xC0, 0xC1, 0xC2, 0xC9, 0xCA}, {0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF, 0xDE}
"""JPEG markers of frames, and of those without loss or in a hierarchy."""


def count_scans(file: BinaryIO) -> int:
    """How many scans a JPEG has; `MAX_SCANS` + 1 if there are more. A plain JPEG, with all components in its first
    scan, counts as 1 without reading the rest. The file position does not change."""
    place = file.tell()
    try:
        file.seek(0)
        scans = 0
        for components, progressive, header in jpeg_scans(file.read()):
            scans += 1
            if scans > MAX_SCANS or (not progressive and header[0] >= components):
                break
        return max(scans, 1)
    finally:
        file.seek(place)


def jpeg_scans(data: bytes) -> Iterator[tuple[int, bool, bytes]]:
    """For each scan of a JPEG how many components the picture has, whether it is progressive, and the scan's header."""
    components, progressive = 0, False
    for marker, at in _segments(data):
        if marker in _FRAMES and len(data) > at + 7:
            components, progressive = data[at + 7], marker in (0xC2, 0xCA)
        if marker == 0xDA and len(data) > at + 2:
            yield components, progressive, data[at + 2 : at + 6 + 2 * data[at + 2]]


def check_jpeg(data: bytes) -> None:
    """Raise NotImplementedError for a JPEG that libjpeg does not read: without loss, in a hierarchy, of 12 bits, or
    whose height comes after its pixels."""
    frames = (found for found in _segments(data) if found[0] in _FRAMES | _OTHERS)
    marker, at = next(frames, (0xC0, len(data)))
    if marker in _OTHERS or data[at + 2 : at + 3] == b"\x0c" or data[at + 3 : at + 5] == b"\0\0":
        raise NotImplementedError


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """The marker of each segment of a JPEG, and where its length stands."""
    at = 2
    while found := _MARKER.search(data, at):
        marker, at = data[found.start() + 1], found.end()
        if marker == 0xD9:
            break
        if marker not in _ALONE:
            yield marker, at
            at += int.from_bytes(data[at : at + 2], "big")
