"""Looks beyond the presets: a warmer and a cooler one, out of the same prediction.

A tone prefers some colours among those that the network finds likely, as a palette does; it lays no tint over the
picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from colorizer.colour.readout import PRESETS, Readout
from colorizer.colour.tones import TONE_STRENGTH, TONES

if TYPE_CHECKING:
    from colorizer.inference.colorization import Colorization

OWN = "own"
"""The name of the preset for a visitor's own settings."""
DEFAULT_PRESET = "natural"

LOOKS = (*PRESETS, *TONES)
"""Every look by name, from the safest to the boldest, then the tones."""


def preset_of(look: str) -> str:
    """The preset that a look reads the distribution with."""
    return DEFAULT_PRESET if look in TONES else look


def toned(readout: Readout, look: str) -> Readout:
    """A readout with the colours that a look prefers, if it is a tone."""
    return readout.changed(palette=TONES[look], strength=TONE_STRENGTH) if look in TONES else readout


def leaning(result: Colorization) -> str:
    """The tone towards which the network's own doubt leans: the one that moves a photo's colours further.

    result: the photo, read as by default. Both tones ask with the same force, so more moves where more is plausible.
    """
    moved = {
        tone: float((result.with_readout(toned(result.readout, tone)).low_ab - result.low_ab).norm(dim=0).mean())
        for tone in TONES
    }
    return max(moved, key=lambda tone: moved[tone])
