"""A run's settings -> the shortest command line that repeats the run."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from colorizer.architectures.registry import architecture_class, list_architectures

from ..protocols import PROTOCOLS, recipe_for
from ..recipes import Recipe
from .record import RunRecord


def defaults_of(
    architecture: str, recipe: Mapping[str, Any], started: bool = True
) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The named recipe nearest to `recipe`, its settings, and the architecture's config with that recipe.

    started: whether the run began from a checkpoint, as fine-tuning and a finish must.

    Raises ValueError for an unknown architecture.
    """
    if architecture not in list_architectures():
        raise ValueError(f"there is no architecture {architecture!r} here")
    fitting = [name for name, it in PROTOCOLS.items() if {architecture, ""} & set(it.recipes)]
    if not started:
        fitting = [name for name in fitting if name not in ("fine-tune", "finish")]
    settings = {name: asdict(recipe_for(architecture, name)[0]) for name in fitting}
    nearest = min(fitting, key=lambda name: len(changed(recipe, settings[name])))
    config = recipe_for(architecture, nearest)[1]
    return nearest, settings[nearest], asdict(architecture_class(architecture).Config(**config))


def changed(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Those of `values` that are settings and differ from their defaults; JSON turned tuples into lists."""

    def plain(value: Any) -> Any:
        return list(value) if isinstance(value, (list, tuple)) else value

    return {
        name: values[name]
        for name, default in defaults.items()
        if values.get(name) is not None and plain(values[name]) != plain(default)
    }


def repeat_command(record: RunRecord, run_defaults: Mapping[str, Any]) -> str:
    """A shell command with one setting per line, for the settings that differ from the defaults.

    run_defaults: the default of every field of `training.Run` that has one. The new run gets its own folder, because
    the same folder would resume the old run. If the data is not recorded, DIR stands for it. Raises ValueError for an
    unknown architecture.
    """
    protocol, recipe, config = defaults_of(record.architecture, record.recipe, bool(record.run.get("init")))
    known = {name: default for name, default in run_defaults.items() if name != "out"}
    settings = {
        **changed(record.run, known),
        **changed(record.recipe, recipe),
        **changed(record.config, config),
    }
    out = record.run.get("out") or f"runs/{record.architecture}"
    lines = [["python", "train.py", record.architecture], _flag("data", record.run.get("data") or ["DIR"])]
    lines += [["--recipe", protocol]] if protocol != next(iter(PROTOCOLS)) else []
    lines += [_flag(name, value) for name, value in settings.items()] + [_flag("out", f"{out}-again")]
    return " \\\n  ".join(shlex.join(line) for line in lines)


def _flag(name: str, value: Any) -> list[str]:
    flag = f"--{name.replace('_', '-')}"
    if isinstance(value, bool):
        return [flag if value else f"--no-{name.replace('_', '-')}"]
    if isinstance(value, (list, tuple)):
        return [flag, *(f"./{item}" if str(item).startswith("-") else str(item) for item in value)]
    return [f"{flag}={value}"] if str(value).startswith("-") else [flag, str(value)]


def unknown_settings(record: RunRecord) -> list[str]:
    """Names in the run's recipe that are not settings in this version of the code."""
    return sorted(set(record.recipe) - set(asdict(Recipe())))
