"""Any file a visitor may upload -> an upright sRGB photo, or a PhotoError.

A picture that can be read is never refused for what surrounds it: broken metadata, profiles and thumbnails are ignored,
and notes say so. The rest of the package sees only PIL images in mode "RGB", and the 16-bit gray of deeper scans.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from ..errors import PhotoError, expect
from ..files.names import is_film
from .formats.choice import stored_in
from .formats.rasters import Strip
from .formats.stored import Stored
from .limits import MAX_BYTES, MAX_PIXELS, Wanted
from .metadata import Metadata

MOST_PACKED = 10_000
"""Most pixels that a byte can stand for: deflate packs 1032 bytes of 8 bilevel pixels into one."""

Source = str | os.PathLike[str] | bytes | BinaryIO


@dataclass(frozen=True)
class Opened:
    """A photograph that was read."""

    image: Image.Image
    """PIL "RGB", upright, sRGB, without metadata."""
    gray: np.ndarray | None = None
    """Its gray in 16 bits, sRGB's curve, uint16 (H, W), if it was asked for and the file has more than 8 bits."""
    notes: tuple[PhotoError, ...] = ()
    """Sentences about it: what was ignored, other pages, that it is incomplete. They are no failures."""
    pages: int = 1
    """How many pages the file has."""
    incomplete: bool = False
    """Whether a part of the picture is missing."""
    metadata: Metadata = field(default_factory=Metadata)
    """The file's metadata."""


def open_photo(
    source: Source,
    *,
    max_pixels: int = MAX_PIXELS,
    max_bytes: int = MAX_BYTES,
    name: str = "",
    page: int = 1,
    partial: bool = False,
    invert: bool = False,
) -> Image.Image:
    """Decode a photograph: PIL image, mode "RGB", upright, sRGB, 8 bits, without metadata.

    source: a path, the encoded bytes, or a binary file. max_pixels: limit on width x height; max_bytes: limit on the
    memory for decoding; both are checked before decoding. name: the photo's name in messages, by default the file's
    name. page: of a file of several. partial: take what there is of a damaged or truncated file. invert: it is a
    negative, make the positive of it, in gray. Raises only PhotoError for anything that cannot be read. `read_photo`
    tells more about it.
    """
    return read_photo(
        source, max_pixels=max_pixels, max_bytes=max_bytes, name=name, page=page, partial=partial, invert=invert
    ).image


def read_photo(
    source: Source,
    *,
    max_pixels: int = MAX_PIXELS,
    max_bytes: int = MAX_BYTES,
    name: str = "",
    page: int = 1,
    partial: bool = False,
    deep: bool = False,
    invert: bool = False,
) -> Opened:
    """Decode a photograph as `open_photo` does, with all there is to say about it. deep: with its gray in 16 bits."""
    limits = {"max_pixels": max_pixels, "max_bytes": max_bytes}
    with opening(source, name, **limits, page=page, partial=partial, deep=deep, invert=invert) as stored:
        stored.load()
        picture = joined(stored.size, stored.strips())
        return Opened(*picture, stored.notes(), stored.pages, stored.incomplete, stored.metadata)


def joined(size: tuple[int, int], strips: Iterable[tuple[int, Strip]]) -> tuple[Image.Image, np.ndarray | None]:
    """The picture of strips, each with the number of its first row, and its gray if they have one: uint16 (H, W)."""
    photo, grays = Image.new("RGB", size), []
    for y, strip in strips:
        photo.paste(strip.rgb, (0, y))
        if strip.gray is not None:
            grays.append(strip.gray)
    return photo, np.concatenate(grays) if grays else None


def pixels_of(source: Source, page: int = 1) -> int:
    """Width x height by the header; 0 if it cannot be read."""
    try:
        with opening(source, page=page) as stored:
            return stored.pixels
    except PhotoError:
        return 0


def pages_in(source: Source) -> int:
    """How many pages a file has; 1 if that cannot be read."""
    try:
        with opening(source) as stored:
            return stored.pages
    except PhotoError:
        return 1


@contextmanager
def opening(source: Source, name: str = "", **asked: Any) -> Iterator[Stored]:
    """Open a photograph and read its header. Errors within the block, such as those of decoding, become PhotoError.
    name: by default the file's. asked: the other fields of `Wanted`."""
    name = str(name or (Path(source).name if isinstance(source, (str, os.PathLike)) else "") or "The photo")
    wanted = Wanted(name, **asked)
    for number in (wanted.max_pixels, wanted.max_bytes, wanted.page):
        expect(number, int | float, "max_pixels, max_bytes and page are numbers", PhotoError)
    try:
        file = _as_file(source, name)
    except OSError as error:
        kind = "photo_missing" if isinstance(error, FileNotFoundError) else "photo_unopened"
        raise PhotoError.of(kind, name=name, reason=error.strerror or "unreadable") from None
    try:
        with file:
            if not file.read(1):
                raise PhotoError.of("photo_empty", name=name)
            file.seek(0)
            try:
                yield stored_in(file, wanted)
            except (PhotoError, UnidentifiedImageError, NotImplementedError, Image.DecompressionBombError, MemoryError):
                raise
            except Exception:
                if wanted.partial or not _has_part(file, wanted):
                    raise
                raise PhotoError.of("photo_incomplete", name=name) from None
    except PhotoError:
        raise
    except UnidentifiedImageError:
        raise PhotoError.of("film_unknown" if is_film(name) else "photo_unknown", name=name) from None
    except NotImplementedError:
        raise PhotoError.of("photo_unsupported", name=name) from None
    except Image.DecompressionBombError:
        raise PhotoError.of("photo_huge", name=name, limit=wanted.max_pixels / 1e6) from None
    except MemoryError:
        raise PhotoError.of("photo_memory", name=name) from None
    except Exception:
        # Decoders raise almost anything on damaged data: OSError, SyntaxError, ValueError, struct.error, IndexError ...
        raise PhotoError.of("photo_damaged", name=name) from None


def _has_part(file: BinaryIO, wanted: Wanted) -> bool:
    """Whether a part can be read of a photograph that cannot be read whole. A file with hardly a byte for the pixels
    that its header claims has none, and decoding it would take seconds."""
    with suppress(Exception):
        length = file.seek(0, os.SEEK_END)
        file.seek(0)
        stored = stored_in(file, replace(wanted, partial=True, deep=False))
        if stored.pixels <= MOST_PACKED * length:
            stored.load()
            return True
    return False


def _as_file(source: Source, name: str) -> BinaryIO:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    if isinstance(source, (str, os.PathLike)):
        if os.path.isdir(source):
            raise PhotoError.of("photo_folder", name=name)
        if not stat.S_ISREG(os.stat(source).st_mode):  # a pipe would be waited for, for ever
            raise PhotoError.of("photo_unopened", name=name, reason="it is no file")
        return open(source, "rb")
    data = source.read() if hasattr(source, "read") else None
    if not isinstance(data, bytes):
        raise PhotoError(
            "open_photo takes a path, bytes or a binary file; an array becomes a picture by PIL.Image.fromarray."
        )
    return io.BytesIO(data)
