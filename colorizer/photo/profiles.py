"""The colour profiles that results carry. They are made here, so that the same work writes the same bytes.

Source: ICC.1:2022; the primaries of IEC 61966-2-1, Adobe RGB (1998) and Display P3, adapted to D50.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)

_FROM_D65 = (1.0478112, 0.0228866, -0.0501270, 0.0295424, 0.9904844, -0.0170491, -0.0092345, 0.0150436, 0.7521316)
"""Bradford's adaptation to D50."""
_SRGB = ((0.436066, 0.222488, 0.013916), (0.385147, 0.716873, 0.097076), (0.143066, 0.060608, 0.714096))
_P3 = ((0.515121, 0.241196, -0.001053), (0.291977, 0.692245, 0.041885), (0.157104, 0.066574, 0.784073))
_ADOBE = ((0.609741, 0.311111, 0.019470), (0.205276, 0.625671, 0.060867), (0.149185, 0.063217, 0.744568))


class Space(NamedTuple):
    """A space of colours that results can be in."""

    title: str
    """The title of its profile."""
    columns: tuple[tuple[float, ...], ...]
    """XYZ of red, green and blue, relative to D50."""
    curve: tuple[float, ...]
    """Numbers of an ICC parametric curve: a gamma alone, or sRGB's five."""


SPACES = {
    "srgb": Space("sRGB", _SRGB, _SRGB_CURVE),
    "adobe-rgb": Space("Compatible with Adobe RGB (1998)", _ADOBE, (563 / 256,)),
    "display-p3": Space("Display P3", _P3, _SRGB_CURVE),
}
"""By the name that a person gives."""


@cache
def profile_of(space: str) -> bytes:
    """The ICC profile of one of `SPACES`."""
    title, columns, curve = SPACES[space]
    tags = {b"desc": _text(title), b"cprt": _text("No copyright, use freely"), b"wtpt": _xyz((0.9642, 1.0, 0.8249))}
    tags[b"chad"] = b"sf32" + bytes(4) + _numbers(_FROM_D65)
    for letter, column in zip("rgb", columns, strict=True):
        tags[f"{letter}XYZ".encode()] = _xyz(column)
    kind = 0 if len(curve) == 1 else 3
    for letter in "rgb":  # equal contents are stored once
        tags[f"{letter}TRC".encode()] = b"para" + bytes(4) + struct.pack(">HH", kind, 0) + _numbers(curve)
    table, body, places = struct.pack(">I", len(tags)), b"", {}
    start = 128 + len(table) + 12 * len(tags)
    for name, content in tags.items():
        if content not in places:
            places[content] = start + len(body)
            body += content + bytes(-len(content) % 4)
        table += struct.pack(">4sII", name, places[content], len(content))
    head = struct.pack(">I4xI4s4s4s", start + len(body), 0x04300000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H4s28x", 2026, 1, 1, 0, 0, 0, b"acsp") + _numbers((0.9642, 1.0, 0.8249))
    return head.ljust(128, b"\0") + table + body


def _numbers(values: Iterable[float]) -> bytes:
    return b"".join(struct.pack(">i", round(float(value) * 65536)) for value in values)


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ " + bytes(4) + _numbers(values)


def _text(words: str) -> bytes:
    encoded = words.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(encoded), 28) + encoded
