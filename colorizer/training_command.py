"""The command line of train.py, made by tyro from the docstrings of Run, Recipe and each architecture's Config."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, field, make_dataclass
from typing import Any

import tyro

from .architectures import architecture_class, facts, list_architectures
from .recipes import Recipe, recommended
from .training import Run, train


def main(arguments: Sequence[str] | None = None) -> int:
    """Train; returns the exit code. A setting that cannot work is told in one line."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if not arguments or arguments[0] not in list_architectures():
        return _usage(asked=arguments[:1] in (["-h"], ["--help"]))
    name = arguments[0]
    architecture = architecture_class(name)
    # Flags follow from types; which Config an architecture has is known only now, so the class is made here.
    job_class = make_dataclass(
        "Job",
        [
            ("run", Run),
            ("recipe", Recipe, field(default=recommended(name))),
            ("config", architecture.Config, field(default=architecture.Config())),
        ],
    )
    job: Any = tyro.cli(
        job_class,
        config=(tyro.conf.OmitArgPrefixes,),
        prog=f"train.py {name}",
        args=arguments[1:],
        description=architecture.__doc__,
    )
    try:
        card = train(name, asdict(job.config), job.recipe, job.run)
    except (ValueError, OSError) as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 1
    print(f"best and last weights are in {card.path.parent}")
    return 0


def _usage(asked: bool) -> int:
    print("usage: python train.py ARCHITECTURE --data DIR [...]\n\narchitectures:")
    for name in list_architectures():
        print(f"  {name:20} {facts(name).line}")
    print("\n`python train.py ARCHITECTURE --help` shows every setting.")
    return 0 if asked else 2
