"""Makes damaged files readable: without the data around the picture, and on request with a new end."""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zlib
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from ..limits import jpeg_scans
from . import jpeg2000

UNKNOWN_ROWS = 1 << 32
"""More rows than a picture has: none is left out where nobody knows which are there."""
Repaired = tuple[bytes, list[str], int | None]
"""A file's bytes, the names of the data that were left out, and how many rows of an incomplete picture are there; None
for a whole picture, `UNKNOWN_ROWS` where nobody knows."""
_PNG = b"\x89PNG\r\n\x1a\n"
_END = b"\xff\xd9"
"""The marker at the end of a JPEG."""
_CRITICAL = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_MOST_BYTES = 3_000_000_000
"""Most bytes of an incomplete PNG, unpacked."""
_FEW_BYTES = 4096
"""Most bytes that may be missing where a picture can still be whole."""


def repaired(data: bytes, partial: bool) -> Iterator[Repaired]:
    """Other versions of a file, the most faithful first. partial: with those that miss a part of the picture."""
    if data[:2] == b"\xff\xd8":
        yield from _jpegs(data, partial)
    elif data[:8] == _PNG:
        yield from _pngs(data, partial)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        yield _webp(data), ["metadata"], None
        yield from _ended(data, partial, _filled_webp)
    elif data[4:8] == b"ftyp":  # AVIF and HEIC: the item of EXIF becomes one of no known type
        yield re.sub(rb"(infe.{8,10}?)Exif", rb"\1none", data, flags=re.DOTALL), ["EXIF"], None
        yield from _ended(data, partial, _filled_boxes)
    elif data.startswith(jpeg2000.SIGNATURES):
        yield from _ended(data, partial, jpeg2000.completed)
    elif partial and data[:2] == b"BM":
        missing = max(0, int.from_bytes(data[2:6], "little") - len(data))
        # Run lengths, if it has any, end in these two bytes.
        yield data + bytes(min(missing, jpeg2000.MOST_MISSING)) + b"\0\1", [], UNKNOWN_ROWS
    elif partial and data[:4] == b"GIF8":
        yield from _gifs(data)


def _ended(data: bytes, partial: bool, filled: Callable[[bytes, bytes], bytes]) -> Iterator[Repaired]:
    """filled: puts a byte in place of each that is missing, and raises an error if none is."""
    try:
        zeros, others = filled(data, b"\0"), filled(data, b"\x5a")
    except Exception:
        return
    if len(zeros) - len(data) < _FEW_BYTES and _show_the_same(zeros, others):
        yield zeros, ["end"], None
    if partial:
        yield zeros, [], UNKNOWN_ROWS


def _show_the_same(*files: bytes) -> bool:
    seen = []
    for data in files:
        try:
            with Image.open(io.BytesIO(data), formats=["JPEG", "JPEG2000", "HEIF", "WEBP", "AVIF"]) as picture:
                seen.append(hashlib.sha256(picture.tobytes()).digest())
        except (OSError, SyntaxError, ValueError, RuntimeError):
            return False
    return len(set(seen)) == 1


def _filled_boxes(data: bytes, filler: bytes) -> bytes:
    """An AVIF or HEIC whose last box is cut off."""
    *_, (_, _, end) = jpeg2000.boxes(data, 0, len(data))
    if end <= len(data):
        raise ValueError("nothing is missing")
    return data + filler * min(end - len(data), jpeg2000.MOST_MISSING)


def _filled_webp(data: bytes, filler: bytes) -> bytes:
    """A WebP of one picture that is cut off. More zeros follow than it needs, as libwebp gives up at an end."""
    *_, (kind, start, end) = _parts_of_webp(data)
    missing = end - len(data)
    if kind not in (b"VP8 ", b"VP8L") or not 0 < missing <= jpeg2000.MOST_MISSING:
        raise ValueError("no picture is cut off")
    room = _FEW_BYTES // 2 + (end - start) % 2
    whole = bytearray(data + filler * missing + bytes(room))
    struct.pack_into("<I", whole, start - 4, end - start + room)
    struct.pack_into("<I", whole, 4, len(whole) - 8)
    return bytes(whole)


def _jpegs(data: bytes, partial: bool) -> Iterator[Repaired]:
    data = data.removesuffix(b"\xff")  # half of its end
    plain = _jpeg_without_metadata(data)
    yield plain, ["metadata"], None
    if _lacks_its_end_alone(data):
        yield data + _END, ["EOI"], None
    if partial:
        yield data + _END, [], UNKNOWN_ROWS
        yield plain + _END, ["metadata"], UNKNOWN_ROWS


def _lacks_its_end_alone(data: bytes) -> bool:
    """Whether a JPEG has all its scans, and the last one all its pixels: what follows then makes no difference."""
    more = b"\x5a" * 64  # not zeros, which stand for what is missing anyway
    return _has_all_scans(data) and _show_the_same(data + _END, data + more + _END)


def _has_all_scans(data: bytes) -> bool:
    """Whether a JPEG's scans have every bit of every coefficient of every component."""
    missing, components = dict[int, list[int]](), 0  # bits
    for components, _, header in jpeg_scans(data):  # noqa: B007  # the last one is needed
        here = 1 + 2 * header[0]
        if len(header) < here + 3:
            return False
        first, last, bits = header[here : here + 3]
        for component in header[1:here:2]:
            missing.setdefault(component, [16] * 64)[first : last + 1] = [bits & 15] * (last + 1 - first)
    return len(missing) == components and not any(map(any, missing.values()))


def _jpeg_without_metadata(data: bytes) -> bytes:
    """A JPEG without comments and application data, but for those that tell how colours are stored. A segment whose
    length leads nowhere is passed over up to the next table or frame."""
    kept, at = [b"\xff\xd8"], 2
    while at + 4 <= len(data):
        marker, end = data[at + 1], at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        known = data[at] == 0xFF and marker >= 0xC0
        told = 0xE0 <= marker <= 0xEF or marker == 0xFE
        if known and marker == 0xDA:
            return b"".join((*kept, data[at:]))
        if not known or (told and data[end : end + 1] != b"\xff"):
            found = [place for place in (data.find(start, at + 2) for start in _JPEG_STARTS) if place > 0]
            if not found:
                break
            at = min(found)
            continue
        if not told or (data[at + 4 : at + 9] == b"Adobe" and end - at >= 14):
            kept.append(data[at:end])
        at = end
    return b"".join(kept)


_JPEG_STARTS = (b"\xff\xdb\0", b"\xff\xc0\0", b"\xff\xc2\0", b"\xff\xc4\0", b"\xff\xda\0")


def _pngs(data: bytes, partial: bool) -> Iterator[Repaired]:
    chunks = list(_chunks(data))
    sound = [(kind, body) for kind, body, right in chunks if right or kind in _CRITICAL]
    yield _png(sound), ["metadata"], None
    critical = [(kind, body) for kind, body in sound if kind in _CRITICAL]
    yield _png(critical), ["metadata"], None
    if partial:
        completed, rows = _completed(critical)
        yield _png(completed), [], rows


def codes_of_png(data: bytes) -> tuple[int, int] | None:
    """The codes of primaries and transfer curve in a PNG's cICP."""
    for kind, body, right in _chunks(data):
        if kind == b"IDAT":
            break
        if kind == b"cICP" and right and len(body) == 4:
            return body[0], body[1]
    return None


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """Kind, content and whether the checksum is right, of every chunk, also of one that is cut off."""
    at = len(_PNG)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        yield kind, body, data[at + 8 + length : at + 12 + length] == struct.pack(">I", zlib.crc32(kind + body))
        at += 12 + length


def _png(chunks: list[tuple[bytes, bytes]]) -> bytes:
    return _PNG + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def _completed(chunks: list[tuple[bytes, bytes]]) -> tuple[list[tuple[bytes, bytes]], int]:
    """The chunks of a PNG whose packed pixels end too early or break off, with zeros for the rest; and its rows."""
    header = next((body for kind, body in chunks if kind == b"IHDR"), b"")
    if len(header) != 13:
        return chunks, UNKNOWN_ROWS
    width, height, depth, colour = struct.unpack(">IIBB", header[:10])
    row = 1 + -(-width * depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 4) // 8)
    size = min(row * height + 8 * height + 64, _MOST_BYTES)  # interlaced rows have a byte each in every pass
    unpacker, pixels = zlib.decompressobj(), []
    packed, room = b"".join(body for kind, body in chunks if kind == b"IDAT"), size
    try:
        for at in range(0, len(packed), 4096):
            pixels.append(unpacker.decompress(packed[at : at + 4096], room))
            room -= len(pixels[-1])
            if room <= 0:
                break
    except zlib.error:
        pass  # the data before that are right
    packer = zlib.compressobj(1)
    whole = b"".join(
        (*(packer.compress(part) for part in pixels), packer.compress(bytes(max(room, 0))), packer.flush())
    )
    before = [(kind, body) for kind, body in chunks if kind not in (b"IDAT", b"IEND")]
    rows = UNKNOWN_ROWS if header[12] else (size - room) // row  # those of an interlaced picture come several times
    return [*before, (b"IDAT", whole), (b"IEND", b"")], rows


def _gifs(data: bytes) -> Iterator[Repaired]:
    """A GIF that breaks off within its first picture, as PNG. Whatever came before, each LZW code of zeros is one more
    pixel of the first colour, so zeros stand for the rest; lines that are missing between others repeat those."""
    at = 13 + _colours_of_gif(data[10])
    while data[at : at + 1] == b"!":
        at = _after_blocks(data, at + 2)
    if data[at : at + 1] != b",":
        return
    end = _after_blocks(data, at + 11 + _colours_of_gif(data[at + 9]))
    (left, top, width, height), interlaced = struct.unpack_from("<4H", data, at + 1), data[at + 9] & 0x40
    if end <= len(data) or 2 * width * height > jpeg2000.MOST_MISSING:
        return
    zeros = (b"\xff" + bytes(255)) * (2 * width * height // 255 + 1)
    whole = data + bytes(end - 1 - len(data)) + zeros + b"\0;"
    with Image.open(io.BytesIO(whole), formats=["GIF"]) as picture:
        steps = ((0, 8), (4, 8), (2, 4), (1, 2)) if interlaced else ((0, 1),)
        order = [row for first, step in steps for row in range(first, height, step)]
        pixels, full, written = np.array(picture), picture.copy(), io.BytesIO()
        frame = pixels[top : top + height, left : left + width]
        there = np.sort(order[: np.flatnonzero(frame[order].any(axis=1))[-1] + 1])
        frame[:] = frame[there[np.searchsorted(there, np.arange(height), side="right") - 1]]
        full.frombytes(pixels.tobytes())
        full.save(written, "PNG", compress_level=1)
    yield written.getvalue(), [], top + int(there[-1]) + steps[0][1]


def _colours_of_gif(flags: int) -> int:
    """Bytes of a table of colours."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_blocks(data: bytes, at: int) -> int:
    """The place after a row of blocks of a GIF; beyond the file's end where that is missing."""
    while at < len(data) and data[at]:
        at += 1 + data[at]
    return at + 1


def _webp(data: bytes) -> bytes:
    """A WebP without metadata and profile."""
    body = b"WEBP"
    for kind, start, end in _parts_of_webp(data):
        part = bytearray(data[start - 8 : end + (end - start) % 2])
        if kind == b"VP8X":
            part[8:9] = bytes([part[8] & 0x12])
        if kind in (b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"):
            body += part
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _parts_of_webp(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind of each part, and where its content begins and ends, perhaps beyond the data."""
    at = 12
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        yield kind, at + 8, at + 8 + length
        at += 8 + length + length % 2
