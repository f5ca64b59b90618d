"""Saves a finished picture as PNG, JPEG or TIFF, with the scan's metadata and where the colours come from."""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo, putchunk

from ..errors import PATH, PhotoError, UserError, expect
from ..files.atomic import whole_file
from .exif import DESCRIPTION, IPTC, RESOLUTION, SOFTWARE, XMP, Directory, Entry, Exif, written
from .iptc import decoded
from .metadata import Blocks, Metadata, Provenance, blocks
from .profiles import SPACES, profile_of

Picture = Image.Image | np.ndarray
"""PIL, or uint8 or uint16 (H, W, 3)."""
_MOST_SEGMENT = 65_500
"""Bytes of one segment of a JPEG."""
_STRIP_BYTES = 1 << 18
"""Bytes of a TIFF's strips, unpacked."""
_MOST_TIFF = 4_000_000_000
"""Most bytes of pixels whose places four bytes can count, even if packing gains nothing."""


def save_photo(
    image: Picture,
    path: str | os.PathLike[str],
    *,
    checkpoint: str = "",
    metadata: Metadata | None = None,
    provenance: Provenance | None = None,
    strip: bool = False,
    space: str = "srgb",
) -> Path:
    """Write PNG or TIFF (lossless, 8 or 16 bits) or JPEG (quality 95, colour at full resolution), by `path`'s suffix.

    image: PIL "RGB", or uint8 or uint16 (H, W, 3), as `Colorization.pixels` gives it. metadata: the scan's, as
    `read_photo` found them; the file gets them too. provenance: how and by which checkpoint the colours were predicted,
    which the file says; or just checkpoint, its name. strip: write no metadata at all. space: of the picture's colours,
    a name of `profiles.SPACES`; the file carries its profile. The write is atomic. Raises PhotoError for another
    suffix, for 16 bits in a JPEG, and if writing fails.
    """
    expect(path, PATH, "A file is given by its path", PhotoError)
    expect(image, Picture, "A picture is a PIL picture or an array, as colorizer.open_photo gives it", PhotoError)
    expect(metadata, Metadata | None, "The metadata are those of read_photo(...).metadata", PhotoError)
    expect(provenance, Provenance | None, "The provenance is that of Colorization.provenance", PhotoError)
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in _WRITERS:
        raise PhotoError.of("photo_suffix", name=path.name)
    write, mime = _WRITERS[suffix]
    if write is write_jpeg and isinstance(image, np.ndarray) and image.dtype == np.uint16:
        raise PhotoError.of("photo_deep_jpeg", name=path.name)
    if str(space) not in SPACES:
        raise UserError.of("space", name=space, known=", ".join(SPACES))
    if isinstance(image, np.ndarray) and (image.shape[2:] != (3,) or image.dtype not in (np.uint8, np.uint16)):
        raise PhotoError("An array of a picture is uint8 or uint16, (height, width, 3).")
    size = image.size if isinstance(image, Image.Image) else (image.shape[1], image.shape[0])
    made = provenance or Provenance(checkpoint)
    said = None if strip else blocks(metadata, made, size, SPACES[space], mime)
    with whole_file(path, PhotoError) as partial:
        write(image, partial, profile_of(space), said)
    return path


def write_jpeg(picture: Picture, path: Path, profile: bytes, said: Blocks | None) -> None:
    """Quality 95, colour at full resolution. Metadata that are too long for a JPEG's segments are left out: first the
    directories of EXIF beside the main one, then XMP and IPTC."""
    options: dict[str, Any] = {"quality": 95, "subsampling": 0, "icc_profile": profile}
    if said:
        block = said.exif.to_bytes()
        if len(block) > _MOST_SEGMENT:
            block = Exif(said.exif.order, said.exif.main).to_bytes()
        if len(block) <= _MOST_SEGMENT:
            options["exif"] = b"Exif\0\0" + block
        if len(said.xmp) <= _MOST_SEGMENT - 40:
            options["xmp"] = said.xmp
        resources = _resources(said.iptc)
        if said.iptc and len(resources) <= _MOST_SEGMENT:
            options["extra"] = b"\xff\xed" + struct.pack(">H", len(resources) + 2) + resources
        if said.dpi:
            options["dpi"] = said.dpi
    _image(picture).save(path, "JPEG", **options)


def write_png(picture: Picture, partial: Path, profile: bytes, said: Blocks | None) -> None:
    """Lossless, 8 or 16 bits. Texts are there as PNG's own, too, for programs that read only these."""
    chunks = _png_chunks(said) if said else []
    if isinstance(picture, np.ndarray) and picture.dtype == np.uint16:
        with partial.open("wb") as file:
            _write_deep_png(picture, file, [(b"iCCP", b"ICC profile\0\0" + zlib.compress(profile)), *chunks])
        return
    info = PngInfo()
    options: dict[str, Any] = {"dpi": said.dpi} if said and said.dpi else {}
    for kind, body in chunks:
        if kind == b"eXIf":  # Pillow writes these two itself
            options["exif"] = body
        elif kind != b"pHYs":
            info.add(kind, body)
    _image(picture).save(partial, "PNG", pnginfo=info, compress_level=4, icc_profile=profile, **options)


def write_tiff(picture: Picture, partial: Path, profile: bytes, said: Blocks | None) -> None:
    """Lossless, 8 or 16 bits, in strips packed by ZIP; BigTIFF if four bytes could not count the file's bytes."""
    pixels = np.asarray(picture)
    exif = said.exif if said else Exif()
    order, big = exif.order, pixels.nbytes > _MOST_TIFF
    with partial.open("wb") as file:
        file.write(bytes(16))
        main = _write_strips(pixels, file, order, big)
        main |= {tag: entry for tag, entry in exif.main.items() if tag not in main}
        main[0x8773] = Entry(7, len(profile), profile)
        if said:
            if said.xmp:
                main[XMP] = Entry(1, len(said.xmp), said.xmp)
            if said.iptc:  # as numbers of four bytes, which it is not; so every program expects it
                padded = said.iptc + bytes(-len(said.iptc) % 4)
                main[IPTC] = Entry(4, len(padded) // 4, padded)
            for tag, dpi in zip(RESOLUTION, said.dpi or (), strict=False):
                main[tag] = Entry(5, 1, struct.pack(order + "II", round(dpi * 1000), 1000))
            if said.dpi:
                main[RESOLUTION[2]] = Entry(3, 1, struct.pack(order + "H", 2))
        at = file.tell()
        at += file.write(bytes(at % 2))
        file.write(written(replace(exif, main=main), at, big))
        file.seek(0)
        mark = b"II" if order == "<" else b"MM"
        file.write(mark + (struct.pack(order + "HHHQ", 43, 8, 0, at) if big else struct.pack(order + "HI", 42, at)))


def _write_strips(pixels: np.ndarray, file: BinaryIO, order: str, big: bool) -> Directory:
    """Write pixels (H, W, 3) as differences from the left, and return the entries that say where and how they are
    stored."""
    height, width, channels = pixels.shape
    rows = max(1, _STRIP_BYTES // (pixels.nbytes // height))
    places, sizes = [], []
    for top in range(0, height, rows):
        strip = pixels[top : top + rows]
        stored = strip.copy()
        stored[:, 1:] -= strip[:, :-1]
        packed = zlib.compress(stored.astype(stored.dtype.newbyteorder(order)).tobytes(), 5)
        places.append(file.tell())
        sizes.append(file.write(packed))

    def numbers(kind: int, *values: int) -> Entry:
        form = {3: "H", 4: "I", 16: "Q"}[kind]
        return Entry(kind, len(values), struct.pack(f"{order}{len(values)}{form}", *values))

    shorts = {0x102: (8 * pixels.dtype.itemsize,) * channels, 0x103: (8,), 0x106: (2,), 0x115: (channels,), 0x11C: (1,)}
    shorts |= {0x13D: (2,)}
    longs = {0x100: width, 0x101: height, 0x116: rows}
    offset = 16 if big else 4
    return {
        **{tag: numbers(3, *values) for tag, values in shorts.items()},
        **{tag: numbers(4, value) for tag, value in longs.items()},
        0x111: numbers(offset, *places),
        0x117: numbers(offset, *sizes),
    }


def _image(picture: Picture) -> Image.Image:
    return Image.fromarray(picture) if isinstance(picture, np.ndarray) else picture


def _resources(iptc: bytes) -> bytes:
    """An IPTC block as JPEG has it, among Photoshop's resources."""
    block = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(iptc)) + iptc
    return b"Photoshop 3.0\0" + block + bytes(len(iptc) % 2)


def _png_chunks(said: Blocks) -> list[tuple[bytes, bytes]]:
    chunks = []
    if said.dpi:
        across, down = (round(dpi / 0.0254) for dpi in said.dpi)
        chunks.append((b"pHYs", struct.pack(">IIB", across, down, 1)))
    for name, tag in (("Description", DESCRIPTION), ("Software", SOFTWARE)):
        chunks.append(_text(name, decoded(said.exif.text(tag))))
    chunks.append(_text("XML:com.adobe.xmp", said.xmp.decode()))
    chunks.append((b"eXIf", said.exif.to_bytes()))
    if said.iptc:
        resources = _resources(said.iptc)[14:]
        digits = resources.hex()
        lines = "\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
        packed = zlib.compress(f"\niptc\n{len(resources):8d}\n{lines}\n".encode())
        chunks.append((b"zTXt", b"Raw profile type iptc\0\0" + packed))
    return chunks


def _text(name: str, words: str) -> tuple[bytes, bytes]:
    return b"iTXt", name.encode() + b"\0\0\0\0\0" + words.encode()


def _write_deep_png(pixels: np.ndarray, file: BinaryIO, chunks: list[tuple[bytes, bytes]]) -> None:
    """A PNG of uint16 (H, W, 3). Each row is stored as what it differs from the one above."""
    height, width = pixels.shape[:2]
    file.write(b"\x89PNG\r\n\x1a\n")
    for kind, body in [(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)), *chunks]:
        putchunk(file, kind, body)
    packer = zlib.compressobj(4)
    above = np.zeros((1, 6 * width), np.uint8)
    step = max(1, (1 << 20) // (6 * width))
    for top in range(0, height, step):
        rows = pixels[top : top + step].astype(">u2").view(np.uint8).reshape(-1, 6 * width)
        stored = np.full((len(rows), 1 + 6 * width), 2, np.uint8)
        stored[:, 1:] = rows - np.concatenate((above, rows[:-1]))
        above = rows[-1:]
        if packed := packer.compress(stored.tobytes()):
            putchunk(file, b"IDAT", packed)
    putchunk(file, b"IDAT", packer.flush())
    putchunk(file, b"IEND", b"")


_WRITERS = {
    ".png": (write_png, "image/png"),
    ".jpg": (write_jpeg, "image/jpeg"),
    ".jpeg": (write_jpeg, "image/jpeg"),
    ".tif": (write_tiff, "image/tiff"),
    ".tiff": (write_tiff, "image/tiff"),
}
WRITTEN = tuple(_WRITERS)
"""Suffixes of files that can be written."""
