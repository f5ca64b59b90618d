"""Flags that several commands share, and the parsers of their values."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ..albums.plan import make_folder
from ..checkpoints.card import WEIGHTS
from ..colour.hex import hex_to_ab, parse_hex
from ..colour.readout import CONTROLS, DEFAULT_PRESET, PRESETS, SLIDERS, Control, Readout, preset
from ..errors import CheckpointError
from ..photo.form import OPTIONS
from ..photo.open import open_photo

if TYPE_CHECKING:
    from ..inference.colorizer import Colorizer

DEFAULT_CHECKPOINT = "mobile-unet"
AS_ON_THE_PAGE = f" (default: {DEFAULT_PRESET}, unless you give numbers)"

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_checkpoint(parser: argparse.ArgumentParser) -> None:
    """--checkpoint and --device, for commands that colour."""
    parser.add_argument(
        "--checkpoint", default=DEFAULT_CHECKPOINT, help=f"a name that `models` lists, or a file ({DEFAULT_CHECKPOINT})"
    )
    add_weights(parser)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")


def add_weights(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help=argparse.SUPPRESS)


def add_overwrite(parser: argparse.ArgumentParser, says: str = "replace the file if it is there") -> None:
    parser.add_argument("--overwrite", action="store_true", help=says)


def add_form(parser: argparse.ArgumentParser) -> None:
    """How scans are read and results are written: a flag for each option of a `Form`."""
    for name, option in OPTIONS.items():
        taken: dict[str, Any] = {"action": "store_true"}
        if not option.choices:
            taken = {"type": page, "default": option.default, "metavar": "N"}
        elif option.choices != (False, True):
            choices = [choice for choice in option.choices if choice != ""]
            taken = {"type": type(choices[0]), "choices": choices, "default": option.default}
        parser.add_argument(f"--{name}", help=option.help, **taken)


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


def count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def page(text: str) -> int:
    """The number of a page; 0 for all."""
    if text == "all":
        return 0
    try:
        return count(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number or all, not {text!r}") from None


def hint(text: str) -> tuple[float, float, str, float | None]:
    place, at, moment = text.partition("@")
    try:
        x, y, color = place.split(",")
        hint = float(x), float(y), color, float(moment) if at else None
    except ValueError:
        what = "a hint is X,Y,#RRGGBB, such as 200,120,#c03020, in films also X,Y,#RRGGBB@SECONDS"
        raise argparse.ArgumentTypeError(f"{what}; {text!r} is not") from None
    _color(color)
    return hint


def palette(text: str) -> list[str]:
    return [_color(color) for color in text.split(",")]


def _color(text: str) -> str:
    try:
        parse_hex(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def check_target(options: argparse.Namespace, suffix: str) -> None:
    """Check that `options.out` can be written and ends in `suffix`; creates its folder. Raises CheckpointError."""
    if options.out.exists() and not options.overwrite:
        raise CheckpointError(f"{options.out.name} is already there; choose another name or add --overwrite.")
    if options.out.suffix != suffix:
        raise CheckpointError(f"{options.out.name} must end in {suffix}.")
    make_folder(options.out.parent)
