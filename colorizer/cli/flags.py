"""Flags that several commands share, and the parsers of their values."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, TypeAlias

from ..albums.plan import make_folder
from ..checkpoints.card import WEIGHTS
from ..colour.hex import parse_hex
from ..errors import CheckpointError
from ..photo.form import OPTIONS

DEFAULT_CHECKPOINT = "mobile-unet"

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
