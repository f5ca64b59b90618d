"""CIEDE2000: how different two colours look."""

from __future__ import annotations

import numpy as np


def ciede2000(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Differences of colours, float64 (3, ...) twice in Lab units -> (...); about 1 is just noticeable.

    Sharma, Wu and Dalal (2005). A colour's hue is the direction of a complex number, and its chroma is the length: so
    hues need no degrees, except for the turn of the blue ones, and this takes half the time of the usual form.
    """
    (L1, a1, b1), (L2, a2, b2) = first, second
    mean = _to_the_7th((np.sqrt(a1 * a1 + b1 * b1) + np.sqrt(a2 * a2 + b2 * b2)) / 2)
    stretch = 1.5 - 0.5 * np.sqrt(mean / (mean + 25.0**7))
    one, two = stretch * a1 + 1j * b1, stretch * a2 + 1j * b2
    C1, C2 = np.abs(one), np.abs(two)
    C, L = (C1 + C2) / 2, (L1 + L2) / 2 - 50
    hue = _middle(one / np.maximum(C1, 1e-30), two / np.maximum(C2, 1e-30))
    squared = hue * hue
    T = (
        1
        - 0.17 * (hue * _direction(-30)).real
        + 0.24 * squared.real
        + 0.32 * (squared * hue * _direction(6)).real
        - 0.20 * (squared * squared * _direction(-63)).real
    )
    angle = np.angle(hue, deg=True)
    blue = np.exp(-(((angle + 360 * (angle < 0) - 275) / 25) ** 2))
    strong = _to_the_7th(C)
    rotation = -2 * np.sqrt(strong / (strong + 25.0**7)) * np.sin(np.radians(60) * blue)
    turned = two * one.conj()  # by the difference of the hues
    d_hue = np.copysign(np.sqrt(2 * np.maximum(np.abs(turned) - turned.real, 0)), turned.imag) / (1 + 0.015 * C * T)
    d_chroma = (C2 - C1) / (1 + 0.045 * C)
    d_lightness = (L2 - L1) / (1 + 0.015 * L * L / np.sqrt(20 + L * L))
    return np.sqrt(d_lightness**2 + d_chroma**2 + d_hue**2 + rotation * d_chroma * d_hue)


def _middle(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """The direction between two; that of the other where one of them is 0, as gray has no hue."""
    total = one + two
    length = np.abs(total)
    opposite = length < 1e-9
    result = total / np.where(opposite, 1, length)
    if opposite.any():  # there the mean of their angles, from 0 to 360 degrees, decides
        result[opposite] = 1j * np.where(one.imag >= 0, one, two)[opposite]
    return result


def _direction(degrees: float) -> complex:
    return complex(np.exp(1j * np.radians(degrees)))


def _to_the_7th(values: np.ndarray) -> np.ndarray:
    cubed = values * values * values
    return cubed * cubed * values
