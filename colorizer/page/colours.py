"""Colours as the page speaks of them: sRGB in hex, names, and a scale for what has none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..errors import UserError

if TYPE_CHECKING:
    from PIL import Image

Ab = tuple[float, float]

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


def parse_hex(colour: str) -> tuple[int, int, int]:
    """ "#rrggbb" or "#rgb" -> (r, g, b) in 0-255; raises ValueError that says what is expected."""
    digits = colour.strip().removeprefix("#") if isinstance(colour, str) else ""
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    if not re.fullmatch("[0-9a-fA-F]{6}", digits):
        raise UserError.of("colour_form", colour=colour)
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def hex_to_ab(colour: str) -> Ab:
    """The chroma of "#rrggbb", Lab units; its lightness is left behind."""
    _, a, b = _lab(colour)
    return a, b


def ab_to_hex(L: float, ab: Ab) -> str:
    """ "#rrggbb" of a colour at lightness L in [0, 100], chroma pulled in where sRGB cannot show it."""
    import torch

    from ..lab import compress_chroma, lab_to_rgb

    lightness, chroma = torch.tensor([[[float(L)]]]), torch.tensor(ab, dtype=torch.float32).view(2, 1, 1)
    rgb = lab_to_rgb(torch.cat((lightness, compress_chroma(lightness, chroma)))).flatten()
    return "#" + "".join(f"{round(float(value) * 255):02x}" for value in rgb)


def colour_name(L: float, ab: Ab, without: Sequence[str] = ()) -> str:
    """The key in `NAMES`, but for those in `without`, of the colour nearest to (L, a, b), Lab units. Hue tells more
    than lightness, which is the photograph's own, so lightness counts half."""

    def distance(name: str) -> float:
        other = _lab(NAMES[name])
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


def _lab(colour: str) -> tuple[float, float, float]:
    import torch

    from ..lab import rgb_to_lab

    rgb = torch.tensor(parse_hex(colour), dtype=torch.float64).view(3, 1, 1) / 255
    L, a, b = rgb_to_lab(rgb).flatten().tolist()
    return L, a, b
