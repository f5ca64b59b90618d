"""TIFF files of every depth. tifffile reads their structure, libtiff inside Pillow unpacks their data, NumPy the rest.

Pillow alone knows few kinds of values beyond 8 bits. imagecodecs, which tifffile would unpack with, has 40 MB or more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import tifffile

from .samples import Kind, Samples
from .tiff_file import unpacked

logging.getLogger("tifffile").addHandler(logging.NullHandler())  # what is wrong with a file is told by us
_KINDS: dict[int, tuple[Kind, bool]] = {
    0: ("gray", True),
    1: ("gray", False),
    2: ("rgb", False),
    3: ("palette", False),
    5: ("cmyk", False),
    6: ("rgb", False),
    8: ("cielab", False),
    9: ("icclab", False),
}
"""Kind and whether it is inverted, by TIFF's PhotometricInterpretation."""
_PACKED = {1: 1, 5: 5, 8: 8, 32946: 8, 32773: 32773, 34925: 34925, 50000: 50000}
"""Compressions that are unpacked here, with the number by which libtiff knows them."""


Spread = Callable[[np.ndarray, int, int], np.ndarray]
"""Makes values (rows, columns, channels) of packed bytes (lines, bytes)."""
_YCBCR_PIXELS = 250_000
"""Pixels of YCbCr converted at once."""
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Each byte with its bits in the other order."""


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

    def __init__(self, file: BinaryIO, offset: int):
        """offset: as `pages_of` found it. Raises Unreadable, NotImplementedError for a page that nothing else here
        reads either, and whatever tifffile raises for a broken file."""
        self._file = file
        file.seek(0)
        with tifffile.TiffFile(file) as tiff:
            tiff.filehandle.seek(offset)
            page = tifffile.TiffPage(tiff, (0,))
            self._order = tiff.byteorder
            bits = page.bitspersample
            photometric = _value(page, 262, 1)
            form = {1: "u", 2: "i", 3: "f", 4: "u"}.get(int(page.sampleformat))
            if (
                photometric not in _KINDS
                or int(page.compression) not in _PACKED
                or not isinstance(bits, int)
                or form is None
            ):
                raise Unreadable
            if form == "i" and photometric in (3, 6, 8, 9):
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
            self._compression = _PACKED[int(page.compression)]
            self._predictor = int(page.predictor)
            self._reversed = int(_value(page, 266, 1)) == 2
            self._offsets, self._counts = page.dataoffsets, page.databytecounts
            self._ycbcr = _ycbcr(page, self.layout, self._compression) if photometric == 6 else None
            kind, inverted = _KINDS[photometric]
            extra = [int(each) for each in page.extrasamples]
            palette: np.ndarray | None = None
            if kind == "palette" and page.colormap is not None:
                palette = np.asarray(page.colormap, np.float32).T
                palette = palette / (65535 if palette.max(initial=0) > 255 else 255)
            profile = _value(page, 34675, None)
            self.orientation = int(_value(page, 274, 1))
        colours = {"gray": 1, "palette": 1, "cmyk": 4}.get(kind, 3)
        if channels < colours or (kind == "palette" and palette is None) or (kind == "cielab" and form == "f"):
            raise Unreadable
        alpha = next((colours + i for i, each in enumerate(extra) if each in (1, 2) and colours + i < channels), None)
        premultiplied = alpha is not None and extra[alpha - colours] == 1
        self.samples = Samples(
            kind, 0.0, 2.0**bits - 1, inverted, alpha, premultiplied, palette, bytes(profile) if profile else None
        )
        self.lost = 0
        """The number of segments that could not be read; their places are blank."""

    @property
    def is_plain(self) -> bool:
        """Whether Pillow reads it right."""
        at, samples = self.layout, self.samples
        plain = (
            at.bits in (1, 8) and at.kind == "u" and self._ycbcr is None and samples.kind not in ("cielab", "icclab")
        )
        return plain and at.channels == samples.colours + (samples.alpha is not None)  # Pillow takes others for opacity

    def bands(self, partial: bool = False) -> Iterator[tuple[int, np.ndarray]]:
        """Row by row of segments from the top: the first row's number, and stored values (rows, width, channels) of the
        smallest type that holds them. partial: leave out what cannot be read; else decoders' errors are raised."""
        at = self.layout
        columns = -(-at.width // at.across)
        per_plane = columns * -(-at.height // at.down)
        blank = self._blank()
        for band, top in enumerate(range(0, at.height, at.down)):
            rows = min(at.down, at.height - top)
            values = np.full((rows, columns * at.across, at.channels), blank, self._dtype())
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
            shown = values[:, : at.width]
            yield top, shown if self._ycbcr is None else self._ycbcr.rgb(shown)

    def _blank(self) -> int:
        """A stored value for missing pixels: middle gray, or paper's white where that is 0."""
        whole = self.layout.kind == "u" and self.layout.bits <= 32 and self.samples.kind in ("gray", "rgb")
        return 2 ** (self.layout.bits - 1) if whole else 0

    def _dtype(self) -> np.dtype:
        return np.dtype(f"{self.layout.kind}{self.layout.value_bytes}")

    def _fill(self, place: np.ndarray, index: int) -> None:
        """Read a segment into its place (rows, columns, channels)."""
        at = self.layout
        rows, columns, channels = place.shape
        row_bytes, down, spread = -(-columns * channels * at.bits // 8), 1, None
        if self._ycbcr is not None and (at.planes == 1 or index >= len(self._offsets) // 3):
            down, spread = self._ycbcr.down, self._ycbcr.unpacked if at.planes == 1 else self._ycbcr.spread
            row_bytes = -(-columns // self._ycbcr.across) * (self._ycbcr.across * down + 2 if at.planes == 1 else 1)
        if index >= len(self._offsets) or not self._counts[index]:
            raise EOFError("a segment is missing")
        self._file.seek(self._offsets[index])
        # Nothing that is packed is larger than what it unpacks to, by more than a little.
        lines = -(-rows // down)
        data = self._file.read(min(self._counts[index], 2 * lines * row_bytes + 4096))
        if self._reversed:
            data = data.translate(_REVERSED)
        data = unpacked(data, row_bytes, -(-at.down // down) if at.tiled else lines, self._compression)
        if len(data) < lines * row_bytes:
            there = len(data) // row_bytes
            if there:
                self._values_into(place[: there * down], data, there, row_bytes, spread)
            raise EOFError("a segment is incomplete")
        self._values_into(place, data, lines, row_bytes, spread)

    def _values_into(self, place: np.ndarray, data: bytes, lines: int, row_bytes: int, spread: Spread | None) -> None:
        at = self.layout
        rows, columns, channels = place.shape
        packed = np.frombuffer(data, np.uint8, lines * row_bytes).reshape(lines, row_bytes)
        if spread is not None:
            place[:] = spread(packed, rows, columns)
            return
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


@dataclass(frozen=True)
class YCbCr:
    """How 8-bit YCbCr is stored. Defaults are TIFF's."""

    across: int = 2
    down: int = 2
    """Columns and rows of pixels that share a colour difference."""
    luma: tuple[float, ...] = (0.299, 0.587, 0.114)
    """The weights of red, green and blue."""
    reference: tuple[float, ...] = (0, 255, 128, 255, 128, 255)
    """Stored values of black and white, for Y, Cb and Cr."""

    def unpacked(self, blocks: np.ndarray, rows: int, columns: int) -> np.ndarray:
        """Y, Cb and Cr of each pixel (rows, columns, 3), from rows of blocks: of each first its Y, then Cb and Cr."""
        units = blocks.reshape(len(blocks), -1, self.across * self.down + 2)
        y = units[..., :-2].reshape(*units.shape[:2], self.down, self.across).swapaxes(1, 2)
        y = y.reshape(len(blocks) * self.down, -1)[:rows, :columns]
        return np.dstack((y, *(self.spread(units[..., at], rows, columns) for at in (-2, -1))))

    def spread(self, plane: np.ndarray, rows: int, columns: int) -> np.ndarray:
        """A plane of colour differences (h, w) for each pixel: (rows, columns, 1)."""
        return plane.repeat(self.down, axis=0)[:rows].repeat(self.across, axis=1)[:, :columns, None]

    def rgb(self, values: np.ndarray) -> np.ndarray:
        """RGB uint8 of YCbCr uint8 (rows, columns, 3)."""
        black, white = np.array(self.reference, np.float32).reshape(3, 2).T
        red, green, blue = self.luma
        shown, rows = np.empty_like(values), max(1, _YCBCR_PIXELS // values.shape[1])
        for top in range(0, len(values), rows):
            y, cb, cr = np.moveaxis((values[top : top + rows] - black) * ((255, 127, 127) / (white - black)), 2, 0)
            r, b = y + cr * (2 - 2 * red), y + cb * (2 - 2 * blue)
            g = (y - red * r - blue * b) / green
            shown[top : top + rows] = np.rint(np.clip(np.stack((r, g, b), axis=2), 0, 255))
        return shown


def _ycbcr(page: tifffile.TiffPage, at: Layout, compression: int) -> YCbCr:
    """How a page in YCbCr is stored. Raises NotImplementedError where that is not understood."""

    def numbers(code: int, count: int) -> tuple[int, ...] | None:
        tag = page.tags.get(code)
        return tag.value if tag is not None and len(tag.value) == count else None

    across, down = numbers(530, 2) or (2, 2)
    whole = at.across * at.down * (3 if at.planes == 1 else 1)
    if compression == 1 and len(page.databytecounts) and page.databytecounts[-1 if at.planes > 1 else 0] >= whole:
        across = down = 1  # the tag, or its default, is wrong
    if at.bits != 8 or at.kind != "u" or at.channels != 3 or not {across, down} <= {1, 2, 4}:
        raise NotImplementedError
    if across * down > 1 and ((at.planes > 1 and at.tiled) or int(page.predictor) != 1):
        raise NotImplementedError
    luma, reference = (
        tuple(a / b for a, b in zip(found[::2], found[1::2], strict=True)) if found and all(found[1::2]) else default
        for found, default in ((numbers(529, 6), YCbCr.luma), (numbers(532, 12), YCbCr.reference))
    )
    sound = luma[1] > 0 and all(black != white for black, white in zip(reference[::2], reference[1::2], strict=True))
    return YCbCr(across, down, luma, reference) if sound else YCbCr(across, down)


def _value(page: tifffile.TiffPage, code: int, default: object) -> Any:
    tag = page.tags.get(code) if hasattr(page, "tags") else None
    value = default if tag is None else tag.value
    return value[0] if isinstance(value, tuple) and code != 34675 and value else value
