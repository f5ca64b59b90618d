"""Colour profiles of pictures with more than 8 bits, as curves and a matrix; Pillow applies profiles to 8 bits only.

Source: ICC.1:2022, chapters 8 to 10. `shape_of` reads gray and matrix profiles; a profile of tables is left to Pillow.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np

_STEPS = 1 << 16
"""Entries of a curve, between which values are interpolated: each of 16 bits has its own."""

# Linear sRGB, and Lab's white, in the profile connection space: relative to D50.
SRGB_TO_D50 = np.array(
    [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
)
D50 = np.array([0.9642, 1.0, 0.8249])
_EXPONENTS = {4: 2.2, 5: 2.8, 8: 1.0}
_PRIMARIES = {9: (0.708, 0.292, 0.17, 0.797, 0.131, 0.046), 12: (0.68, 0.32, 0.265, 0.69, 0.15, 0.06)}
"""Transfer curves and primaries of ITU-T H.273 that differ from sRGB's: exponents; x and y of red, green and blue."""
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


class Shape(NamedTuple):
    """How stored values become linear sRGB."""

    curves: np.ndarray
    """Linear light for evenly spaced values from 0 to 1, for each channel: float64 (channels, entries)."""
    matrix: np.ndarray | None
    """From linear light of three channels to linear sRGB, float64 (3, 3); None for gray, and where it is sRGB's."""

    def linear(self, values: np.ndarray) -> np.ndarray:
        """Values (h, w, channels) in [0, 1] as linear sRGB, float32 of the same shape, perhaps outside [0, 1]."""
        at = np.linspace(0, 1, self.curves.shape[1])
        light = np.empty(values.shape, np.float32)
        for channel in range(values.shape[2]):
            light[..., channel] = np.interp(values[..., channel], at, self.curves[channel % len(self.curves)])
        return light if self.matrix is None else light @ self.matrix.T.astype(np.float32)

    def is_srgb(self) -> bool:
        """Whether it is sRGB itself, but for the rounding of profiles: values then stay as they are."""
        if self.curves.ndim != 2 or (self.matrix is not None and np.abs(self.matrix - np.eye(3)).max() > 2e-3):
            return False
        at = np.linspace(0, 1, self.curves.shape[1])
        return bool(np.abs(from_linear(self.curves) - at).max() < 2e-3)


def to_linear(values: np.ndarray) -> np.ndarray:
    """Undo the sRGB transfer curve; values in [0, 1]."""
    return np.where(values > 0.04045, ((np.maximum(values, 0.04045) + 0.055) / 1.055) ** 2.4, values / 12.92)


def from_linear(light: np.ndarray) -> np.ndarray:
    """Apply the sRGB transfer curve to linear values, clipped to [0, 1]."""
    light = np.clip(light, 0, 1)
    high = 1.055 * np.maximum(light, 0.0031308) ** light.dtype.type(1 / 2.4) - light.dtype.type(0.055)
    return np.where(light > 0.0031308, high, light * light.dtype.type(12.92))


def shape_of_gamma(gamma: float, chromaticity: tuple[float, ...] | None, channels: int) -> Shape:
    """The shape that PNG's gAMA and cHRM describe. gamma: the exponent with which values were stored, such as 0.45455;
    chromaticity: x and y of white, red, green and blue."""
    curve = np.linspace(0, 1, _STEPS) ** (1 / gamma)
    if abs(gamma - 1 / 2.2) < 0.005:  # what writers of sRGB say where they cannot say sRGB
        curve = to_linear(np.linspace(0, 1, _STEPS))
    sound = channels == 3 and chromaticity and len(chromaticity) == 8 and min(chromaticity[1::2]) > 0
    return Shape(curve[None].repeat(channels, axis=0), _matrix(chromaticity) if chromaticity and sound else None)


def shape_of_codes(primaries: int, transfer: int, channels: int) -> Shape | None:
    """The shape that ITU-T H.273's codes describe, as PNG's cICP, AVIF and HEIC have them; None if it is sRGB's, or not
    known. White is at 203 cd/m2 in PQ and HLG (ITU-R BT.2408); what is lighter is pressed together below it."""
    x = np.linspace(0, 1, _STEPS)
    curve = None
    if transfer == 16:
        power = x ** (32 / 2523)
        nits = 10_000 * (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (8192 / 1305)
        curve = _below_white(nits / 203)
    elif transfer == 18:
        scene = np.where(x <= 0.5, x * x / 3, (np.exp((x - 0.55991073) / 0.17883277) + 0.28466892) / 12)
        curve = _below_white(scene**1.2 * 1000 / 203)
    elif transfer in _EXPONENTS:
        curve = x ** _EXPONENTS[transfer]
    place = _PRIMARIES.get(primaries) if channels == 3 else None
    if curve is None and place is None:
        return None
    curve = to_linear(x) if curve is None else curve
    return Shape(curve[None].repeat(channels, axis=0), _matrix((0.3127, 0.329, *place)) if place else None)


def _below_white(light: np.ndarray) -> np.ndarray:
    """Light with white at 1, of which what exceeds four fifths nears 1."""
    return np.where(light > 0.8, 1 - 0.2 * np.exp(-(light - 0.8) / 0.2), light)


def _matrix(chromaticity: tuple[float, ...]) -> np.ndarray:
    """From linear light of three primaries to linear sRGB. chromaticity: x and y of white, red, green and blue."""
    white, red, green, blue = (
        np.array([x / y, 1, (1 - x - y) / y]) for x, y in zip(chromaticity[::2], chromaticity[1::2], strict=True)
    )
    primaries = np.stack((red, green, blue), axis=1)
    primaries = primaries * np.linalg.solve(primaries, white)
    adapted = np.linalg.solve(_BRADFORD, np.diag(_BRADFORD @ D50 / (_BRADFORD @ white)) @ _BRADFORD)
    return np.linalg.solve(SRGB_TO_D50, adapted @ primaries)


def shape_of(profile: bytes, channels: int) -> Shape | None:
    """The shape that a profile describes; None if it works by tables. Raises ValueError, KeyError or struct.error for a
    broken one, or one for other channels."""
    space, connection = profile[16:20], profile[20:24]
    if space != {1: b"GRAY", 3: b"RGB "}.get(channels):
        raise ValueError("a profile of other channels")
    tags = {}
    for i in range(min(struct.unpack_from(">I", profile, 128)[0], 100)):
        name, offset, size = struct.unpack_from(">4sII", profile, 132 + 12 * i)
        tags[name] = profile[offset : offset + size]
    if any(name in tags for name in (b"A2B0", b"A2B1", b"D2B0")):
        return None
    if channels == 1:
        curve = _curve(tags[b"kTRC"])
        if connection == b"Lab ":  # the curve leads to L
            f = (curve * 100 + 16) / 116
            curve = np.where(f > 6 / 29, f**3, (f - 4 / 29) * 3 * (6 / 29) ** 2)
        return Shape(curve[None], None)
    columns = [np.array(struct.unpack_from(">3i", tags[name], 8)) / 65536 for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
    curves = np.stack([_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC")])
    return Shape(curves, np.linalg.solve(SRGB_TO_D50, np.stack(columns, axis=1)))


def _curve(tag: bytes) -> np.ndarray:
    """Linear light for `_STEPS` evenly spaced values: float64."""
    x = np.linspace(0, 1, _STEPS)
    if tag[:4] == b"curv":
        count = struct.unpack_from(">I", tag, 8)[0]
        if count == 0:
            return x
        if count == 1:
            return x ** (struct.unpack_from(">H", tag, 12)[0] / 256)
        table = np.frombuffer(tag, ">u2", count, 12) / 65535
        return np.interp(x, np.linspace(0, 1, count), table)
    if tag[:4] != b"para":
        raise ValueError("an unknown curve")
    kind = struct.unpack_from(">H", tag, 8)[0]
    count = (1, 3, 4, 5, 7)[kind]
    given = [n / 65536 for n in struct.unpack_from(f">{count}i", tag, 12)]
    g, a, b, c, d, e, f = given + [0.0] * (7 - count)
    if kind == 0:
        return x**g
    if kind in (1, 2):
        return np.where(a * x + b >= 0, np.maximum(a * x + b, 0) ** g, 0) + (c if kind == 2 else 0)
    return np.where(x >= d, np.maximum(a * x + b, 0) ** g + e, c * x + f)
