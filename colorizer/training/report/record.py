"""A run folder -> `RunRecord`: everything readable in it, even if files are missing, cut short or from older versions.

`train` writes run.json (the settings), log.jsonl (a line for every few steps and every validation), a sheet of samples
for every validation, and two checkpoints. Their headers hold the history, which older runs store nowhere else.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from colorizer.checkpoints.card import Card
from colorizer.checkpoints.file import read_card
from colorizer.errors import CheckpointError
from colorizer.figures.chart import Point, number


class ReportError(ValueError):
    """No page can be made from a folder; the message says why in one sentence."""


@dataclass(frozen=True)
class RunRecord:
    """The contents of a run folder. Empty mappings, empty tuples and None stand for what is missing."""

    folder: Path
    architecture: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    recipe: Mapping[str, Any] = field(default_factory=dict)
    run: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    pictures: Mapping[str, Any] = field(default_factory=dict)
    parameters: float = math.nan
    steps: tuple[Point, ...] = ()
    """Every few steps: `pictures_seen`, `loss`, `rate`, ... in the order of pictures seen."""
    validations: tuple[Point, ...] = ()
    """`pictures_seen`, `psnr`, `gray_psnr`, ... and, by part, `gradients` and `updates`, in the order of pictures seen;
    for older runs from the checkpoints."""
    best: Card | None = None
    last: Card | None = None
    sheets: tuple[tuple[int, Path], ...] = ()
    """Pictures seen so far, and the sheet of samples made then."""
    repeats: int = 0
    """How often the log goes back: after a crash, a run repeats the steps since the last state."""
    ended: str = ""
    """"finished", "early stopping" or "stopped"; "" while the run goes on, or if it was killed."""
    problems: tuple[str, ...] = ()
    """One sentence for everything that could not be read."""
    written: float = 0.0
    """When the newest of the run's files was written, in seconds since 1970."""

    @cached_property
    def seen(self) -> int:
        """Pictures seen so far, repeats counted."""
        points = [*self.steps[-1:], *self.validations[-1:]]
        return max([0, *(int(point["pictures_seen"]) for point in points), *(seen for seen, _ in self.sheets[-1:])])

    @property
    def planned(self) -> float:
        """Pictures that the whole run will see; NaN if not recorded."""
        epochs = number(self.recipe.get("epochs", 0.0))
        if epochs > 0:
            return epochs * number(self.pictures.get("training"))
        return number(self.recipe.get("pictures"))

    @property
    def seconds(self) -> float:
        """Time spent training, computed from the speeds in the log, without pauses; NaN without a log."""
        total, before = math.nan, 0.0
        for point in self.steps:
            speed = number(point.get("pictures_per_second"))
            if speed > 0:
                total = (0.0 if math.isnan(total) else total) + (point["pictures_seen"] - before) / speed
            before = point["pictures_seen"]
        return total

    @property
    def best_validation(self) -> Point | None:
        """The validation with the largest gain over plain gray."""
        return max(self.validations, key=gain, default=None) if self.validations else None

    @property
    def best_seen(self) -> int | None:
        """Pictures seen by the best weights."""
        if self.best and self.best.history:
            return int(number(self.best.history[-1].get("pictures_seen", 0)))
        return int(self.best_validation["pictures_seen"]) if self.best_validation else None


def gain(point: Point) -> float:
    """PSNR gain over plain gray, in dB; minus infinity if not measured, so that it is never the best."""
    value = number(point.get("psnr")) - number(point.get("gray_psnr"))
    return -math.inf if math.isnan(value) else value


def read_run(folder: str | Path) -> RunRecord:
    """Read everything readable in a run folder; raises ReportError if it holds no part of a run."""
    folder = Path(folder)
    if not folder.is_dir():
        raise ReportError(f"there is no folder {folder}; name one that train.py has written, such as runs/mobile-unet")
    problems: list[str] = []
    noted = _noted(folder, problems)
    steps, validations, repeats, ended = _log(folder, problems)
    best, last = (_card(folder / f"{name}.safetensors", problems) for name in ("best", "last"))
    sheets = tuple(
        sorted(
            (int(match[1]), path)
            for path in folder.glob("samples-*.png")
            if (match := re.fullmatch(r"samples-(\d+)\.png", path.name))
        )
    )
    if not (noted or steps or validations or best or last or sheets):
        raise ReportError(f"{folder} holds nothing that train.py has written; name the folder of a run")
    card = last or best or Card(name="", path=folder)
    return RunRecord(
        folder=folder,
        architecture=str(noted.get("architecture") or card.architecture),
        config=_mapping(noted.get("config")) or card.config,
        recipe=_mapping(noted.get("recipe")) or card.recipe,
        run=_mapping(noted.get("run")),
        environment=_mapping(noted.get("environment")),
        pictures=_mapping(noted.get("pictures")),
        parameters=number(noted.get("parameters") or card.parameters or None),
        steps=steps,
        validations=_with_history(validations, card.history),
        best=best,
        last=last,
        sheets=sheets,
        repeats=repeats,
        ended=ended,
        problems=tuple(problems),
        written=max(path.stat().st_mtime for path in folder.iterdir() if path.name != "report.html"),
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _noted(folder: Path, problems: list[str]) -> Mapping[str, Any]:
    """run.json."""
    path = folder / "run.json"
    if not path.exists():
        return {}
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        problems.append(f"run.json cannot be read ({error}); settings come from the checkpoints.")
        return {}
    return _mapping(noted)


def _log(folder: Path, problems: list[str]) -> tuple[tuple[Point, ...], tuple[Point, ...], int, str]:
    """Steps and validations of log.jsonl, how often it goes back, and why it ended ("" if it has not).
    Later lines replace earlier ones."""
    path = folder / "log.jsonl"
    kinds: dict[str, list[Point]] = {"step": [], "validation": []}
    lost = repeats = 0
    ended = ""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    for line in filter(str.strip, lines):
        try:
            point = _mapping(json.loads(line))
        except ValueError:
            point = {}
        ended = str(point.get("why", "")) if point.get("kind") == "end" else ""
        if ended:
            continue
        seen = number(point.get("pictures_seen"))
        if point.get("kind") not in kinds or not math.isfinite(seen):
            lost += 1
            continue
        repeats += any(points and seen < points[-1]["pictures_seen"] for points in kinds.values())
        for kind, points in kinds.items():
            # A step and the validation after it have seen the same pictures; a line replaces only one of its own kind.
            while points and (
                points[-1]["pictures_seen"] > seen or (kind == point["kind"] and points[-1]["pictures_seen"] == seen)
            ):
                points.pop()
        kinds[point["kind"]].append(point)
    if lost:
        problems.append(f"{lost} of the {len(lines)} lines of log.jsonl cannot be read and are left out.")
    return tuple(kinds["step"]), tuple(kinds["validation"]), repeats, ended


def _card(path: Path, problems: list[str]) -> Card | None:
    if not path.exists():
        return None
    try:
        return read_card(path)
    except CheckpointError as error:
        problems.append(str(error))
        return None


def _with_history(validations: Sequence[Point], history: Sequence[Point]) -> tuple[Point, ...]:
    """The log's validations, preceded by those that only a checkpoint's header holds."""
    first = validations[0]["pictures_seen"] if validations else math.inf
    earlier = [point for point in history if number(point.get("pictures_seen")) < first]
    return (*earlier, *validations)
