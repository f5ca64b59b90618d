"""The command line of train.py, made by tyro from the docstrings of Run, Recipe and each architecture's Config."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, field, make_dataclass
from typing import Any

import tyro

from ..architectures.registry import architecture_class, facts, list_architectures
from ..checkpoints.file import find_checkpoint, list_checkpoints, read_card
from ..training import Run, train
from ..training.protocols import PROTOCOLS, recipe_for
from ..training.recipes import Recipe
from ..training.report import write_report


def main(arguments: Sequence[str] | None = None, program: str = "train.py") -> int:
    """Train; returns the exit code. Reports a setting that cannot work in one line, after the program's name."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments[:1] == ["report"]:
        return _report(arguments[1:], program)
    if not arguments or arguments[0] not in list_architectures():
        if arguments and not arguments[0].startswith("-"):
            print(f"{program}: there is no architecture {arguments[0]!r}; choose one of these", file=sys.stderr)
        return _usage(program, requested=arguments[:1] in (["-h"], ["--help"]))
    name = arguments[0]
    architecture = architecture_class(name)
    try:
        protocol, init, rest = _ahead(arguments[1:])
        recipe, config = recipe_for(name, protocol)
        if init:
            config = {**_config_of(init, name), **config}
        elif protocol in ("fine-tune", "finish") and not {"-h", "--help"} & {*rest}:
            raise ValueError(f"{protocol} starts from a checkpoint: add --init, such as --init {_shipped(name)}")
    except ValueError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 2
    # tyro makes flags from types. The architecture's Config is known only now, so the class is made here.
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
        prog=f"{program} {name}",
        args=rest,
        description=f"{architecture.__doc__}\n\n--recipe NAME, one of {', '.join(PROTOCOLS)}, sets the defaults below; "
        f"now {protocol}: {PROTOCOLS[protocol].line}",
    )
    try:
        card = train(name, asdict(job.config), job.recipe, job.run)
    except KeyboardInterrupt:
        if _speaks():
            print(f"{program}: stopped; the same command goes on from the last state, if there is one", file=sys.stderr)
        return 130
    except (ValueError, OSError) as error:
        if _speaks():
            print(f"{program}: {error}", file=sys.stderr)
        return 1
    if _speaks():
        there = "best and last" if card.path.with_name("best.safetensors").exists() else "last"
        print(f"{there} weights are in {card.path.parent}")
    return 0


def _speaks() -> bool:
    """Whether this is the first of the processes that torchrun started, or the only one."""
    return os.environ.get("RANK", "0") == "0"


def _ahead(arguments: list[str]) -> tuple[str, str, list[str]]:
    """The values of --recipe and --init, and the arguments without the recipe's name. They are read first because the
    defaults of other settings depend on them."""
    parsers = [argparse.ArgumentParser(add_help=False, allow_abbrev=False) for _ in range(2)]
    parsers[0].add_argument("--recipe", default="ours")
    parsers[1].add_argument("--init", default="")
    named, rest = parsers[0].parse_known_args(arguments)
    return named.recipe, parsers[1].parse_known_args(rest)[0].init, rest


def _shipped(architecture: str) -> str:
    """The name of a checkpoint of this architecture in weights/, or an example path if there is none."""
    names = [card.name for card in list_checkpoints() if card.architecture == architecture]
    return architecture if architecture in names or not names else names[0]


def _config_of(init: str, architecture: str) -> Mapping[str, Any]:
    """The config of the checkpoint to start from; raises ValueError if it is of another architecture."""
    card = read_card(find_checkpoint(init))
    if card.architecture != architecture:
        raise ValueError(f"{card.path.name} is of {card.architecture}; start {architecture} from another --init")
    return card.config


def _report(arguments: list[str], program: str) -> int:
    """Write a report page for each run folder; report a folder that has no run and go on with the others."""
    parser = argparse.ArgumentParser(
        f"{program} report",
        description="Write report.html into each run folder: one page that needs nothing but itself.",
    )
    parser.add_argument("runs", metavar="RUN", nargs="+", help="a folder that train.py has written, such as runs/alpha")
    failed = False
    for folder in parser.parse_args(arguments).runs:
        try:
            print(f"{write_report(folder)} is written")
        except (ValueError, OSError) as error:
            print(f"{program}: {error}", file=sys.stderr)
            failed = True
    return int(failed)


def _usage(program: str, requested: bool) -> int:
    command = "python train.py" if program == "train.py" else program
    print(f"usage: {command} ARCHITECTURE --data DIR [...]\n       {command} report RUN [RUN ...]")
    print("\narchitectures:")
    for name in list_architectures():
        print(f"  {name:20} {facts(name).line}")
    print("\nrecipes (--recipe NAME):")
    for name, protocol in PROTOCOLS.items():
        print(f"  {name:20} {protocol.line}")
    print(f"\n`{command} ARCHITECTURE --help` shows every setting.")
    print(f"`{command} report RUN` makes a page, report.html, of a run that has begun or ended.")
    return 0 if requested else 2
