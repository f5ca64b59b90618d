"""Names of colours, and the colours of the picture of uncertainty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from .hex import Ab, ab_to_hex, hex_to_lab, parse_hex

if TYPE_CHECKING:
    from PIL import Image

NAMES = {
    "black": "#111111", "grey": "#7f7f7f", "white": "#f5f5f5", "red": "#d0221f", "brick": "#9c4a3c",
    "wine": "#641c2c", "orange": "#ee7f22", "brown": "#6e4626", "tan": "#cfa878", "skin": "#eab696",
    "yellow": "#f2d230", "olive": "#7d7a30", "green": "#3c9a3a", "forest": "#24502a", "teal": "#1d8080",
    "turquoise": "#55cfc8", "sky": "#8dc0ec", "blue": "#2f62c4", "navy": "#20284f", "violet": "#7b4fb5",
    "purple": "#7a2a72", "pink": "#ee9ab8", "rose": "#c8506e",
}  # fmt: skip
"""Names of colours (`colour_...` in the texts), each with a typical colour in sRGB."""

SHADES = {
    "red": ("#f69a89", "#d0221f", "#700908"), "orange": ("#ffbf94", "#ee7f22", "#793b03"),
    "brown": ("#b89e8c", "#6e4626", "#3c2411"), "yellow": ("#ffe89f", "#f2d230", "#746300"),
    "green": ("#a2cd9a", "#3c9a3a", "#154d16"), "turquoise": ("#b3e8e3", "#55cfc8", "#1a6460"),
    "blue": ("#a4ade2", "#2f62c4", "#12316a"), "violet": ("#bfa5db", "#7b4fb5", "#402662"),
    "pink": ("#f9cddb", "#ee9ab8", "#774759"),
}  # fmt: skip
"""Colours to choose by name, keys of `NAMES`, each light, as itself, and dark: half way to white with half the chroma,
and at half the lightness with 0.65 of the chroma, in Lab."""
NAMED = tuple(colour for shades in zip(*SHADES.values(), strict=True) for colour in shades)
"""All of them: the light ones, those in between, the dark ones."""

PALE, DEEP = 85.0, 15.0
"""Lightnesses beyond which a place cannot show strong colours."""
KEPT = 0.7
"""The least share of its chroma that a colour keeps where it still goes by its own name."""

SCALE = ("#440154", "#482878", "#3e4a89", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725")
"""Viridis (Smith and van der Walt, matplotlib 1.5) at ten even steps: lightness grows evenly along it."""

SURE, UNSURE = 0.15, 0.85
"""The entropies at the ends of the scale. They are the same for every photo, so that photos can be compared."""


def colour_name(L: float, ab: Ab, without: Sequence[str] = ()) -> str:
    """The key in `NAMES`, except those in `without`, of the colour nearest to (L, a, b), Lab units. Lightness counts
    half, because it belongs to the photo and says less than the hue."""

    def distance(name: str) -> float:
        other = hex_to_lab(NAMES[name])
        return ((L - other[0]) / 2) ** 2 + (ab[0] - other[1]) ** 2 + (ab[1] - other[2]) ** 2

    return min((name for name in NAMES if name not in without), key=distance)


@cache
def seen_at(L: int) -> list[dict[str, str]]:
    """How each of `NAMED` appears at a place of lightness L, which stays: {"color": "#rrggbb", "name": a key of
    `NAMES`, "shade": "light" or "", "word": "pale" or "dark" where the place is too light or too dark for it, "else"
    where it goes by another name, or ""}."""
    result = []
    for number, color in enumerate(NAMED):
        own, a, b = hex_to_lab(color)
        shown = ab_to_hex(L, (a, b))
        _, *ab = hex_to_lab(shown)
        chroma = math.hypot(*ab)
        name = colour_name(L, (ab[0], ab[1]), without=["skin"])
        word = "else" if name != colour_name(own, (a, b), without=["skin"]) else ""
        if chroma < KEPT * math.hypot(a, b):
            word = "pale" if L >= PALE else "dark" if L <= DEEP else word
        shade = ""
        if word == "pale":  # a tinge; only that of red has a name of its own
            hue = tuple(SHADES)[number % len(SHADES)]
            name, shade = ("pink", "") if hue == "red" else (hue, "light")
        result.append({"color": shown, "name": name, "shade": shade, "word": word})
    return result


def uncertainty_picture(entropy: np.ndarray, gray: Image.Image) -> Image.Image:
    """Entropy (h, w) in [0, 1] as colours of `SCALE`, smooth, over a gray photo: PIL "RGB", of the photo's size."""
    from PIL import Image

    spread = ((entropy - SURE) / (UNSURE - SURE)).clip(0, 1).astype(np.float32)
    large = np.asarray(Image.fromarray(spread).resize(gray.size, Image.Resampling.BICUBIC)).clip(0, 1)
    stops = np.array([parse_hex(colour) for colour in SCALE], np.float32)
    table = np.stack([np.interp(np.linspace(0, 1, 256), np.linspace(0, 1, len(stops)), c) for c in stops.T], axis=1)
    colours = Image.fromarray((large * 255).round().astype(np.uint8))
    colours.putpalette(table.round().astype(np.uint8).tobytes())
    return Image.blend(gray.convert("RGB"), colours.convert("RGB"), 0.7)
