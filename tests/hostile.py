"""About 900 files that no photographer would upload. They are made here and are the same every time."""

import io
import random
import struct
import zlib
from collections.abc import Iterator

import numpy as np
import pillow_heif
from conftest import colour_photo
from PIL import Image

pillow_heif.register_heif_opener()
PHOTO = colour_photo(61, 47)


def encode(image: Image.Image, fmt: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, fmt, **options)
    return buffer.getvalue()


def cut(data: bytes, share: float = 0.5) -> bytes:
    """The first part of a file."""
    return data[: int(len(data) * share)]


def bomb(megabytes: int) -> bytes:
    """The packed form by zlib of so many MiB of zeros, made in a moment."""
    packer = zlib.compressobj(9)
    first, again = (packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    adler = (megabytes * 2**20 % 65521) << 16 | 1
    return first + again * (megabytes - 1) + b"\x03\0" + struct.pack(">I", adler)


def png_of(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of these chunks, with their lengths and checksums."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def sound() -> dict[str, bytes]:
    """One sound file of every kind, to be damaged."""
    gray, clear = PHOTO.convert("L"), PHOTO.convert("RGBA")
    frames = [PHOTO, PHOTO.rotate(180)]
    return {
        "a.jpg": encode(PHOTO, "JPEG"),
        "progressive.jpg": encode(PHOTO, "JPEG", progressive=True),
        "cmyk.jpg": encode(PHOTO.convert("CMYK"), "JPEG"),
        "turned.jpg": encode(PHOTO, "JPEG", exif=_turned()),
        "a.png": encode(PHOTO, "PNG"),
        "interlaced.png": encode(gray, "PNG", interlace=1),
        "clear.png": encode(clear, "PNG"),
        "palette.png": encode(PHOTO.quantize(16), "PNG"),
        "moving.png": encode(frames[0], "PNG", save_all=True, append_images=frames[1:]),
        "a.tif": encode(PHOTO, "TIFF"),
        "lzw.tif": encode(PHOTO, "TIFF", compression="tiff_lzw"),
        "jpeg.tif": encode(PHOTO, "TIFF", compression="jpeg"),
        "float.tif": encode(Image.fromarray(np.linspace(-9, 9, 200, dtype=np.float32).reshape(10, 20)), "TIFF"),
        "sixteen.tif": encode(Image.fromarray(np.arange(600, dtype=np.uint16).reshape(20, 30)), "TIFF"),
        "a.webp": encode(PHOTO, "WEBP"),
        "lossless.webp": encode(clear, "WEBP", lossless=True),
        "moving.webp": encode(frames[0], "WEBP", save_all=True, append_images=frames[1:]),
        "moving.gif": encode(frames[0], "GIF", save_all=True, append_images=frames[1:]),
        "a.bmp": encode(PHOTO, "BMP"),
        "palette.bmp": encode(PHOTO.quantize(4), "BMP"),
        "a.avif": encode(PHOTO, "AVIF"),
        "a.heic": encode(PHOTO, "HEIF"),
        "a.jp2": encode(PHOTO, "JPEG2000"),
        "a.mpo": encode(PHOTO, "MPO", save_all=True, append_images=frames[1:]),
    }


def hostile() -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of every file."""
    yield from _impostors()
    yield from _shapes()
    yield from liars()
    yield from _modes()
    for name, data in sound().items():
        yield from _damaged(name, data)


def _turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def _impostors() -> Iterator[tuple[str, bytes]]:
    """Files named like pictures that are none, or that would run programs."""
    yield "empty.jpg", b""
    yield "byte.png", b"\x89"
    yield "signature.png", b"\x89PNG\r\n\x1a\n"
    yield "text.jpg", b"Dear grandmother, " * 100
    yield "page.png", b"<!doctype html><script>alert(1)</script>"
    yield "drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    yield "doc.jpg", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF"
    yield "program.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%touch /tmp/x) (w) file\nshowpage"
    yield "program.xpm", b"/* XPM */ static char *a[] = {"
    yield "zip.png", b"PK\x03\x04" + bytes(60)
    yield "nothing.tif", bytes(4096)
    yield "noise.jpg", random.Random(0).randbytes(5000)
    yield "pickle.png", b"\x80\x04\x95\x1c\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94."


def _shapes() -> Iterator[tuple[str, bytes]]:
    """Sizes at the edge of what is a picture."""
    for size in ((1, 1), (1, 5000), (5000, 1), (2, 1), (3, 4000), (65000, 1)):
        picture = Image.new("RGB", size, (90, 120, 40))
        for fmt in ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP"):
            if fmt != "WEBP" or max(size) < 16384:
                yield f"{size[0]}x{size[1]}.{fmt.lower()}", encode(picture, fmt)


def _png(width: int, height: int, data: bytes, depth: int = 8, kind: int = 2, *chunks: tuple[bytes, bytes]) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return png_of((b"IHDR", header), *chunks, (b"IDAT", data), (b"IEND", b""))


def liars() -> Iterator[tuple[str, bytes]]:
    """Headers that promise more than the file has, and files that unpack into more than fits into memory."""
    for width, height in ((30_000, 30_000), (2**31 - 1, 2**31 - 1), (0, 0), (0, 9), (100_000, 900), (11_000, 10_900)):
        yield f"says-{width}x{height}.png", _png(width, height, zlib.compress(bytes(100)))
    yield "bomb.png", _png(25_000, 25_000, bomb(24))
    yield "text-bomb.png", _png(4, 4, zlib.compress(bytes(52)), 8, 2, (b"zTXt", b"a\0\0" + bomb(90)))
    profile = b"p\0\0" + bomb(90)
    yield "profile-bomb.png", _png(4, 4, zlib.compress(bytes(52)), 8, 2, (b"iCCP", profile))
    yield "long-data.png", _png(4, 4, bomb(30))
    for depth, kind in ((3, 2), (16, 3), (8, 1), (8, 7), (32, 0), (16, 6)):
        yield f"depth-{depth}-{kind}.png", _png(4, 4, zlib.compress(bytes(200)), depth, kind)
    bitmap = bytearray(encode(PHOTO, "BMP"))
    for width, height in ((60_000, 60_000), (-5, 9), (9, -(2**31)), (2**31 - 1, 1)):
        bitmap[18:26] = struct.pack("<ii", width, height)
        yield f"says-{width}x{height}.bmp", bytes(bitmap)
    gif = bytearray(encode(PHOTO, "GIF"))
    gif[6:10] = struct.pack("<HH", 65535, 65535)
    yield "says-65535.gif", bytes(gif)
    jpeg = bytearray(encode(PHOTO, "JPEG"))
    at = jpeg.index(b"\xff\xc0") + 5
    for height, width in ((65535, 65535), (0, 0), (9000, 9000), (65500, 1)):
        jpeg[at : at + 4] = struct.pack(">HH", height, width)
        yield f"says-{width}x{height}.jpg", bytes(jpeg)
    for tag, kind, value in _tags():
        yield f"tag-{tag}-{value}.tif", _tiff({tag: (kind, value)})
    yield "loop.tif", _tiff({}, following=8)
    yield "tiny-tiles.tif", _tiff({322: (3, 16), 323: (3, 16), 324: (4, 8), 325: (4, 1)})
    for count in (0, 2**16 - 1):
        yield f"{count}-entries.tif", b"II*\0\x08\0\0\0" + struct.pack("<H", count) + bytes(40)


def _tags() -> Iterator[tuple[int, int, int]]:
    """TIFF fields with values that make no sense: tag, type, value."""
    for tag, values in {
        256: (0, 70_000, 2**32 - 1),  # width
        257: (0, 70_000, 2**32 - 1),  # height
        258: (0, 3, 64, 65535),  # bits
        259: (0, 5, 7, 50000, 65535),  # compression
        262: (0, 3, 6, 99),  # photometric
        273: (0, 2**32 - 1),  # where the data are
        277: (0, 2, 200, 65535),  # samples
        278: (0, 2**32 - 1),  # rows in a strip
        279: (0, 2**32 - 1),  # bytes
        284: (2, 9),  # planes
        317: (2, 3, 9),  # predictor
        339: (2, 3, 9),  # number format
        274: (0, 6, 99),  # orientation
    }.items():
        for value in values:
            yield tag, 4, value


def _tiff(changes: dict[int, tuple[int, int]], following: int = 0) -> bytes:
    """A gray TIFF of 16 x 16 with some fields changed."""
    fields = {
        256: (3, 16), 257: (3, 16), 258: (3, 8), 259: (3, 1), 262: (3, 1), 273: (4, 400), 277: (3, 1), 278: (3, 16),
        279: (4, 256),
    } | changes  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, (kind, value) in sorted(fields.items()))
    head = b"II*\0\x08\0\0\0" + struct.pack("<H", len(fields)) + entries + struct.pack("<I", following)
    return head.ljust(400, b"\0") + bytes(range(256))


def _modes() -> Iterator[tuple[str, bytes]]:
    """Sound files in modes and depths that few programs write."""
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "I;16"):
        for fmt in ("PNG", "TIFF", "JPEG", "BMP", "GIF", "WEBP", "JPEG2000", "AVIF"):
            try:
                yield f"{mode.replace(';', '-')}.{fmt.lower()}", encode(PHOTO.convert(mode), fmt)
            except (OSError, ValueError, KeyError, TypeError):
                continue  # Pillow does not write this one
    for dtype in ("<u2", ">u2", "<u4", "<i4", "<f4", "<i2"):
        for values in ([[0, 1], [2, 3]], [[0, 0], [0, 0]], [[60000, 1], [9, 3]]):
            try:
                picture = Image.fromarray(np.array(values).astype(dtype))
                order = "little" if dtype[0] == "<" else "big"
                yield f"{order}-{dtype[1:]}-{values[0][0]}-{values[0][1]}.tif", encode(picture, "TIFF")
            except (OSError, TypeError):
                continue
    for name, value in (("nan", np.nan), ("infinite", np.inf), ("huge", 3e38), ("tiny", -3e38)):
        yield f"{name}.tif", encode(Image.fromarray(np.array([[0, value], [value, 1]], np.float32)), "TIFF")
    for number, profile in enumerate((b"", b"x", bytes(128), b"acsp" * 99, random.Random(1).randbytes(900))):
        yield f"profile-{number}.jpg", encode(PHOTO, "JPEG", icc_profile=profile)
        yield f"profile-{number}.png", encode(PHOTO, "PNG", icc_profile=profile)


def _damaged(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Files that are cut short, or with bytes changed, doubled or missing."""
    dice = random.Random(name)
    for share in (0.02, 0.1, 0.3, 0.5, 0.8, 0.95, 0.999):
        yield f"cut-{share}-{name}", data[: int(len(data) * share)]
    for number in range(16):
        wrong = bytearray(data)
        for _ in range(1 << (number % 5)):
            reach = len(data) if number % 2 else min(len(data), 200)  # the header too
            wrong[dice.randrange(reach)] = dice.randrange(256)
        yield f"changed-{number}-{name}", bytes(wrong)
    at, length = dice.randrange(len(data)), dice.randrange(1, 60)
    yield f"gap-{name}", data[:at] + data[at + length :]
    yield f"twice-{name}", data + data
    yield f"after-{name}", data + dice.randbytes(500)
    yield f"before-{name}", b"\0" + data
