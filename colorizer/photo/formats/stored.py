"""A file of any format whose header has been checked, and the upright strips of the photograph in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

import numpy as np
from PIL import Image

from ...errors import PhotoError
from ..limits import Wanted
from ..metadata import Metadata, metadata_of
from .rasters import Box, Raster, Strip, boxes

SQUARE, STRANGE = 1.1, 4.0
"""How many times as long as the other a side of a pixel is that nobody sees, and that is a mistake in the file."""
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Reading(NamedTuple):
    """A way to read a file."""

    raster: Raster
    ignored: list[str]
    """The parts of the file that were left out."""
    rows: int | None
    """How many rows of an incomplete picture are there, as of `repair.Repaired`."""


class Stored:
    """A photograph whose header has been checked, not yet decoded."""

    def __init__(
        self, raster: Raster, need: int, wanted: Wanted, others: Callable[[], Iterable[Reading]] = tuple, pages: int = 1
    ):
        """others: makes other readings of the same file, for when this one fails."""
        self.need = need
        """Bytes that decoding holds at once."""
        self.pixels = raster.size[0] * raster.size[1]
        self.pages = pages
        self.metadata = Metadata()
        """The file's metadata; known after `load`."""
        self.said: Callable[[], tuple[Metadata, list[str]]] | None = None
        """Reads it, where that is not for Pillow."""
        self.incomplete = False
        self.rows: int | None = None
        """How many rows of an incomplete picture are there, as they are stored and as of `repair.Repaired`."""
        self.remarks: list[PhotoError] = []
        """Further sentences about it."""
        self.ignored: list[str] = []
        """The parts around the picture that could not be used, such as "EXIF"."""
        self._raster, self._wanted, self._others = raster, wanted, others

    def limit_to(self, rows: int | None) -> None:
        """Note that it is incomplete, unless rows is None, and show no other rows. rows: as of `repair.Repaired`."""
        self.incomplete, self.rows = rows is not None, rows

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, upright; known after `load`."""
        width, height = self._raster.size
        return (height, width) if self._raster.orientation in (5, 6, 7, 8) else (width, height)

    def load(self) -> None:
        """Decode it, as it is stored."""
        try:
            self._load(self._raster)
        except MemoryError:
            raise
        except Exception as error:
            size = self._raster.size
            for other in self._others():
                if sorted(other.raster.size) == sorted(size):
                    with suppress(Exception):
                        self._load(other.raster)
                        self.ignored += other.ignored
                        self.limit_to(other.rows)
                        return
            raise error

    def _load(self, raster: Raster) -> None:
        raster.load(self._wanted.partial)
        self._raster = raster
        self.metadata, broken = self.says()
        self.ignored += broken

    def says(self) -> tuple[Metadata, list[str]]:
        """The metadata, and the parts of it that could not be read; before `load`, of a PNG those before its pixels."""
        image = self._raster.image
        try:
            if self.said is not None:
                return self.said()
            return metadata_of(image) if image is not None else (Metadata(), [])
        except Exception:  # the picture is there, whatever is wrong with what is said about it
            return Metadata(), ["metadata"]

    def strips(self) -> Iterator[tuple[int, Strip]]:
        """Strips from top to bottom, those of `boxes`: the first row's number, and the rows.
        Colours and orientation are corrected strip by strip, so that no second copy of the picture is needed."""
        turn = _TURNS.get(self._raster.orientation)
        for _, y, _, bottom in boxes(self.size):
            box = self._box(y, bottom)
            strip = self._raster.strip(box, self._wanted.deep)
            if self._wanted.invert:
                strip = strip.inverted()
            if self.rows is not None and self.rows < box[3]:
                strip = strip.without(max(self.rows - box[1], 0))
            if turn is not None:
                gray = None if strip.gray is None else np.asarray(Image.fromarray(strip.gray).transpose(turn))
                strip = Strip(strip.rgb.transpose(turn), gray)
            yield y, strip
        self.incomplete |= self._raster.lost > 0

    def notes(self) -> tuple[PhotoError, ...]:
        """Sentences about it; known after the last strip."""
        said, name = list(self.remarks), self._wanted.name
        parts = list(dict.fromkeys((*self.ignored, *self._raster.ignored)))
        if parts:
            said.append(PhotoError.of("photo_ignored", name=name, parts=", ".join(parts)))
        if self.metadata.predicted:
            said.append(PhotoError.of("photo_coloured", name=name))
        if not 1 / SQUARE < (wide := self._pixels_wide()) < SQUARE:
            said.append(PhotoError.of("photo_pixels", name=name, wide=wide))
        if self.pages > 1:
            said.append(PhotoError.of("photo_pages", name=name, page=self._wanted.page, pages=self.pages))
        if self.incomplete:
            said.append(PhotoError.of("photo_partial", name=name))
        return tuple(said)

    def _pixels_wide(self) -> float:
        """Width of a pixel over its height, upright, by what is said of either; 1 where that makes no sense."""
        info = getattr(self._raster.image, "info", {})
        shape = info.get("aspect") or (None if info.get("jfif_unit") else info.get("jfif_density"))
        with suppress(Exception):
            across, down = self.metadata.dpi or shape or (1, 1)
            wide = float(across / down if self._raster.orientation in (5, 6, 7, 8) else down / across)
            if 1 / STRANGE < wide < STRANGE:
                return wide
        return 1.0

    def _box(self, top: int, bottom: int) -> Box:
        """The box of the stored picture that holds these rows of the upright picture."""
        (width, height), turned = self._raster.size, self._raster.orientation
        if turned in (3, 4):
            return 0, height - bottom, width, height - top
        if turned in (5, 6):
            return top, 0, bottom, height
        if turned in (7, 8):
            return width - bottom, 0, width - top, height
        return 0, top, width, bottom
