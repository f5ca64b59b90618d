"""Stored values of any depth as sRGB: scaled, inverted, through profile or palette, on white."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from PIL import Image, ImageCms

from .icc import D50, SRGB_TO_D50, Shape, from_linear, shape_of, to_linear

Kind = Literal["gray", "rgb", "cmyk", "cielab", "icclab", "palette"]
_COLOURS = {"gray": 1, "rgb": 3, "cmyk": 4, "cielab": 3, "icclab": 3, "palette": 1}
_LUMINANCE = np.array([0.212671, 0.715160, 0.072169], np.float32)
"""The luminance of linear sRGB, as `colour.lab` has it."""
SRGB = ImageCms.createProfile("sRGB")


@dataclass
class Samples:
    """The meaning of a picture's values."""

    kind: Kind
    low: float = 0.0
    high: float = 255.0
    """The values of black and of full light, or for a palette of the first colour and the last."""
    inverted: bool = False
    """Whether `low` is white."""
    alpha: int | None = None
    """Which channel is opacity, if one is."""
    premultiplied: bool = False
    palette: np.ndarray | None = None
    """Colours from 0 to 1: float32 (entries, 3)."""
    profile: bytes | None = None
    shape: Shape | None = None
    """How colours become linear sRGB, if a profile or PNG's gAMA says so."""
    key: object = None
    """The value or the colour that is transparent, an int or a tuple, if PNG's tRNS says one."""
    ignored: list[str] = field(default_factory=list)
    """Which of a file's data could not be used: "ICC"."""

    def __post_init__(self) -> None:
        channels = {"gray": 1, "rgb": 3, "palette": 3}.get(self.kind)
        if not self.profile or not channels:
            return
        try:
            shape = shape_of(self.profile, channels)
            if shape is None or not shape.is_srgb():
                self.shape = shape or _tables(self.profile)
        except Exception:  # better a picture without its profile than none
            self.ignored.append("ICC")

    @property
    def colours(self) -> int:
        """Channels that make up a colour; the ones after them are opacity, or of no interest."""
        return _COLOURS[self.kind]

    def srgb(self, values: np.ndarray) -> np.ndarray:
        """Stored values (h, w, channels) as sRGB from 0 to 1: float32 (h, w, 1) or (h, w, 3)."""
        colours = values[..., : self.colours]
        opacity = None
        if self.alpha is not None:
            opacity = self._scaled(values[..., self.alpha : self.alpha + 1])
        if self.premultiplied and opacity is not None:
            stored = self._scaled(colours) / np.maximum(opacity, 1e-6)
            shown = self._shown(np.clip(stored, 0, 1))
        elif self._table is not None and values.dtype.kind == "u":
            shown = np.stack(
                [self._table[c % len(self._table)].take(colours[..., c], mode="clip") for c in range(self.colours)],
                axis=-1,
            )
        elif self.kind == "palette" and self._entries is not None:
            shown = self._entries.take(colours[..., 0], axis=0, mode="clip")
        elif self.kind in ("cielab", "icclab"):
            shown = self._from_lab(colours)
        else:
            scaled = self._scaled(colours)
            shown = self._shown(1 - scaled if self.inverted else scaled)
        if isinstance(self.key, (int, tuple)):
            shown[(values == self.key).all(axis=-1)] = 1
        return shown if opacity is None else shown * opacity + (1 - opacity)

    def heed_opacity(self, parts: Iterable[np.ndarray]) -> None:
        """Take a picture for opaque that is transparent all over, which would be white paper. parts: its opacity."""
        if self.alpha is not None and not any(values.any() for values in parts):
            self.alpha = None
            self.ignored.append("opacity")

    def _scaled(self, values: np.ndarray) -> np.ndarray:
        span = max(self.high - self.low, 1e-12)
        numbers: np.ndarray = values.astype(np.float64 if values.dtype.itemsize > 2 else np.float32)
        if values.dtype.kind == "f":
            numbers = np.where(np.isfinite(numbers), numbers, self.low)
        return np.clip((numbers - self.low) / span, 0, 1).astype(np.float32)

    def _shown(self, colours: np.ndarray) -> np.ndarray:
        """Colours (h, w, channels) from 0 to 1 as sRGB."""
        if self.kind == "cmyk":
            return self._from_cmyk(colours)
        return colours if self.shape is None else from_linear(self.shape.linear(colours)).astype(np.float32)

    @cached_property
    def _table(self) -> np.ndarray | None:
        """sRGB for every integer value of each channel, where no channel needs another: float32 (1 or 3, values)."""
        alone = self.kind in ("gray", "rgb") and (self.shape is None or self.shape.matrix is None)
        if not alone or self.low != 0 or not 0 < self.high <= 65535 or isinstance(self.shape, _Tables):
            return None
        values = np.linspace(0, 1, int(self.high) + 1, dtype=np.float64)[None, :, None]
        values = (1 - values if self.inverted else values).repeat(self.colours if self.shape else 1, axis=2)
        return self._shown(values)[0].T.astype(np.float32)

    @cached_property
    def _entries(self) -> np.ndarray | None:
        return None if self.palette is None else self._shown(self.palette[None])[0]

    def _from_lab(self, values: np.ndarray) -> np.ndarray:
        """TIFF's Lab, with white at D50. a and b are signed, in steps of 1 or 1/256 (`cielab`), or counted from the
        middle of the range, where the highest byte alone is what 8 bits have (`icclab`)."""
        wide = values.dtype.itemsize > 1
        if values.dtype.kind == "f":
            L, ab = values[..., 0], values[..., 1:]
        elif self.kind == "cielab":
            L = values[..., 0] * (100 / (65535 if wide else 255))
            signed = np.dtype(np.int16 if wide else np.int8)
            ab = values[..., 1:].astype(values.dtype.newbyteorder("=")).view(signed) / (256 if wide else 1)
        else:
            L = values[..., 0] * (100 / (65280 if wide else 255))
            ab = values[..., 1:] / (256.0 if wide else 1.0) - 128
        fy = (np.nan_to_num(np.asarray(L, np.float32))[..., None] + 16) / 116
        ab = np.nan_to_num(np.asarray(ab, np.float32))
        f = np.concatenate((fy + ab[..., :1] / 500, fy, fy - ab[..., 1:] / 200), axis=-1)
        xyz = np.where(f > 6 / 29, f**3, (f - 4 / 29) * (3 * (6 / 29) ** 2)) * D50
        return from_linear((xyz @ np.linalg.inv(SRGB_TO_D50).T).astype(np.float32))

    def _from_cmyk(self, inks: np.ndarray) -> np.ndarray:
        picture = Image.frombytes(
            "CMYK", (inks.shape[1], inks.shape[0]), np.rint(inks * 255).astype(np.uint8).tobytes()
        )
        return np.asarray(through_profile(picture, self.profile)[0].convert("RGB"), np.float32) / 255


def levels(srgb: np.ndarray) -> Image.Image:
    """sRGB (h, w, 1 or 3) from 0 to 1 as a picture in mode "RGB"."""
    bytes_ = np.rint(srgb * 255).astype(np.uint8)
    return Image.fromarray(bytes_[..., 0]).convert("RGB") if srgb.shape[2] == 1 else Image.fromarray(bytes_)


def gray16(srgb: np.ndarray) -> np.ndarray:
    """The gray of the same luminance as sRGB (h, w, 1 or 3) from 0 to 1: uint16 (h, w)."""
    gray = srgb[..., 0] if srgb.shape[2] == 1 else from_linear((to_linear(srgb) @ _LUMINANCE).astype(np.float32))
    return np.rint(gray.astype(np.float64) * 65535).astype(np.uint16)


def value_range(parts: Iterable[np.ndarray], full: float) -> tuple[float, float]:
    """The values of black and of white, where a picture's kind of numbers does not say.

    Fractions up to 1, 255 or 65535 reach from 0 to these; a few brighter ones are lights that were not cut off.
    Integers have black at 0, or at the lowest number that there can be, and white as `_white` says. Anything else
    reaches from its own lowest value to its highest.

    full: the highest integer that there can be.
    """
    seen, fractions = [], False
    low, high = np.inf, -np.inf
    for values in parts:
        fractions = values.dtype.kind == "f"
        known = values[np.isfinite(values)] if fractions else values.reshape(-1)
        if known.size:
            low, high = min(low, float(known.min())), max(high, float(known.max()))
            seen.append(known[:: max(1, known.size // 20_000)].astype(np.float64))
    if not seen:
        return 0.0, 1.0
    darkest, brightest = np.quantile(np.concatenate(seen), (0.01, 0.99))
    if not fractions:
        if low < -full / 8:
            return -full - 1, full
        white = _white(high, full)
        return (0.0, white) if white and darkest >= -0.01 * white else (low, high)
    for scale in (1.0, 255.0, 65535.0):
        if high <= scale or brightest <= scale * (8 if scale == 1 else 1.01):
            return (0.0, scale) if darkest >= -0.01 * scale else (low, high)
    return low, high


def white_of_16(parts: Iterable[np.ndarray]) -> float:
    """The value of white in a picture of 16 bits, uint16. Many scanners and microscopes store 10 or 12 bits as if they
    were 16: then nothing is lighter than a sixteenth of white."""
    most = 0
    for values in parts:
        most = max(most, int(values.max(initial=0)))
        if most > 4095:  # the first part tells it, of most photographs
            break
    return _white(most, 65535.0) or 65535.0


def _white(most: float, full: float) -> float | None:
    """The integer that is white, where `most` is the highest one and `full` the highest possible; None if that is not
    known."""
    if 255 < most <= 4095:
        return 1023.0 if most <= 1023 else 4095.0
    return min(full, 65535.0) if most <= 65535 else full if most >= full / 256 else None


class _Tables(Shape):
    """A profile of tables, looked up through Pillow at the corners of a grid."""

    __slots__ = ()

    def linear(self, values: np.ndarray) -> np.ndarray:
        from scipy.ndimage import map_coordinates

        side = self.curves.shape[1] - 1
        at = [values[..., channel] * side for channel in range(3)]
        return np.stack(
            [map_coordinates(channel, at, np.float32, 1, mode="nearest") for channel in self.curves], axis=-1
        )


def _tables(profile: bytes) -> Shape:
    """Colours between 33 steps of each channel are interpolated."""
    side = 33
    step = np.rint(np.linspace(0, 255, side)).astype(np.uint8)
    grid = np.stack(np.meshgrid(step, step, step, indexing="ij"), axis=-1).reshape(side, side * side, 3)
    seen, used = through_profile(Image.fromarray(grid), profile)
    if not used:
        raise ValueError("a broken profile")
    light = to_linear(np.asarray(seen, np.float64) / 255).astype(np.float32)
    return _Tables(light.reshape(side, side, side, 3).transpose(3, 0, 1, 2), None)


def through_profile(picture: Image.Image, profile: bytes | None) -> tuple[Image.Image, bool]:
    """A picture of 8 bits, mode "L", "RGB", "RGBA" or "CMYK", in sRGB by its ICC profile, and whether that could be
    used; without one, and with a broken one, it stays as it is."""
    if not profile:
        return picture, True
    mode = {"RGB": "RGB", "RGBA": "RGBA", "CMYK": "RGB", "L": "RGB"}[picture.mode]
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(source, SRGB, picture.mode, mode, ImageCms.Intent.PERCEPTUAL)
        return ImageCms.applyTransform(picture, transform) or picture, True
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture, False
