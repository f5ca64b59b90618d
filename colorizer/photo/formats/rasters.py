"""Decoded pictures, from which upright strips in sRGB are cut: by Pillow, or of more than 8 bits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageChops, ImageFile, ImageOps

from ..exif import ORIENTATION
from .icc import Shape, shape_of_codes, shape_of_gamma
from .samples import Samples, gray16, levels, through_profile, value_range, white_of_16
from .tiff import TiffPage

STRIP_PIXELS = 250_000
"""Pixels converted at once, so that only the picture itself is in memory whole; they fit into a CPU's cache."""
MOST_INK = 3.3 * 255
"""Ink that no paper holds, of four colours together. Who writes a JPEG of these says whether it is ink or its absence
by Adobe's marker, or not at all."""
Box = tuple[int, int, int, int]


class Strip(NamedTuple):
    """Some rows of a photograph."""

    rgb: Image.Image
    gray: np.ndarray | None
    """Its gray in 16 bits, uint16 (rows, width), where there are more than 8."""

    def inverted(self) -> Strip:
        """The positive of a negative, in gray: the mask of colour film says nothing."""
        rgb = ImageOps.invert(self.rgb.convert("L")).convert("RGB")
        return Strip(rgb, None if self.gray is None else 65535 - self.gray)

    def without(self, rows: int) -> Strip:
        """The same with middle gray from row `rows` on, as decoders of JPEG show what is missing."""
        self.rgb.paste((128, 128, 128), (0, rows, *self.rgb.size))
        if self.gray is not None:
            self.gray[rows:] = 128 * 257
        return self


class Raster:
    """A picture as it is stored, not turned yet."""

    size: tuple[int, int]
    image: Any = None
    """Pillow's, which has the metadata; None if it is not Pillow that reads it."""
    samples: Samples
    ignored: list[str]
    """Data in the file that could not be used, such as "ICC"."""
    bits = 16
    """Bits of each value: 8, or 16 for more than 8."""
    lost = 0
    """How many parts of it could not be read; known after the last strip."""

    @property
    def orientation(self) -> int:
        """As EXIF has it; known after `load`."""
        with suppress(Exception):
            found = self.image.getexif().get(ORIENTATION)
            return found if isinstance(found, int) else 1
        return 1

    def load(self, partial: bool) -> None:
        """Decode it. partial: leave out what is missing."""
        raise NotImplementedError

    def strip(self, box: Box, deep: bool) -> Strip:
        """A part of it, in sRGB. deep: with its gray, where there are more than 8 bits."""
        shown = self.samples.srgb(self._values(box))
        return Strip(levels(shown), gray16(shown) if deep and self.bits > 8 else None)

    def _values(self, box: Box) -> np.ndarray:
        """Stored values (h, w, channels)."""
        raise NotImplementedError


class PillowRaster(Raster):
    """A picture that Pillow decodes, 8 bits or fewer."""

    bits = 8

    def __init__(self, image: Image.Image):
        self.image, self.size, self.ignored = image, image.size, []
        self._profile: bytes | None = image.info.get("icc_profile")
        self._hidden = self._flipped = False

    def load(self, partial: bool) -> None:
        self.image.load()
        self.size = self.image.size
        gray = self.image.mode in ("L", "LA", "La")
        profile = self._profile if gray else None  # more exactly than Pillow, which is 9 levels off in the darks
        shape = None if self._profile else _shape(self.image, 1 if gray else 3)
        self.samples = Samples("gray" if gray else "rgb", profile=profile, shape=shape)
        self.ignored += self.samples.ignored
        if self.image.mode in ("RGBA", "LA"):  # transparent all over, which would be white paper
            *colours, opacity = self.image.getextrema()
            self._hidden = opacity == (0, 0) and any(low != high for low, high in colours)
            self.ignored += ["opacity"] * self._hidden
        if self.image.mode == "CMYK" and self.image.format == "JPEG" and "adobe" not in self.image.info:
            inks = np.asarray(self.image.resize((64, 64)))
            total, black = inks.sum(axis=2), inks[..., 3].min() > 250
            self._flipped = bool(black or (total > MOST_INK).mean() > (1020 - total > MOST_INK).mean())

    def strip(self, box: Box, deep: bool) -> Strip:
        strip = self.image.crop(box)
        if self._hidden:
            strip = strip.convert("L" if strip.mode == "LA" else "RGB")
        if self._flipped:
            strip = ImageChops.invert(strip)
        if not strip.has_transparency_data:
            plain = strip if strip.mode in ("L", "RGB", "CMYK") else strip.convert("RGB")
            return Strip(self._coloured(plain).convert("RGB"), None)
        rgba = (strip.convert("LA") if strip.mode == "La" else strip).convert("RGBA")
        colours = self._coloured(rgba.getchannel("R") if strip.mode[0] == "L" else rgba.convert("RGB")).convert("RGB")
        return Strip(Image.composite(colours, Image.new("RGB", rgba.size, "white"), rgba.getchannel("A")), None)

    def _coloured(self, strip: Image.Image) -> Image.Image:
        """A strip in mode "L", "RGB" or "CMYK" as its profile or gamma wants it."""
        if self._profile and strip.mode != "L":
            seen, used = through_profile(strip, self._profile)
            if not used and "ICC" not in self.ignored:
                self.ignored.append("ICC")
            return seen
        if self.samples.shape is None:
            return strip
        return levels(self.samples.srgb(np.asarray(strip).reshape(strip.height, strip.width, -1)))


class DeepRaster(Raster):
    """A gray picture that Pillow decodes with more than 8 bits."""

    def __init__(self, image: Image.Image):
        self.image, self.size = image, image.size
        profile, key = (image.info.get(name) for name in ("icc_profile", "transparency"))
        self.samples = Samples("gray", profile=profile, shape=_shape(image, 1), key=key)
        self.ignored = self.samples.ignored

    def load(self, partial: bool) -> None:
        self.image.load()
        self.size = self.image.size
        parts = map(self._values, boxes(self.size))
        if self.image.mode.startswith("I;16"):
            # Of 12 bits in a TIFF, Pillow keeps the values; of others, it scales them to 16.
            twelve = getattr(self.image, "tag_v2", {}).get(258) == (12,)
            self.samples.high = 4095 if twelve else white_of_16(parts)
        else:
            self.samples.low, self.samples.high = value_range(parts, 2.0**31 - 1)

    def _values(self, box: Box) -> np.ndarray:
        values = np.asarray(self.image.crop(box))[..., None]
        return values.astype(np.uint16) if values.dtype.kind == "u" and values.dtype.itemsize == 2 else values


class WideRaster(Raster):
    """A PNG or a JPEG 2000 of more than 8 bits with colours or opacity, which OpenCV decodes: Pillow keeps 8 bits of
    each value, and of JPEG 2000 it makes the brightest ones black."""

    def __init__(self, image: ImageFile.ImageFile, data: bytes, depth: int):
        """depth: bits of each component. Raises NotImplementedError for JPEG 2000 of gray with opacity."""
        if image.mode == "LA":
            raise NotImplementedError
        self.size, self.image, self._data = image.size, image, data
        gray, clear = "LA;16B" in str(image.tile[0].args), image.mode == "RGBA"
        self._channels = [0, 3] if gray else [2, 1, 0, 3][: 3 + clear]  # OpenCV begins with blue, and has no LA
        profile, key = (image.info.get(name) for name in ("icc_profile", "transparency"))
        shape, alpha = _shape(image, 1 if gray else 3), len(self._channels) - 1 if clear else None
        self.samples = Samples(
            "gray" if gray else "rgb", 0, 2**depth - 1, alpha=alpha, profile=profile, shape=shape, key=key
        )
        self.ignored = self.samples.ignored
        self._decoded: np.ndarray = np.empty((0, 0, 0))

    def load(self, partial: bool) -> None:
        import cv2  # which takes a while, and few files need it

        if self.image.format == "PNG":
            self.image.load()  # what it says may come after its pixels
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # nothing on the screen about broken files
        values = cv2.imdecode(np.frombuffer(self._data, np.uint8), cv2.IMREAD_UNCHANGED)
        if values is None or values.shape[1::-1] != self.size:
            raise ValueError("a broken file")
        self._decoded = values
        if self.samples.alpha is not None:
            self.samples.heed_opacity([values[..., 3]])
        if self.samples.high == 65535:
            self.samples.high = white_of_16([values[..., :3]])

    def _values(self, box: Box) -> np.ndarray:
        left, top, right, bottom = box
        return self._decoded[top:bottom, left:right][..., self._channels]


class TiffRaster(Raster):
    """A page of a TIFF file. Where it need not be turned, no more than a row of its segments is decoded at once."""

    def __init__(self, page: TiffPage):
        self.page = page
        self.size = (page.layout.width, page.layout.height)
        self.samples, self.ignored = page.samples, page.samples.ignored
        self.bits = 8 if page.layout.bits <= 8 and page.layout.kind == "u" else 16
        self._whole: np.ndarray | None = None
        self._bands: Iterator[tuple[int, np.ndarray]] = iter(())
        self._top, self._band = 0, np.empty((0, 0, 0))
        self._partial = False

    @property
    def orientation(self) -> int:
        return self.page.orientation

    @property
    def lost(self) -> int:  # type: ignore[override]
        return self.page.lost

    def load(self, partial: bool) -> None:
        at, samples = self.page.layout, self.samples
        self._partial = partial
        seen = (band[..., : samples.colours] for _, band in self.page.bands(partial))
        if samples.kind in ("gray", "rgb", "cmyk") and (at.kind != "u" or at.bits >= 24):
            full = 2.0**at.bits - 1 if at.kind == "u" else 2.0 ** (at.bits - 1) - 1
            samples.low, samples.high = value_range(seen, full)
        elif samples.kind in ("gray", "rgb") and at.bits == 16:
            samples.high = white_of_16(seen)
        if samples.alpha is not None:
            samples.heed_opacity(band[..., samples.alpha] for _, band in self.page.bands(partial))
        if partial and not any((band != self.page.blank).any() for _, band in self.page.bands(partial)) and self.lost:
            raise EOFError  # nothing of it is there
        self.page.lost = 0
        if self.orientation in range(3, 9):  # strips of other rows, or of columns, will be asked for
            bands = list(self.page.bands(partial))
            self._whole = np.concatenate([band for _, band in bands])
        self._restart()

    def _values(self, box: Box) -> np.ndarray:
        left, top, right, bottom = box
        return self._rows(top, bottom) if self._whole is None else self._whole[top:bottom, left:right]

    def _restart(self) -> None:
        self._bands = self.page.bands(self._partial)
        self._top, self._band = 0, np.empty((0, 0, 0))

    def _rows(self, top: int, bottom: int) -> np.ndarray:
        """Rows, which are asked for from top to bottom."""
        parts = []
        while top < bottom:
            if top >= self._top + len(self._band):
                self._top, self._band = next(self._bands)
                continue
            parts.append(self._band[top - self._top : bottom - self._top])
            top += len(parts[-1])
        return parts[0] if len(parts) == 1 else np.concatenate(parts)


def boxes(size: tuple[int, int]) -> list[Box]:
    """Strips of a picture, from top to bottom."""
    width, height = size
    rows = max(1, STRIP_PIXELS // width)
    return [(0, y, width, min(y + rows, height)) for y in range(0, height, rows)]


def _shape(image: Image.Image, channels: int) -> Shape | None:
    """How values of so many channels become linear by the codes of a file, or by PNG's gAMA; None if there is neither,
    or if a profile or sRGB says more."""
    if codes := image.info.get("cicp"):
        primaries, transfer = codes
        return shape_of_codes(primaries, transfer, channels)
    gamma = image.info.get("gamma", 0)
    if image.format != "PNG" or not 0.01 < gamma < 10 or {"srgb", "icc_profile"} & image.info.keys():
        return None
    return shape_of_gamma(gamma, image.info.get("chromaticity"), channels)
