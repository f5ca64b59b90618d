"""The readout's flags on the command line: one for each control, and the values they give."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..colour.hex import hex_to_ab
from ..colour.readout import CONTROLS, DEFAULT_PRESET, PRESETS, SLIDERS, Control, Readout, preset
from ..photo.open import open_photo
from .flags import palette

if TYPE_CHECKING:
    from ..inference.colorizer import Colorizer

AS_ON_THE_PAGE = f" (default: {DEFAULT_PRESET}, unless you give numbers)"


def add_readout(parser: argparse.ArgumentParser, default: str = "") -> None:
    """Add --preset and the numbers that need no other control. default: what the help says of the preset's."""
    parser.add_argument(
        "--preset",
        choices=tuple(PRESETS),
        help=f"a look: how bold the colours are, and which{default}",
    )
    for name in SLIDERS:
        _add_control(parser, name)


def add_preferences(parser: argparse._ActionsContainer) -> None:
    """Add the controls that `add_readout` leaves out: a palette, a reference, and the controls that need them."""
    for name in CONTROLS:
        if name not in SLIDERS:
            _add_control(parser, name)


def readout_to_show(options: argparse.Namespace, colorizer: Colorizer) -> dict[str, Any]:
    """Like `supported_readout`, but the preset that the page begins with where neither a preset nor a number is asked
    for, and the network supports it."""
    asked = [options.preset, *(getattr(options, name, None) for name in SLIDERS)]
    if colorizer.architecture.has_distribution and all(value is None for value in asked):
        options = argparse.Namespace(**vars(options) | {"preset": DEFAULT_PRESET})
    return supported_readout(options, colorizer)


def supported_readout(options: argparse.Namespace, colorizer: Colorizer) -> dict[str, Any]:
    """Like `chosen_readout`, but also raises ValueError for controls that the network does not support."""
    readout = chosen_readout(options)
    Readout(**readout).check(colorizer.architecture)
    return readout


def chosen_readout(options: argparse.Namespace) -> dict[str, Any]:
    """The readout that the options ask for, as keywords for `Colorizer.colorize`; single flags override the preset.
    Raises ValueError for numbers out of range, and PhotoError for a reference that cannot be read."""
    readout: dict[str, Any] = dict(preset(options.preset)) if options.preset else {}
    named = {name: value for name in CONTROLS if (value := getattr(options, name, None)) is not None}
    if named.keys() & {"palette", "reference"}:  # in place of those of the preset
        readout = {name: value for name, value in readout.items() if name not in ("palette", "strength")}
    for name, value in named.items():
        needed = CONTROLS[name].only_with
        if needed and not {*named, *readout} & set(needed):
            raise ValueError(f"--{name}: {CONTROLS[name].help}; give {' or '.join(f'--{each}' for each in needed)}")
        readout[name] = _opened(CONTROLS[name], value)
    Readout(**readout)
    return readout


def _add_control(parser: argparse._ActionsContainer, name: str) -> None:
    control = CONTROLS[name]
    form: dict[str, Any] = {
        "number": {"type": float, "metavar": "X"},
        "colours": {"type": palette, "metavar": "#RRGGBB,..."},
        "picture": {"type": Path, "metavar": "PICTURE"},
    }[control.kind]
    says = control.help
    if control.kind == "number":
        default = "as measured best" if control.default is None else f"{control.default:g}"
        says += f"; {control.lowest:g} to {control.highest:g}, or further (default: {default})"
    parser.add_argument(f"--{name}", help=says, **form)


def _opened(control: Control, value: Any) -> Any:
    if control.kind == "picture":
        return open_photo(value)
    return [hex_to_ab(color) for color in value] if control.kind == "colours" else value
