"""How boldly to colour: the flags of a readout, and the readout that they ask for."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..colour.presets import PRESETS, preset

if TYPE_CHECKING:
    from ..inference.colorizer import Colorizer


def add_readout(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--preset", choices=tuple(PRESETS), help="how bold: a temperature and vividness by name")
    parser.add_argument("--temperature", type=float, help="1: safest, lower: clearer (default: as measured best)")
    parser.add_argument("--vividness", type=float, help="prefer rare colours, 0 to 1 (default 0)")
    parser.add_argument("--saturation", type=float, default=1.0, help="factor on chroma (default 1)")


def readout_of(options: argparse.Namespace, colorizer: Colorizer) -> dict[str, float | None]:
    """What the options ask of a distribution; what is named apart overrides the preset. Raises ValueError for a
    checkpoint that has none to ask."""
    chosen = preset(options.preset) if options.preset else {"temperature": None, "vividness": 0.0}
    named = {key: getattr(options, key) for key in ("temperature", "vividness") if getattr(options, key) is not None}
    readout = {**chosen, **named}
    if any(readout.values()) and not colorizer.architecture.has_distribution:
        raise ValueError(
            f"{colorizer.name} predicts one colour only, which no temperature, vividness or preset but faithful "
            "changes; leave these out"
        )
    return readout
