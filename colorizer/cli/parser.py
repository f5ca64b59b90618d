"""The command line: `colorizer COMMAND`; `--help` lists the commands, and `COMMAND --help` its options."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from ..errors import CheckpointError, PhotoError
from ..runtime import openmp  # noqa: F401
from . import colorize, convert, evaluate, export, launch, models, prepare, present, site

COMMANDS = (colorize, present, evaluate, models, convert, export, site, prepare, launch)
"""Files of one or two commands: `add_parser(subparsers)` adds their flags; `options.run(options)` does the work and
returns the exit code."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 for success, 1 for a reported failure, 2 for wrong usage."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments[:1] == ["train"]:
        return launch.train(arguments[1:])  # its flags depend on the network, so tyro makes them
    options = command_line().parse_args(arguments)
    warnings.filterwarnings("ignore", module="PIL")  # what is wrong with a photograph is said in our own words
    try:
        return options.run(options)
    except (CheckpointError, PhotoError, ValueError, OSError) as error:
        if isinstance(error, BrokenPipeError) and launch.nobody_reads():
            return 0
        print(f"colorizer: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


class Parser(argparse.ArgumentParser):
    """Takes no shortened options, which a later version might take for others, and says what is wrong in one line."""

    def __init__(self, **options: Any):
        super().__init__(**{**options, "allow_abbrev": False})

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"colorizer: {message}; add --help to see what there is\n")


def command_line() -> argparse.ArgumentParser:
    installed = Path(sys.argv[0]).stem == "colorizer"
    parser = Parser(
        prog="colorizer" if installed else "python -m colorizer", description="Colours for black-and-white photographs."
    )
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(subparsers)
    return parser
