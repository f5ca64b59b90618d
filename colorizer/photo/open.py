"""Any file a person may hand in -> an upright sRGB photo, or a PhotoError.

Every way of storing a picture ends here: orientation tags, colour profiles, 16 bits, transparency, palettes. The rest
of the package sees PIL images in mode "RGB" only.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from ..errors import PhotoError

MAX_PIXELS = 120_000_000
"""Larger photographs are refused before they are decoded."""

_FORMATS = ("JPEG", "MPO", "PNG", "TIFF", "WEBP", "AVIF", "GIF", "BMP", "DIB", "JPEG2000", "HEIF")
# EPS, PDF and the like are left out on purpose: decoding them runs programs.


def open_photo(
    source: str | os.PathLike[str] | bytes | BinaryIO, *, max_pixels: int = MAX_PIXELS, name: str = ""
) -> Image.Image:
    """Decode a photograph: PIL image, mode "RGB", upright, sRGB, 8 bits, without metadata.

    source: a path, the encoded bytes, or a binary file. max_pixels: limit on width x height, checked before decoding.
    name: what messages call the photo; by default the file's name. Raises PhotoError, and nothing else, for anything
    that cannot be read.
    """
    name = name or (Path(source).name if isinstance(source, (str, os.PathLike)) else "") or "The photo"
    try:
        file = _as_file(source, name)
    except OSError as error:
        kind = "photo_missing" if isinstance(error, FileNotFoundError) else "photo_unopened"
        raise PhotoError.of(kind, name=name, reason=error.strerror or "unreadable") from None
    try:
        with file:
            return _decode(file, max_pixels, name)
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


def _as_file(source: str | os.PathLike[str] | bytes | BinaryIO, name: str) -> BinaryIO:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    if isinstance(source, (str, os.PathLike)):
        if Path(source).is_dir():
            raise PhotoError.of("photo_folder", name=name)
        return open(source, "rb")
    return io.BytesIO(source.read())


def _decode(file: BinaryIO, max_pixels: int, name: str) -> Image.Image:
    _prepare_pillow(max_pixels)
    image = Image.open(file, formats=[name for name in _FORMATS if name in Image.OPEN])
    if image.width * image.height > max_pixels:
        megapixels = image.width * image.height / 1e6
        raise PhotoError.of("photo_megapixels", name=name, megapixels=megapixels, limit=max_pixels / 1e6)
    profile = image.info.get("icc_profile")
    image.load()
    orientation = image.getexif().get(0x0112, 1)
    rgb = _to_rgb(_profiled(image, profile))
    turn = _TURNS.get(orientation)
    upright = rgb.transpose(turn) if turn is not None else rgb
    result = upright.copy() if upright is image else upright
    result.info = {}
    return result


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
    """Register every decoder once, and let Pillow's own pixel limit be no lower than ours, which is checked first."""
    if "HEIF" not in Image.OPEN:
        import pillow_heif

        Image.init()
        pillow_heif.register_heif_opener()
    if Image.MAX_IMAGE_PIXELS is not None and max_pixels > Image.MAX_IMAGE_PIXELS:
        Image.MAX_IMAGE_PIXELS = max_pixels


def _profiled(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The image in sRGB according to its embedded ICC profile; as it is where there is none or a broken one."""
    modes = {"RGB": "RGB", "RGBA": "RGBA", "CMYK": "RGB", "L": "RGB"}
    if not profile or image.mode not in modes:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(
            image, source, _SRGB, renderingIntent=ImageCms.Intent.PERCEPTUAL, outputMode=modes[image.mode]
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image  # the picture is worth more than its profile
    return converted if converted is not None else image


_SRGB = ImageCms.createProfile("sRGB")


def _to_rgb(image: Image.Image) -> Image.Image:
    """Any mode -> "RGB": 16-bit and floating-point values scaled to 8 bits, transparency laid on white."""
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_to_8_bits(np.asarray(image))).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("RGB")
    return image.convert("RGB")


def _to_8_bits(values: np.ndarray) -> np.ndarray:
    """One channel of any number type -> uint8. 16-bit values are divided by 257, fractions in [0, 1] times 255;
    anything else (32-bit integers, unscaled floats) has its own range stretched to 0-255."""
    if values.dtype.kind == "f":
        finite = np.isfinite(values)
        values = np.where(finite, values, 0).astype(np.float64)
        low, high = (values[finite].min(), values[finite].max()) if finite.any() else (0.0, 1.0)
        if low >= 0 and high <= 1:
            low, high = 0.0, 1.0
        elif low >= 0 and high <= 255:
            low, high = 0.0, 255.0
    else:
        values = values.astype(np.int64)
        low, high = 0, 65535
        if values.size and (values.min() < 0 or values.max() > 65535):
            low, high = int(values.min()), int(values.max())
    scaled = (values.astype(np.float64) - low) / max(high - low, 1e-12) * 255
    return np.rint(np.clip(scaled, 0, 255)).astype(np.uint8)
