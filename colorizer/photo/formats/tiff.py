"""TIFF files of every depth. tifffile reads their structure, libtiff inside Pillow unpacks their data, NumPy the rest.

Pillow alone knows few kinds of values beyond 8 bits. imagecodecs, which tifffile would unpack with, has 40 MB or more.
"""

from __future__ import annotations

import logging
import zlib
from bisect import bisect
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import tifffile

from .samples import Kind, Samples
from .tiff_pages import Place
from .tiff_values import JPEG_END, PACKED, REVERSED, STEP, jpeg_tables, unpacked, unpacked_jpeg

logging.getLogger("tifffile").addHandler(logging.NullHandler())  # what is wrong with a file is told by us
_KINDS: dict[int, tuple[Kind, bool]] = {
    0: ("gray", True),
    1: ("gray", False),
    2: ("rgb", False),
    3: ("palette", False),
    5: ("cmyk", False),
    6: ("rgb", False),  # YCbCr in JPEG, which becomes that
    8: ("cielab", False),
    9: ("icclab", False),
}
"""Kind and whether it is inverted, by TIFF's PhotometricInterpretation."""
_PREDICTED = (5, 8, 32946, 34925, 50000)
"""Compressions of which values may be differences."""
_UNPACKED = (1, 2, 3, 4, 32771, 32773)
"""Compressions, none among them, in which many zeros may be what was stored."""
MOST_UNPACKED = 1 << 28
"""Most bytes that are unpacked to find the end of packed data."""
HOLE = 64
"""Zeros at the end of packed data that nothing but a copy that broke off leaves there."""


class Unreadable(Exception):
    """A page whose values are not understood here."""


class Layout(NamedTuple):
    """How a page's values lie in the file."""

    width: int
    height: int
    channels: int
    bits: int
    kind: str
    """"u", "i" or "f"."""
    across: int
    """Columns of a segment, which is a strip or a tile."""
    down: int
    """Rows of a segment."""
    tiled: bool
    planes: int
    """Planes that are stored one after the other: 1, or as many as channels."""

    @property
    def value_bytes(self) -> int:
        """Bytes of a value in memory."""
        return next(size for size in (1, 2, 4, 8) if size * 8 >= self.bits)

    @property
    def band_bytes(self) -> int:
        """Bytes of a row of segments, in memory, packed and unpacked."""
        columns = -(-self.width // self.across) * self.across
        return 2 * columns * min(self.down, self.height) * self.channels * self.value_bytes


class TiffPage:
    """A page whose header has been read."""

    def __init__(self, file: BinaryIO, place: Place, partial: bool):
        """place: as `pages_of` found it. partial: its pixels may end too early. Raises Unreadable, NotImplementedError
        for a page that nothing else here reads either, EOFError where a copy broke off, and whatever tifffile raises
        for a broken file."""
        self._file = file
        file.seek(0)
        with tifffile.TiffFile(file) as tiff:
            tiff.filehandle.seek(place.offset)
            page = tifffile.TiffPage(tiff, (0,))
            if any(code in place.tags and code not in page.tags for code in _needed(page, place.tags)):
                raise EOFError  # decoders would guess
            self._order = tiff.byteorder
            self._offsets: Sequence[int] = page.dataoffsets
            self._counts: Sequence[int] = page.databytecounts
            file.seek(max(0, self._end - HOLE))
            zeros = file.read(HOLE) == bytes(HOLE)
            self.torn = zeros and int(page.compression) not in _UNPACKED and not self._ended(int(page.compression))
            """Whether zeros stand for the end of its pixels, of which decoders would make a picture."""
            if self.torn and not partial:
                raise EOFError
            bits = page.bitspersample
            self._told = 262 in page.tags
            photometric = _value(page, 262, 2 if page.samplesperpixel > 2 else 1)  # as libtiff guesses
            form = {1: "u", 2: "i", 3: "f", 4: "u"}.get(int(page.sampleformat))
            if int(page.compression) == 50001:  # WebP, which libtiff in Pillow lacks
                raise NotImplementedError
            if (
                photometric not in _KINDS
                or int(page.compression) not in PACKED
                or not isinstance(bits, int)
                or form is None
            ):
                raise Unreadable
            if photometric == 6 and page.compression != 7:
                raise Unreadable
            if form == "i" and photometric in (3, 8, 9):
                form = "u"  # colours of a palette have no signs, and Lab has its own
            elif form == "i" and bits not in (8, 16, 32, 64):
                raise NotImplementedError
            if photometric == 5 and _value(page, 332, 1) != 1:  # inks of other colours
                raise NotImplementedError
            if not 0 < bits <= 64 or (form == "f" and bits not in (16, 32, 64)) or (bits > 32 and bits != 64):
                raise Unreadable
            channels = int(page.samplesperpixel)
            planes = channels if int(page.planarconfig) == 2 else 1
            width, height = int(page.imagewidth), int(page.imagelength)
            tiled = page.is_tiled
            across = int(page.tilewidth) if tiled else width
            down = int(page.tilelength) if tiled else min(int(page.rowsperstrip) or height, height)
            if min(width, height, channels, across, down) < 1 or (tiled and min(across, down) < 16):
                raise ValueError
            self.layout = Layout(width, height, channels, bits, form, across, down, tiled, planes)
            self._compression, self._short = PACKED[int(page.compression)], False
            if self._compression == 1:
                used = {place.offset, *(tag.valueoffset for tag in page.tags), file.seek(0, 2)}
                self._counts, self._short = self._rooms(sorted(used.union(self._offsets)))
            self._predictor = int(page.predictor)
            self._reversed = int(_value(page, 266, 1)) == 2
            kind, inverted = _KINDS[photometric]
            extra = [int(each) for each in page.extrasamples]
            palette: np.ndarray | None = None
            self.lacks_blue = False
            """Whether zeros at the file's end may stand for the blue of its last colours."""
            if kind == "palette" and page.colormap is not None:
                palette = np.asarray(page.colormap, np.float32).T
                if not palette.any():
                    raise EOFError
                tag, last = page.tags[320], palette[-HOLE // 2 :]
                is_last = tag.valueoffset + tag.valuebytecount == file.seek(0, 2)
                hole = last.any() and not last[:, 2].any() and len(last) == HOLE // 2
                self.lacks_blue = is_last and (hole or not palette[:, 2].any())
                shifted = not (palette % 256).any()  # from 8 bits, so that white is 65280
                palette = palette / (255 if palette.max(initial=0) < 256 else 65280 if shifted else 65535)
            self._tables = jpeg_tables(page.jpegtables, rgb=self._told and photometric == 2)
            profile = _value(page, 34675, None)
            self.orientation = int(_value(page, 274, 1))
        colours = {"gray": 1, "palette": 1, "cmyk": 4}.get(kind, 3)
        if channels < colours or (kind == "palette" and palette is None) or (kind == "cielab" and form == "f"):
            raise Unreadable
        if self._compression == 7 and (bits, planes, channels) != (8, 1, {"gray": 1, "rgb": 3}.get(kind)):
            raise Unreadable
        alpha = next((colours + i for i, each in enumerate(extra) if each in (1, 2) and colours + i < channels), None)
        premultiplied = alpha is not None and extra[alpha - colours] == 1 and kind != "palette"
        self.samples = Samples(
            kind, 0.0, 2.0**bits - 1, inverted, alpha, premultiplied, palette, bytes(profile) if profile else None
        )
        self.lost = 0
        """The number of segments that could not be read; their places are blank."""

    @property
    def is_plain(self) -> bool:
        """Whether Pillow reads it right."""
        at, samples = self.layout, self.samples
        plain = self._told and at.bits in (1, 8) and at.kind == "u" and samples.kind not in ("cielab", "icclab")
        plain = plain and not self._short and all(self._offsets)  # Pillow would take what lies there
        return plain and at.channels == samples.colours + (samples.alpha is not None)  # Pillow takes others for opacity

    @property
    def black_end(self) -> int:
        """Where its values end in the file; 0 if zeros there would not be black, or not be read at all."""
        black = self.samples.kind in ("gray", "rgb") and not self.samples.inverted
        if not black or self.layout.tiled or self._compression not in (1, 32773):
            return 0
        return self._end

    def row_at(self, place: int) -> int:
        """Where the row of its values, which are not packed, begins that has this place in the file."""
        at = self.layout
        row_bytes = -(-at.width * at.channels // at.planes * at.bits // 8)
        return place - (place - max((each for each in self._offsets if each <= place), default=0)) % row_bytes

    @property
    def _end(self) -> int:
        """Where its pixels end in the file."""
        return max(map(sum, zip(self._offsets, self._counts, strict=False)), default=0)

    def _rooms(self, used: list[int]) -> tuple[list[int], bool]:
        """The bytes of each segment that is not packed, whatever is said of them, and whether any are missing. used:
        places in the file, in order, where something else begins."""
        at = self.layout
        per_plane = -(-at.width // at.across) * -(-at.height // at.down)
        row_bytes = -(-at.across * (at.channels // at.planes) * at.bits // 8)
        rooms, wanted = [], []
        for number, begin in enumerate(self._offsets):
            rows = at.down if at.tiled else min(at.down, at.height - number % per_plane * at.down)
            wanted.append(rows * row_bytes)
            end = used[min(bisect(used, begin), len(used) - 1)]
            rooms.append(max(0, min(wanted[-1], end - begin)))
        return rooms, rooms != wanted or len(rooms) < per_plane * at.planes

    def _ended(self, compression: int) -> bool:
        """Whether the last segment comes to its own end before zeros that only fill it up."""
        begin, count = max(zip(self._offsets, self._counts, strict=False))
        self._file.seek(begin)
        if compression == 7:
            return self._file.read(count).rstrip(b"\0").endswith(b"\xff\xd9")
        if compression not in (8, 32946):
            return False
        packed, size = zlib.decompressobj(), 0
        with suppress(zlib.error):
            while count > 0 and size < MOST_UNPACKED and not packed.eof:
                size += len(packed.decompress(self._file.read(min(count, STEP))))
                count -= STEP
        return packed.eof

    def bands(self, partial: bool = False) -> Iterator[tuple[int, np.ndarray]]:
        """Row by row of segments from the top: the first row's number, and stored values (rows, width, channels) of the
        smallest type that holds them. partial: leave out what cannot be read; else decoders' errors are raised."""
        at = self.layout
        columns = -(-at.width // at.across)
        per_plane = columns * -(-at.height // at.down)
        for band, top in enumerate(range(0, at.height, at.down)):
            rows = min(at.down, at.height - top)
            values = np.full((rows, columns * at.across, at.channels), self.blank, self._dtype())
            for plane in range(at.planes):
                for column in range(columns):
                    channels = slice(plane, plane + 1) if at.planes > 1 else slice(None)
                    place = values[:, column * at.across : (column + 1) * at.across, channels]
                    try:
                        self._fill(place, plane * per_plane + band * columns + column)
                    except Exception:
                        if not partial:
                            raise
                        self.lost += 1
            yield top, values[:, : at.width]

    @property
    def blank(self) -> int:
        """A stored value for missing pixels: middle gray, or paper's white where that is 0."""
        whole = self.layout.kind == "u" and self.layout.bits <= 32 and self.samples.kind in ("gray", "rgb")
        return 2 ** (self.layout.bits - 1) if whole else 0

    def _dtype(self) -> np.dtype:
        return np.dtype(f"{self.layout.kind}{self.layout.value_bytes}")

    def _fill(self, place: np.ndarray, index: int) -> None:
        """Read a segment into its place (rows, columns, channels)."""
        at = self.layout
        rows, columns, channels = place.shape
        row_bytes = -(-columns * channels * at.bits // 8)
        if index >= len(self._offsets) or not self._counts[index]:
            raise EOFError("a segment is missing")
        self._file.seek(self._offsets[index])
        # Nothing that is packed is larger than what it unpacks to, by more than a little.
        data = self._file.read(min(self._counts[index], 2 * rows * row_bytes + 4096))
        if self._reversed:
            data = data.translate(REVERSED)
        whole = self._compression != 7 or JPEG_END in data[-HOLE:]
        if self._compression == 7:
            data = unpacked_jpeg(data, self._tables, channels, (columns, rows))
        else:
            data = unpacked(data, row_bytes, at.down if at.tiled else rows, self._compression)
        there = min(rows, len(data) // row_bytes)
        if there:
            self._values_into(place[:there], data, row_bytes)
        if there < rows or not whole:
            raise EOFError("a segment is incomplete")

    def _values_into(self, place: np.ndarray, data: bytes, row_bytes: int) -> None:
        at = self.layout
        rows, columns, channels = place.shape
        packed = np.frombuffer(data, np.uint8, rows * row_bytes).reshape(rows, row_bytes)
        if self._predictor == 3:
            summed = packed.reshape(rows, -1, channels).cumsum(axis=1, dtype=np.uint8)
            planes = summed.reshape(rows, at.value_bytes, columns * channels).transpose(0, 2, 1)
            place[:] = np.ascontiguousarray(planes).view(f">f{at.value_bytes}").reshape(place.shape)
            return
        if at.bits in (8, 16, 32, 64):
            values = packed.view(f"{self._order}{at.kind}{at.value_bytes}").reshape(place.shape)
        else:
            bits = np.unpackbits(packed, axis=1)[:, : columns * channels * at.bits].reshape(*place.shape, at.bits)
            values = np.zeros(place.shape, np.uint32)
            for bit in range(at.bits):
                values = (values << np.uint32(1)) | bits[..., bit]
        if self._predictor == 2:
            place[:] = values.astype(values.dtype.newbyteorder("="))
            np.cumsum(place, axis=1, dtype=place.dtype, out=place)
        else:
            place[:] = values


def _needed(page: tifffile.TiffPage, tags: frozenset[int]) -> Iterator[int]:
    """Numbers of what its directory must tell of its values, if it has that."""
    yield from (258, 262)
    yield from (273, 279) if 273 in tags else (322, 323, 324, 325)
    if page.samplesperpixel != 1:
        yield 284
    if page.compression in _PREDICTED:
        yield 317
    if page.bitspersample in (32, 64):
        yield 339
    if page.photometric == 3:
        yield 320
    if page.photometric == 6 and page.compression not in (6, 7):  # JPEG tells that itself
        yield from (529, 530, 532)


def _value(page: tifffile.TiffPage, code: int, default: object) -> Any:
    tag = page.tags.get(code) if hasattr(page, "tags") else None
    value = default if tag is None else tag.value
    return value[0] if isinstance(value, tuple) and code != 34675 and value else value
