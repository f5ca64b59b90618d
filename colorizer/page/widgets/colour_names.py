"""Colours as the page speaks of them: sRGB in hex, names, and a scale for what has none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from colorizer.colour.hex import Ab, hex_to_lab, parse_hex

if TYPE_CHECKING:
    from PIL import Image

NAMES = {
    "black": "#111111", "grey": "#7f7f7f", "white": "#f5f5f5", "red": "#d0221f", "brick": "#9c4a3c",
    "wine": "#641c2c", "orange": "#ee7f22", "brown": "#6e4626", "tan": "#cfa878", "skin": "#eab696",
    "yellow": "#f2d230", "olive": "#7d7a30", "green": "#3c9a3a", "forest": "#24502a", "teal": "#1d8080",
    "turquoise": "#55cfc8", "sky": "#8dc0ec", "blue": "#2f62c4", "navy": "#20284f", "violet": "#7b4fb5",
    "purple": "#7a2a72", "pink": "#ee9ab8", "rose": "#c8506e",
}  # fmt: skip
"""What a colour may be called (`colour_...` in texts), each with a typical one in sRGB."""

SCALE = ("#440154", "#482878", "#3e4a89", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725")
"""Viridis (Smith and van der Walt, matplotlib 1.5) at ten even steps: lightness grows evenly along it."""

SURE, UNSURE = 0.15, 0.85
"""The entropies at the scale's ends, the same for every photograph, so that two can be compared."""


def colour_name(L: float, ab: Ab, without: Sequence[str] = ()) -> str:
    """The key in `NAMES`, but for those in `without`, of the colour nearest to (L, a, b), Lab units. Hue tells more
    than lightness, which is the photograph's own, so lightness counts half."""

    def distance(name: str) -> float:
        other = hex_to_lab(NAMES[name])
        return ((L - other[0]) / 2) ** 2 + (ab[0] - other[1]) ** 2 + (ab[1] - other[2]) ** 2

    return min((name for name in NAMES if name not in without), key=distance)


def doubt_picture(entropy: np.ndarray, gray: Image.Image, veil: float = 0.7) -> Image.Image:
    """Entropy (h, w) in [0, 1] on `SCALE`, smooth, over a photograph in gray: PIL "RGB", the photograph's size.

    veil: how much of the scale there is over the photograph.
    """
    from PIL import Image

    spread = ((entropy - SURE) / (UNSURE - SURE)).clip(0, 1).astype(np.float32)
    large = np.asarray(Image.fromarray(spread).resize(gray.size, Image.Resampling.BICUBIC)).clip(0, 1)
    stops = np.array([parse_hex(colour) for colour in SCALE], np.float32)
    table = np.stack([np.interp(np.linspace(0, 1, 256), np.linspace(0, 1, len(stops)), c) for c in stops.T], axis=1)
    colours = table[(large * 255).round().astype(np.uint8)]
    mixed = veil * colours + (1 - veil) * np.asarray(gray.convert("L"), np.float32)[..., None]
    return Image.fromarray(mixed.round().astype(np.uint8))
