"""Any file a visitor may upload -> an upright sRGB photo, or a PhotoError.

This module handles all ways of storing a picture: orientation tags, colour profiles, 16 bits, transparency, palettes.
The rest of the package sees only PIL images in mode "RGB".
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from ..errors import PhotoError
from .limits import MAX_BYTES, MAX_PIXELS, check_header, check_signature

Source = str | os.PathLike[str] | bytes | BinaryIO

_FORMATS = ("JPEG", "MPO", "PNG", "TIFF", "WEBP", "AVIF", "GIF", "BMP", "DIB", "JPEG2000", "HEIF")
# EPS, PDF and similar formats are left out on purpose: decoding them runs programs.
STRIP_PIXELS = 250_000
"""Pixels converted at once, so that only the picture itself is in memory whole; they fit into a CPU's cache."""


def open_photo(
    source: Source, *, max_pixels: int = MAX_PIXELS, max_bytes: int = MAX_BYTES, name: str = ""
) -> Image.Image:
    """Decode a photograph: PIL image, mode "RGB", upright, sRGB, 8 bits, without metadata.

    source: a path, the encoded bytes, or a binary file. max_pixels: limit on width x height; max_bytes: limit on the
    memory for decoding; both are checked before decoding. name: the photo's name in messages, by default the file's
    name. Raises only PhotoError for anything that cannot be read.
    """
    with opening(source, max_pixels=max_pixels, max_bytes=max_bytes, name=name) as stored:
        stored.load()
        photo = Image.new("RGB", stored.size)
        for y, strip in stored.strips():
            photo.paste(strip, (0, y))
        return photo


class Stored:
    """A photograph whose header has been checked, not yet decoded."""

    def __init__(self, image: Image.Image, need: int):
        self.need = need
        """Bytes that decoding holds at once."""
        self.pixels = image.width * image.height
        self._image = image
        self._profile = image.info.get("icc_profile")
        self._orientation = 1
        self._range: tuple[float, float] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, upright; known after `load`."""
        width, height = self._image.size
        return (height, width) if self._orientation in (5, 6, 7, 8) else (width, height)

    def load(self) -> None:
        """Decode it, as it is stored."""
        self._image.load()
        self._orientation = self._image.getexif().get(0x0112, 1)
        if self._image.mode.startswith("I") or self._image.mode == "F":
            self._range = _range(self._image)

    def strips(self) -> Iterator[tuple[int, Image.Image]]:
        """Strips in mode "RGB" from top to bottom: the first row's number, and rows with about `STRIP_PIXELS` pixels.
        Colours and orientation are corrected strip by strip, so that no second copy of the picture is needed."""
        width, height = self.size
        rows = max(1, STRIP_PIXELS // width)
        to_srgb = _to_srgb(self._image.mode, self._profile)
        turn = _TURNS.get(self._orientation)
        for y in range(0, height, rows):
            strip = self._image.crop(self._box(y, min(y + rows, height)))
            strip = _to_rgb(to_srgb(strip), self._range)
            yield y, strip.transpose(turn) if turn is not None else strip

    def _box(self, top: int, bottom: int) -> tuple[int, int, int, int]:
        """The box of the stored picture that holds these rows of the upright picture."""
        width, height = self._image.size
        if self._orientation in (3, 4):
            return 0, height - bottom, width, height - top
        if self._orientation in (5, 6):
            return top, 0, bottom, height
        if self._orientation in (7, 8):
            return width - bottom, 0, width - top, height
        return 0, top, width, bottom


@contextmanager
def opening(source: Source, *, max_pixels: int, max_bytes: int, name: str = "") -> Iterator[Stored]:
    """Open a photograph and read its header. Errors within the block, such as those of decoding, become PhotoError."""
    name = name or (Path(source).name if isinstance(source, (str, os.PathLike)) else "") or "The photo"
    try:
        file = _as_file(source, name)
    except OSError as error:
        kind = "photo_missing" if isinstance(error, FileNotFoundError) else "photo_unopened"
        raise PhotoError.of(kind, name=name, reason=error.strerror or "unreadable") from None
    try:
        with file:
            yield _opened(file, max_pixels, max_bytes, name)
    except PhotoError:
        raise
    except UnidentifiedImageError:
        raise PhotoError.of("photo_unknown", name=name) from None
    except Image.DecompressionBombError:
        raise PhotoError.of("photo_huge", name=name, limit=max_pixels / 1e6) from None
    except MemoryError:
        raise PhotoError.of("photo_memory", name=name) from None
    except Exception as error:
        # Decoders raise almost anything on damaged data: OSError, SyntaxError, ValueError, struct.error, IndexError ...
        raise PhotoError.of("photo_damaged", name=name, reason=type(error).__name__) from None


def _as_file(source: Source, name: str) -> BinaryIO:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    if isinstance(source, (str, os.PathLike)):
        if os.path.isdir(source):
            raise PhotoError.of("photo_folder", name=name)
        if not stat.S_ISREG(os.stat(source).st_mode):  # a pipe would be waited for, for ever
            raise PhotoError.of("photo_unopened", name=name, reason="it is no file")
        return open(source, "rb")
    return io.BytesIO(source.read())


def _opened(file: BinaryIO, max_pixels: int, max_bytes: int, name: str) -> Stored:
    _prepare_pillow(max_pixels)
    check_signature(file.read(30), max_pixels, name)
    file.seek(0)
    image = Image.open(file, formats=[name for name in _FORMATS if name in Image.OPEN])
    return Stored(image, check_header(image, file, max_pixels, max_bytes, name))


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _prepare_pillow(max_pixels: int) -> None:
    """Register every decoder once, and make Pillow's pixel limit at least ours, which is checked first."""
    if "HEIF" not in Image.OPEN:
        import pillow_heif

        Image.init()
        pillow_heif.register_heif_opener()
    if Image.MAX_IMAGE_PIXELS is not None and max_pixels > Image.MAX_IMAGE_PIXELS:
        Image.MAX_IMAGE_PIXELS = max_pixels


def _to_srgb(mode: str, profile: bytes | None) -> Callable[[Image.Image], Image.Image]:
    """A function that converts strips of an image to sRGB by its embedded ICC profile; without a profile, or with a
    broken one, it leaves them unchanged."""
    modes = {"RGB": "RGB", "RGBA": "RGBA", "CMYK": "RGB", "L": "RGB"}
    if not profile or mode not in modes:
        return lambda strip: strip
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(source, _SRGB, mode, modes[mode], ImageCms.Intent.PERCEPTUAL)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return lambda strip: strip  # better a picture without its profile than none
    return lambda strip: _applied(strip, transform)


def _applied(strip: Image.Image, transform: ImageCms.ImageCmsTransform) -> Image.Image:
    converted = ImageCms.applyTransform(strip, transform)
    return converted if converted is not None else strip


_SRGB = ImageCms.createProfile("sRGB")


def _to_rgb(image: Image.Image, low_high: tuple[float, float] | None) -> Image.Image:
    """Any mode -> "RGB": values of more than 8 bits are scaled from `low_high`; transparency becomes white."""
    if low_high is not None:
        return Image.fromarray(_to_8_bits(np.asarray(image), *low_high)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _range(image: Image.Image) -> tuple[float, float]:
    """The values that become 0 and 255 in an image of more than 8 bits: 0 and 65535, 0 and 1 for fractions, 0 and 255
    for values up to 255; for anything else (32-bit integers, unscaled floats) its own minimum and maximum."""
    rows = max(1, STRIP_PIXELS // image.width)
    low, high, fractions = np.inf, -np.inf, False
    for y in range(0, image.height, rows):
        values = np.asarray(image.crop((0, y, image.width, min(y + rows, image.height))))
        fractions = values.dtype.kind == "f"
        known = values[np.isfinite(values)] if fractions else values
        if known.size:
            low, high = min(low, float(known.min())), max(high, float(known.max()))
    if low > high:
        return 0.0, 1.0
    if not fractions:
        return (0.0, 65535.0) if low >= 0 and high <= 65535 else (low, high)
    if low >= 0 and high <= 255:
        return (0.0, 1.0) if high <= 1 else (0.0, 255.0)
    return low, high


def _to_8_bits(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """One channel of any number type -> uint8: `low` becomes 0, `high` becomes 255; values that are not finite count
    as 0."""
    numbers = values.astype(np.float64)
    if values.dtype.kind == "f":
        numbers = np.where(np.isfinite(numbers), numbers, 0)
    return np.rint(np.clip((numbers - low) / max(high - low, 1e-12) * 255, 0, 255)).astype(np.uint8)
