"""Files that are small to send but large or slow to decode. With these, one visitor could once stop the page for
all."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image


def png(width: int, height: int, depth: int = 8, kind: int = 0) -> bytes:
    """A complete black PNG. depth: bits; kind: 0 is gray, 2 RGB, 6 RGBA."""
    row = 1 + width * {0: 1, 2: 3, 6: 4}[kind] * depth // 8
    packer, data = zlib.compressobj(9), []
    rows = max(1, min(height, 10_000_000 // row))
    for _ in range(height // rows):
        data.append(packer.compress(bytes(row * rows)))
    data.append(packer.compress(bytes(row * (height % rows))) + packer.flush())
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", b"".join(data)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )


def webp(width: int = 16_383, height: int = 16_383) -> bytes:
    """A WebP of 34 bytes that only declares its size."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    chunk = b"VP8X" + struct.pack("<I", 10) + bytes(4) + sides + bytes(4)
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def many_scans(width: int, height: int, scans: int) -> bytes:
    """A progressive JPEG with `scans` extra scans, each over the whole picture."""
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (8, 8), np.uint8)
    picture = Image.fromarray(noise).resize((width, height), Image.Resampling.NEAREST)
    picture.save(buffer, "JPEG", quality=20, progressive=True)
    data = buffer.getvalue()
    last = data.rindex(b"\xff\xda")
    # Each scan refines the last bit of a coefficient, and every block says that nothing changes.
    head = data[last : last + 2 + int.from_bytes(data[last + 2 : last + 4], "big")]
    return data[:-2] + (head + b"\x00") * scans + data[-2:]


def float_tiff() -> bytes:
    """119 megapixels of 32-bit floats in a compressed TIFF."""
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((10_900, 10_900), np.float32)).save(buffer, "TIFF", compression="tiff_adobe_deflate")
    return buffer.getvalue()
