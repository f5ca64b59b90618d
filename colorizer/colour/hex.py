"""Converts between colours as people write them, "#rrggbb", and as networks use them, in Lab units."""

from __future__ import annotations

import math
import re
from typing import Any

from ..errors import UserError

Ab = tuple[float, float]
MIDDLE = 60.0
"""L at which a colour told by chroma alone is written as #rrggbb."""


def parse_hex(colour: str) -> tuple[int, int, int]:
    """ "#rrggbb" or "#rgb" -> (r, g, b) in 0-255; raises ValueError that says what is expected."""
    digits = colour.strip().removeprefix("#") if isinstance(colour, str) else ""
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    if not re.fullmatch("[0-9a-fA-F]{6}", digits):
        raise UserError.of("colour_form", colour=colour)
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def hex_to_ab(colour: str) -> Ab:
    """The chroma of "#rrggbb", Lab units, without its lightness."""
    _, a, b = hex_to_lab(colour)
    return a, b


def ab_of(colour: Any) -> Ab:
    """(a, b) in Lab units of two numbers or "#rrggbb"; raises ValueError."""
    return hex_to_ab(colour) if isinstance(colour, str) else two_numbers(colour)


def two_numbers(ab: Any) -> Ab:
    """Two finite numbers; raises ValueError for anything else, also for "#rrggbb"."""
    try:
        a, b = (float(value) for value in ab)
    except (TypeError, ValueError):
        a = b = math.nan
    if not (math.isfinite(a) and math.isfinite(b)):
        raise UserError.of("ab", ab=ab)
    return a, b


def ab_to_hex(L: float, ab: Ab) -> str:
    """ "#rrggbb" of a colour at lightness L in [0, 100], with chroma reduced if sRGB cannot show it."""
    import torch

    from .lab import compress_chroma, lab_to_rgb

    lightness, chroma = torch.tensor([[[float(L)]]]), torch.tensor(ab, dtype=torch.float32).view(2, 1, 1)
    rgb = lab_to_rgb(torch.cat((lightness, compress_chroma(lightness, chroma)))).flatten()
    return "#" + "".join(f"{round(float(value) * 255):02x}" for value in rgb)


def hex_to_lab(colour: str) -> tuple[float, float, float]:
    """(L, a, b) of "#rrggbb"; raises ValueError."""
    import torch

    from .lab import rgb_to_lab

    rgb = torch.tensor(parse_hex(colour), dtype=torch.float64).view(3, 1, 1) / 255
    L, a, b = rgb_to_lab(rgb).flatten().tolist()
    return L, a, b
