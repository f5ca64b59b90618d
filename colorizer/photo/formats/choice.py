"""Opens a file by its format, and knows other ways to read it where the first one fails."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial as given
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, ImageFile, ImagePalette, ImageStat, UnidentifiedImageError

from ...errors import PhotoError
from ...files.names import is_film
from ...files.walk import begins_like_a_picture
from ..limits import Wanted, check_header, check_jpeg, check_signature
from ..metadata import metadata_of_tiff
from . import jpeg2000
from .bmp import with_masks
from .rasters import DeepRaster, PillowRaster, Raster, TiffRaster, WideRaster
from .repair import codes_of_png, repaired
from .stored import Reading, Stored
from .tiff import HOLE, TiffPage, Unreadable
from .tiff_pages import SIGNATURES, Place, pages_of
from .tiff_values import lacks_bytes

_FORMATS = ("JPEG", "MPO", "PNG", "TIFF", "WEBP", "AVIF", "GIF", "BMP", "DIB", "JPEG2000", "HEIF")
# EPS, PDF and similar formats are left out on purpose: decoding them runs programs.
_LIMITS = (PhotoError, Image.DecompressionBombError, MemoryError, NotImplementedError)
"""Errors that another way of reading would not avoid."""
_SEVERAL = ("GIF", "WEBP", "AVIF", "PNG", "HEIF")
"""Formats whose files may have several pictures; those in an MPO are versions of one."""
_BEGINNING = 1 << 20
"""Bytes in which PNG and AVIF say what colours they have."""
_BLOCK, _PART = 1 << 12, 1 << 22
"""Bytes of a disk's block, and those that are looked at together."""
_BLACK = 0.05
"""Share of a file that is not packed that is not zeros at its end, unless a copy broke off."""
LEADER = 240
"""Frames among which the first one with something to see is looked for: films begin in black."""
EVEN = 8.0
"""Deviation of gray, in levels, below which a frame has nothing to see."""
CLEARER, FADE = 1.1, 12
"""A film is still fading in where one of so many next frames deviates so many times as much."""
LOCKED = ("encv", "drmi")
"""Codecs of films that are protected against copying."""
HELD = 24
"""Frames that a decoder holds, at most."""


def stored_in(file: BinaryIO, wanted: Wanted) -> Stored:
    """A file's photograph, its header read and checked. Raises PhotoError, and anything for damaged headers."""
    _prepare_pillow(wanted.max_pixels)
    head = file.read(34)
    if is_film(wanted.name):
        with suppress(UnidentifiedImageError):  # a photograph may have any name
            return _film(file, wanted)
    check_signature(head, wanted)
    if head[:2] == b"\xff\xd8":
        check_jpeg(_bytes(file))
    if head[:4] in SIGNATURES:
        return _tiff(file, wanted)
    if head[:2] != b"BM":
        file = _without_hole(file)
    if head.startswith(jpeg2000.SIGNATURES):
        with suppress(ValueError, struct.error, IndexError):
            file = io.BytesIO(jpeg2000.counted(_bytes(file)))

    def stored_of(file: BinaryIO) -> Stored:
        image = _image(file)
        need, pages = check_header(image, file, wanted), wanted.check_page(_pages_of(image, file))
        if wanted.page > 1:
            _turn_to(image, wanted.page - 1)
            need = check_header(image, file, wanted)
        return Stored(*_raster(image, file, need, wanted), wanted, given(_others, file, wanted), pages)

    try:
        stored = stored_of(file)
        if head[:2] == b"BM":
            stored.remarks += _zeros(file, int.from_bytes(head[2:6], "little"), wanted, given(_row_of_bmp, head))
        return stored
    except _LIMITS:
        raise
    except Exception as error:
        for data, ignored, rows in repaired(_bytes(file), wanted.partial):
            with suppress(Exception):
                stored = stored_of(io.BytesIO(data))
                stored.ignored += ignored
                stored.limit_to(rows)
                return stored
        if head[4:12] in (b"ftypmsf1", b"ftyphevc", b"ftyphevx") and b"pitm" not in _bytes(file):
            raise NotImplementedError("a film of HEIC without a picture") from None
        if isinstance(error, UnidentifiedImageError) and begins_like_a_picture(head):
            if head.startswith(jpeg2000.SIGNATURES):
                jpeg2000.depth_of(_bytes(file))  # which may say that it is not supported
            raise OSError("a broken header") from None
        raise


def _prepare_pillow(max_pixels: int) -> None:
    """Register every decoder once, and make Pillow's pixel limit at least ours, which is checked first."""
    Image.init()
    if "HEIF" not in Image.OPEN:
        import pillow_heif

        pillow_heif.register_heif_opener()
    if Image.MAX_IMAGE_PIXELS is not None and max_pixels > Image.MAX_IMAGE_PIXELS:
        Image.MAX_IMAGE_PIXELS = max_pixels


def _image(file: BinaryIO, frame: int = 0) -> ImageFile.ImageFile:
    file.seek(0)
    try:
        image = Image.open(file, formats=[name for name in _FORMATS if name in Image.OPEN])
    except OSError as error:
        if not str(error).startswith("Unsupported BMP"):
            raise
        image = with_masks(file)
    if image.format == "PNG" and image.mode == "P" and image.palette is None:  # Pillow would show it black
        raise OSError("a palette is missing")
    _add_what_pillow_leaves_out(image, file)
    if frame:
        _turn_to(image, frame)
    return image


def _turn_to(image: ImageFile.ImageFile, frame: int) -> None:
    """Turn to another picture, counted from the one that the file shows first, which need not be its first."""
    image.seek((image.tell() + frame) % max(getattr(image, "n_frames", 1), 1))


def _add_what_pillow_leaves_out(image: ImageFile.ImageFile, file: BinaryIO) -> None:
    """Add to `image.info` the profile and metadata of JPEG 2000, and as "cicp" the codes of primaries and transfer
    curve of PNG, where they come before any profile, HEIC and AVIF."""
    place = file.tell()
    file.seek(0)
    data = file.read({"JPEG2000": -1, "PNG": _BEGINNING, "AVIF": _BEGINNING}.get(image.format or "", 0))
    file.seek(place)
    if image.format == "JPEG2000":
        image.info.update(jpeg2000.said_in(data))
    if image.format == "PNG" and image.mode == "L" and isinstance(image.info.get("transparency"), int):
        image.info["transparency"] *= {"L;2": 85, "L;4": 17}.get(str(image.tile[0].args), 1)
    if image.format == "PNG" and (codes := codes_of_png(data)):
        image.info.pop("icc_profile", None)
        image.info["cicp"] = codes
    elif image.format == "AVIF" and (found := re.search(rb"colrnclx(.{4})", data, re.DOTALL)):
        image.info["cicp"] = struct.unpack(">HH", found[1])
    elif image.format == "HEIF" and (said := image.info.get("nclx_profile")):
        image.info["cicp"] = said["color_primaries"], said["transfer_characteristics"]


def _pages_of(image: ImageFile.ImageFile, file: BinaryIO) -> int:
    pages = 1
    with suppress(Exception):  # a broken end, which does not matter for the first picture
        pages = getattr(image, "n_frames", 1) if image.format in _SEVERAL else 1
    if image.format == "PNG" and pages > 1:  # its header may say anything
        place = file.tell()
        pages = min(pages, _bytes(file).count(b"fcTL") + 1)
        file.seek(place)
    return max(1, pages)


def _without_hole(file: BinaryIO) -> BinaryIO:
    """The file without the zeros that stand for its end where a copy broke off: decoders would make a picture of them.
    Packed data end in a few at most."""
    length = file.seek(0, io.SEEK_END)
    file.seek(-min(length, HOLE), io.SEEK_END)
    return file if file.read().strip(b"\0") else io.BytesIO(_bytes(file).rstrip(b"\0") + bytes(16))


def _zeros(file: BinaryIO, end: int, wanted: Wanted, row_at: Callable[[int], int]) -> list[PhotoError]:
    """A sentence where values that are stored as they are end in many zeros, or have blocks of a disk in them that are
    zeros: perhaps black, perhaps a hole. Below black bars and in a black frame, the row in which the zeros begin begins
    with zeros itself. end: where values should end in the file; 0 if nothing is known. row_at: where the row of values
    begins that has this place."""
    start = end = min(end, file.seek(0, io.SEEK_END))
    while start and not (left := _part(file, max(0, start - _BLOCK), start).rstrip(b"\0")):
        start = max(0, start - _BLOCK)
    start -= min(start, _BLOCK) - len(left) if start else 0
    many = end and end - start >= max(HOLE, _BLACK * end)
    bar = not _part(file, row_at(start), min(start, row_at(start) + 8)).strip(b"\0")
    hole = (many and not bar) or _has_hole(file, end, row_at)
    return [PhotoError.of("photo_zeros", name=wanted.name)] if hole else []


def _part(file: BinaryIO, start: int, stop: int) -> bytes:
    file.seek(start)
    return file.read(stop - start)


def _has_hole(file: BinaryIO, end: int, row_at: Callable[[int], int]) -> bool:
    """Whether zeros begin and end exactly where blocks of a disk do, which black of a photo does by chance alone, but
    for whole rows."""
    parts = (np.frombuffer(_part(file, at, min(at + _PART, end)), np.uint8) for at in range(0, end, _PART))
    filled = [
        np.pad(part, (0, -len(part) % _BLOCK)).view(np.uint64).reshape(-1, _BLOCK // 8).any(axis=1) for part in parts
    ]
    edges = np.flatnonzero(np.diff(np.concatenate(([True], *filled, [True]))))

    def sharp(edge: int, beside: int) -> bool:
        return _part(file, beside, beside + 1) != b"\0" and row_at(edge) != edge

    places = (edges * _BLOCK).reshape(-1, 2).tolist()
    return any(
        start and min(stop, end) - start >= HOLE and sharp(start, start - 1) and (stop >= end or sharp(stop, stop))
        for start, stop in places
    )


def _row_of_bmp(head: bytes, place: int) -> int:
    """Where the row of a BMP's values begins that has this place; 0 where that is not known."""
    first, width, bits, packed = (*struct.unpack_from("<I4xI", head, 10), *struct.unpack_from("<HB", head, 28))
    row = (width * bits + 31) // 32 * 4
    return 0 if packed in (1, 2) or not row else place - (place - first) % row


def _bytes(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read()


def _raster(image: ImageFile.ImageFile, file: BinaryIO, need: int, wanted: Wanted) -> tuple[Raster, int]:
    """The picture that Pillow opened, and the bytes that it needs."""
    pixels = image.width * image.height
    gray = 2 * pixels if wanted.deep else 0
    depth = jpeg2000.depth_of(_bytes(file)) if image.format == "JPEG2000" else 0
    if image.mode == "F" or image.mode.startswith("I"):
        return DeepRaster(image), wanted.check_bytes(need + gray)
    if image.format == "PNG" and not image.tell() and image.tile and "16B" in str(image.tile[0].args):
        depth = 16
    if depth > 8:
        return WideRaster(image, _bytes(file), depth), wanted.check_bytes(need + 8 * pixels + gray)
    return PillowRaster(image), need


def _others(file: BinaryIO, wanted: Wanted) -> Iterator[Reading]:
    unlimited = replace(wanted, max_bytes=1 << 62)  # the first reading was within the limits
    for data, ignored, rows in repaired(_bytes(file), wanted.partial):
        with suppress(Exception):
            image = _image(io.BytesIO(data), wanted.page - 1)
            yield Reading(_raster(image, io.BytesIO(data), 0, unlimited)[0], ignored, rows)


def _film(file: BinaryIO, wanted: Wanted) -> Stored:
    """The first frame with something to see. Raises PhotoError, UnidentifiedImageError for what is no film, and PyAV's
    errors."""
    import av  # which few need

    file.seek(0)
    try:
        container: Any = av.open(file, metadata_errors="replace")
    except (av.error.FFmpegError, ValueError):
        raise UnidentifiedImageError from None
    with container:
        stream = next(iter(container.streams.video), None)
        if stream is None:
            if container.streams.audio:
                raise PhotoError.of("film_no_picture", name=wanted.name)
            raise UnidentifiedImageError  # of a cut MP4 only data may be left
        if stream.codec_context is None or stream.codec_context.codec_tag in LOCKED:
            raise PhotoError.of("film_locked", name=wanted.name)
        stream.thread_type, stream.codec_context.thread_count = "NONE", 1
        wanted.check_size(stream.width, stream.height)
        need = wanted.check_bytes(HELD * 2 * stream.width * stream.height)
        _, first = first_to_see(_decoded(container, stream, wanted.name))
        if first is None:
            raise PhotoError.of("film_empty", name=wanted.name)
        stored = Stored(PillowRaster(first.to_image().rotate(first.rotation, expand=True)), need, wanted)
    stored.remarks.append(PhotoError.of("photo_film", name=wanted.name))
    return stored


def _decoded(container: Any, stream: Any, name: str) -> Iterator[Any]:
    """Frames, but for those that cannot be decoded. Raises PhotoError."""
    import av

    packets = container.demux(stream)
    while True:
        with suppress(av.error.FFmpegError):
            packet = next(packets, None)
            if packet is None:
                return
            if packet.has_sidedata("encryption_info"):
                raise PhotoError.of("film_locked", name=name)
            yield from packet.decode()


def first_to_see(frames: Iterable[Any]) -> tuple[int | None, Any]:
    """The number of the first of a film's frames with something to see, and the frame; where the film begins in black
    and fades in, a clear one. Without any, None and the first frame; without frames, None twice."""
    first, found, most = None, None, EVEN
    for number, frame in zip(range(LEADER), frames, strict=False):
        deviation = ImageStat.Stat(frame.reformat(64, 48).to_image().convert("L")).stddev[0]
        if deviation > most:
            first, found, most = number, frame, deviation * CLEARER
        found = found or frame
        if first is not None and (number == 0 or number - first >= FADE):
            break
    return first, found


def _tiff(file: BinaryIO, wanted: Wanted) -> Stored:
    """Pillow reads the TIFF files that it reads right: 8 bits and fewer, also compressed as JPEG or fax. `tiff` reads
    all others."""
    pages, found, stored = [Place(0, 0)], None, None
    unread: type[Exception] = OSError
    try:
        pages = pages_of(file) or pages
    except (NotImplementedError, EOFError):
        raise
    except Exception:
        pass
    count = wanted.check_page(len(pages))
    place = pages[wanted.page - 1]
    try:
        found = TiffPage(file, place, wanted.partial)
    except (NotImplementedError, EOFError):
        raise
    except (Unreadable, TypeError):  # Pillow may read it; tifffile knows no numbers that differ from channel to channel
        unread = NotImplementedError
    except Exception:
        pass
    if found is None or found.is_plain:
        try:
            image = _tiff_image(file, place)
            need = check_header(image, file, wanted)
            fits = found and found.layout.band_bytes <= wanted.max_bytes
            others = [Reading(TiffRaster(found), [], None)] if found and fits else []
            stored = Stored(*_raster(image, file, need, wanted), wanted, lambda: others, count)
            stored.incomplete = _is_packed_ycbcr(image) and lacks_bytes(file, image.tag_v2, wanted.partial)  # type: ignore[attr-defined]
        except _LIMITS:
            raise
        except UnidentifiedImageError:
            if found is None:
                raise unread from None
        except Exception:
            if found is None:
                raise
    if stored is None:
        assert found
        at = found.layout
        wanted.check_size(at.width, at.height)
        whole = at.width * at.height * at.channels * at.value_bytes if found.orientation not in (1, 2) else 0
        need = whole + at.band_bytes + (2 * at.width * at.height if wanted.deep else 0)
        stored = Stored(TiffRaster(found), wanted.check_bytes(need), wanted, pages=count)
    stored.incomplete |= bool(found and found.torn)
    if found:
        stored.remarks += _zeros(file, found.black_end, wanted, found.row_at)
        if found.lacks_blue:
            stored.remarks.append(PhotoError.of("photo_zeros", name=wanted.name))
    stored.said = given(metadata_of_tiff, file, place.offset) if place.offset else None
    return stored


def _tiff_image(file: BinaryIO, place: Place) -> ImageFile.ImageFile:
    image = _image(file, place.frame)
    tags = getattr(image, "tag_v2", {})
    if tags.get(259) == 6 and tags.get(262) in (0, 1) and tags.get(277, 1) == 1:  # Pillow takes all for YCbCr
        image._mode = "L"
        args: Any = image.tile[0].args
        image.tile = [image.tile[0]._replace(args=("L" if tags[262] else "L;I", *args[1:]))]
    if _is_packed_ycbcr(image):
        _leave_to_libtiff(image)
    colours = tags.get(320, ())
    if image.mode in ("P", "PA") and colours and max(colours) < 256:  # of 8 bits, where TIFF wants 16
        image.palette = ImagePalette.raw("RGB;L", bytes(colours))
    return image


def _is_packed_ycbcr(image: ImageFile.ImageFile) -> bool:
    """Whether it has YCbCr that is not JPEG."""
    tags = getattr(image, "tag_v2", {})
    return bool(tags.get(262) == 6 and tags.get(259, 1) not in (6, 7))


def _leave_to_libtiff(image: ImageFile.ImageFile) -> None:
    """Have YCbCr that is not JPEG made RGB by libtiff: Pillow itself takes raw values for RGB. Raises
    NotImplementedError where libtiff cannot, or does it wrongly."""
    tags: Any = image.tag_v2  # type: ignore[attr-defined]
    said, planes = tags.get(530), tags.get(284, 1) == 2
    across, down = said or (2, 2)
    full = said is None and tags.get(259, 1) == 1 and sum(tags.get(279, ())) >= 3 * image.width * image.height
    if full or across > 4 or down > 2 or (planes and (across, down) != (1, 1)):
        raise NotImplementedError
    if tags.get(259, 1) == 1:
        image.use_load_libtiff = True  # type: ignore[attr-defined]
        args, whole = ("RGBX", "raw", False, tags.offset), (0, 0, tags[256], tags[257])
        image.tile = [image.tile[0]._replace(codec_name="libtiff", extents=whole, offset=0, args=args)]
