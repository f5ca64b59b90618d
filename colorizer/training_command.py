"""The command line of train.py, made by tyro from the docstrings of Run, Recipe and each architecture's Config."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, field, make_dataclass
from typing import Any

import tyro

from .architectures import architecture_class, facts, list_architectures
from .protocols import PROTOCOLS, recipe_for
from .recipes import Recipe
from .training import Run, train


def main(arguments: Sequence[str] | None = None) -> int:
    """Train; returns the exit code. A setting that cannot work is told in one line."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if not arguments or arguments[0] not in list_architectures():
        return _usage(asked=arguments[:1] in (["-h"], ["--help"]))
    name = arguments[0]
    architecture = architecture_class(name)
    try:
        protocol, rest = _protocol(arguments[1:])
        recipe, config = recipe_for(name, protocol)
    except ValueError as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 2
    # Flags follow from types; which Config an architecture has is known only now, so the class is made here.
    job_class = make_dataclass(
        "Job",
        [
            ("run", Run),
            ("recipe", Recipe, field(default=recipe)),
            ("config", architecture.Config, field(default=architecture.Config(**config))),
        ],
    )
    job: Any = tyro.cli(
        job_class,
        config=(tyro.conf.OmitArgPrefixes,),
        prog=f"train.py {name}",
        args=rest,
        description=f"{architecture.__doc__}\n\n--recipe NAME, one of {', '.join(PROTOCOLS)}, sets the defaults below; "
        f"now {protocol}: {PROTOCOLS[protocol].line}",
    )
    try:
        card = train(name, asdict(job.config), job.recipe, job.run)
    except (ValueError, OSError) as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 1
    print(f"best and last weights are in {card.path.parent}")
    return 0


def _protocol(arguments: list[str]) -> tuple[str, list[str]]:
    """The value of --recipe, taken out first: it decides what the other settings' defaults are."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--recipe", default="ours")
    options, rest = parser.parse_known_args(arguments)
    return options.recipe, rest


def _usage(asked: bool) -> int:
    print("usage: python train.py ARCHITECTURE --data DIR [...]\n\narchitectures:")
    for name in list_architectures():
        print(f"  {name:20} {facts(name).line}")
    print("\nrecipes (--recipe NAME):")
    for name, protocol in PROTOCOLS.items():
        print(f"  {name:20} {protocol.line}")
    print("\n`python train.py ARCHITECTURE --help` shows every setting.")
    return 0 if asked else 2
