"""Unpacks the segments of a TIFF page, also where their data end too early."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress
from functools import lru_cache
from typing import Any, BinaryIO

from PIL import Image, JpegImagePlugin, TiffImagePlugin

from ..limits import MAX_SCANS, count_scans

PACKED = {1: 1, 5: 5, 7: 7, 8: 8, 32946: 8, 32773: 32773, 34925: 34925, 50000: 50000}
"""Compressions that are unpacked here, with the number by which libtiff knows them."""
REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Each byte with its bits in the other order."""
STEP = 1 << 14
"""Bytes that are unpacked at once."""
JPEG_END = b"\xff\xd9"
_MORE = 1 << 22
"""Pixels by which a segment of JPEG may be larger than what is shown of it."""


def jpeg_tables(tables: bytes | None, rgb: bool) -> bytes:
    """How each JPEG of a page begins. tables: as the page has them. rgb: whether it says that these are its colours."""
    begin = (tables or b"").removesuffix(JPEG_END) or b"\xff\xd8"
    return begin + (b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0" if rgb else b"")


def unpacked_jpeg(data: bytes, tables: bytes, channels: int, size: tuple[int, int]) -> bytes:
    """A JPEG's bytes; middle gray stands for those that are missing. size: width and height of what is shown of it, as
    a strip may be filled up with rows below the picture."""
    file = io.BytesIO(tables + data.removeprefix(b"\xff\xd8") + JPEG_END)
    if count_scans(file) > MAX_SCANS:
        raise ValueError("no scanner writes so many")
    with JpegImagePlugin.JpegImageFile(file) as part:
        if part.width > size[0] or part.width * part.height > size[0] * size[1] + _MORE:
            raise ValueError("strangers' headers may say anything")
        whole = Image.new("L" if channels == 1 else "RGB", size, "#808080")
        whole.paste(part.convert(whole.mode))
        return whole.tobytes()


def unpacked(data: bytes, row_bytes: int, rows: int, compression: int) -> bytes:
    """A segment's bytes, fewer if its data ends too early."""
    if compression == 1:
        return data
    if compression == 8:
        unpacker, missing, parts = zlib.decompressobj(), row_bytes * rows, []
        with suppress(zlib.error):
            for at in range(0, len(data), STEP):
                parts.append(unpacker.decompress(data[at : at + STEP], missing))
                missing -= len(parts[-1])
                if not missing or unpacker.eof:  # more rows may follow, which fill up the last strip
                    break
        return b"".join(parts)
    # Whatever the values are, libtiff unpacks them as rows of bytes; of a segment that ends too early, only those that
    # are whole.
    with suppress(OSError):
        return _rows_of(data, row_bytes, rows, compression)
    whole, lacking = 0, rows
    best = b""
    while lacking - whole > 1:
        try:
            best = _rows_of(data, row_bytes, middle := (whole + lacking) // 2, compression)
            whole = middle
        except OSError:
            lacking = middle
    return best


def _rows_of(data: bytes, row_bytes: int, rows: int, compression: int) -> bytes:
    """The first rows of a segment. Raises OSError if one of them is not whole."""
    header = _header(row_bytes, rows, compression, len(data))
    with TiffImagePlugin.TiffImageFile(io.BytesIO(header + data)) as picture:
        return picture.tobytes()


def lacks_bytes(file: BinaryIO, tags: Any, partial: bool) -> bool:
    """Whether YCbCr that is not JPEG ends before its pixels do, of which libtiff says nothing: it leaves them blank.
    tags: as Pillow has them. Raises EOFError unless a part is wanted and can be there."""
    across, down = tags.get(530) or (2, 2)
    width, height = tags.get(322, tags[256]), tags.get(323, min(tags.get(278, tags[257]), tags[257]))
    row, bands = -(-width // across) * (across * down + 2), -(-tags[257] // height)
    if tags.get(284, 1) == 2:
        row = width
    segments = [*zip(tags.get(324) or tags[273], tags.get(325) or tags[279], strict=False)]
    for number, (offset, count) in enumerate(segments):
        rows = -(-(height if 322 in tags else min(height, tags[257] - number % bands * height)) // down)
        file.seek(offset)
        data = file.read(min(count, 2 * row * rows + 4096))
        with suppress(Exception):
            data = data.translate(REVERSED) if tags.get(266, 1) == 2 else data
            if len(unpacked(data, row, rows, PACKED[tags.get(259, 1)])) >= row * rows:
                continue
        if not partial or (len(segments) == 1 and tags.get(259, 1) == 1):  # nothing of it would be read
            raise EOFError
        return True
    return False


@lru_cache(4)
def _header(width: int, height: int, compression: int, length: int) -> bytes:
    """The start of a TIFF file of one strip of 8-bit gray, whose data follow."""
    start = 8 + 2 + 12 * 9 + 4
    tags = {256: width, 257: height, 258: 8, 259: compression, 262: 1, 273: start, 277: 1, 278: height, 279: length}
    return (
        b"II*\0"
        + struct.pack("<IH", 8, len(tags))
        + b"".join(struct.pack("<HHII", tag, 4, 1, n) for tag, n in tags.items())
        + bytes(4)
    )
