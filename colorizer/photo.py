"""Any file a person may hand in -> an upright sRGB photo, or a PhotoError; and back to a file.

Every way of storing a picture ends here: orientation tags, colour profiles, 16 bits, transparency, palettes. The rest
of the package sees PIL images in mode "RGB" only.
"""

from __future__ import annotations

import io
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin, UnidentifiedImageError

from .errors import UserError

MAX_PIXELS = 120_000_000
"""Larger photographs are refused before they are decoded."""

_FORMATS = ("JPEG", "MPO", "PNG", "TIFF", "WEBP", "AVIF", "GIF", "BMP", "DIB", "JPEG2000", "HEIF")
# EPS, PDF and the like are left out on purpose: decoding them runs programs.

SUFFIXES = {
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif", ".avif", ".heic",
    ".heif", ".hif", ".jp2", ".j2k", ".jpf",
}  # fmt: skip
"""How files are called that are taken for pictures, where a folder or an archive holds others too."""


class PhotoError(UserError):
    """A file that is no usable photograph; the message says in one sentence what is wrong and what to do."""


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


def is_grayscale(photo: Image.Image, tolerance: float = 3.0) -> bool:
    """Whether an "RGB" photo carries no colours to speak of: its channels differ by `tolerance` levels at most.

    Judged on a small version by its 99th percentile, so that JPEG noise does not count; a sepia tint does count as
    colour.
    """
    small = photo.resize((64, 64), Image.Resampling.BOX)
    channels = np.asarray(small, np.int16)
    return bool(np.percentile(channels.max(axis=2) - channels.min(axis=2), 99) <= tolerance)


def has_own_colours(photo: Image.Image, spread: float = 2.7) -> bool:
    """Whether an "RGB" photo has colours that a prediction can be compared with; black-and-white prints have none, nor
    have those in one tone (sepia, cyanotype), even a tone that changes with lightness.

    In one tone, a and b are functions of lightness: colours count as their own when more than 5 % of the pixels of a
    small version lie further than `spread` Lab units from a cubic fitted to them. (Of 40 historical photographs all
    lie within 2.6 units; of 150 colour photographs two do.)
    """
    from skimage.color import rgb2lab

    small = photo.copy()
    small.thumbnail((64, 64), Image.Resampling.BICUBIC)
    lab = rgb2lab(np.asarray(small)).reshape(-1, 3)
    powers = np.vander(lab[:, 0] / 100, 4)
    fitted = powers @ np.linalg.lstsq(powers, lab[:, 1:], rcond=None)[0]
    return bool(np.percentile(np.linalg.norm(lab[:, 1:] - fitted, axis=1), 95) > spread)


def save_photo(
    image: Image.Image, path: str | os.PathLike[str], *, checkpoint: str = "", overwrite: bool = True
) -> Path:
    """Write PNG (lossless) or JPEG (quality 95, colour at full resolution), by the suffix of `path`.

    The metadata say that the colours were predicted, and by which checkpoint. The file appears whole or not at all.
    Raises PhotoError for another suffix, for a file that is there when `overwrite` is off, and when writing fails.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in (".png", ".jpg", ".jpeg"):
        raise PhotoError.of("photo_suffix", name=path.name)
    if path.exists() and not overwrite:
        raise PhotoError.of("photo_exists", name=path.name)
    provenance = "Colours predicted by Colorizer" + (f", checkpoint {checkpoint}" if checkpoint else "")
    options: dict[str, Any]
    if suffix == ".png":
        text = PngImagePlugin.PngInfo()
        text.add_itxt("Description", provenance)
        text.add_itxt("Software", "Colorizer")
        options = {"format": "PNG", "pnginfo": text, "compress_level": 4}
    else:
        exif = Image.Exif()
        exif[0x010E] = provenance.encode("ascii", "replace").decode()  # ImageDescription
        exif[0x0131] = "Colorizer"  # Software
        options = {"format": "JPEG", "quality": 95, "subsampling": 0, "exif": exif.tobytes()}
    with whole_file(path) as partial:
        image.save(partial, **options)
    return path


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A file beside `path` to write to, with its suffix, which then takes its place: whole or not at all.

    Raises PhotoError when writing fails.
    """
    path, partial = Path(path), None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=path.suffix, delete=False) as file:
            partial = Path(file.name)
            _being_written.add(partial)
        yield partial
        partial.chmod(0o666 & ~_umask())
        partial.replace(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise PhotoError.of("photo_unwritten", name=path.name, reason=reason) from None
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)
            _being_written.discard(partial)


_being_written: set[Path] = set()


def wait_for_files(seconds: float) -> None:
    """Let other threads finish the files that they are writing (`whole_file`), for `seconds` at most."""
    end = time.monotonic() + seconds
    while _being_written and time.monotonic() < end:
        time.sleep(0.02)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
