"""A run folder -> `RunRecord`: its settings, its log, its best weights, and what to doubt about them.

`train` writes run.json (the settings), log.jsonl (a line for every few steps and every validation), a sheet of samples
for every validation, and the best weights, whose header has their figures.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ...checkpoints.card import Card
from ...checkpoints.card_text import pictures_seen
from ...checkpoints.file import read_card
from ...colour.metrics import counted, finite, gain
from ...figures.chart import Point, number
from ..record import read_log

SPREAD = 2.2
"""Standard deviation, over photographs, of the PSNR gain over plain gray, in dB: `mobile-unet` on 150 photographs."""
TINT = 0.33
"""Colourfulness of the oracle that knows only a picture's mean colour, as a share of the truth's
(docs/networks.md)."""


class ReportError(ValueError):
    """No page can be made from a folder; the message says why in one sentence."""


@dataclass(frozen=True)
class RunRecord:
    """The contents of a run folder."""

    folder: Path
    about: Mapping[str, Any]
    """run.json: `architecture`, `config`, `parameters`, `recipe`, `run`, `environment`, `pictures`."""
    log: tuple[Point, ...] = ()
    """The lines of log.jsonl, of the kinds "step", "validation" and "end"."""
    best: Card | None = None
    """None before the first validation."""

    @cached_property
    def steps(self) -> list[Point]:
        """Every few steps: `pictures_seen`, `loss`, `rate`, ..."""
        return [line for line in self.log if line["kind"] == "step"]

    @cached_property
    def validations(self) -> list[Point]:
        """`pictures_seen`, `psnr`, `gray_psnr`, ... and, by part, `gradients`."""
        return [line for line in self.log if line["kind"] == "validation"]

    @property
    def ended(self) -> str:
        """ "finished", "early stopping" or "stopped"; "" while the run goes on, or if it was killed."""
        last = self.log[-1] if self.log else {}
        return str(last.get("why", ""))

    @property
    def seen(self) -> int:
        """Pictures seen so far, repeats counted."""
        return max([0, *(int(points[-1]["pictures_seen"]) for points in (self.steps, self.validations) if points)])

    @property
    def planned(self) -> float:
        """Pictures that the whole run will see."""
        recipe = self.about["recipe"]
        return recipe["epochs"] * self.about["pictures"]["training"] if recipe["epochs"] else recipe["pictures"]

    @property
    def seconds(self) -> float:
        """Time spent in training and validation, without pauses."""
        return max([0.0, *(float(line["seconds"]) for line in self.log if "seconds" in line)])

    @property
    def figures(self) -> Mapping[str, Any]:
        """Figures of the best weights; {} before the first validation."""
        return self.best.metrics if self.best else {}

    @property
    def best_seen(self) -> int | None:
        """Pictures seen by the best weights."""
        return pictures_seen(self.best) if self.best else None


def read_run(folder: str | Path) -> RunRecord:
    """Read a run folder. Raises ReportError if it holds no run that can be read, and CheckpointError for damaged
    weights."""
    folder = Path(folder)
    if not folder.is_dir():
        raise ReportError(f"there is no folder {folder}; name one that train.py has written, such as runs/mobile-unet")
    try:
        about = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReportError(
            f"{folder} has no run.json that can be read ({error}); name a folder that this version of train.py has "
            "written"
        ) from None
    best = folder / "best.safetensors"
    return RunRecord(folder, about, tuple(read_log(folder / "log.jsonl")), read_card(best) if best.exists() else None)


def outcome(record: RunRecord) -> str:
    """The result, or that there is none yet, and how far the run is."""
    unfinished = ""
    if record.seen < record.planned and record.ended != "early stopping":
        unfinished = f" Not finished: {record.seen:,} of {counted(record.planned, 'picture')} seen."
    figures, above = record.figures, gain(record.figures)
    if above is None:
        return f"No validation yet, so nothing can be said about its colours.{unfinished}"
    seen = counted(record.best_seen or 0, "picture")
    return (
        f"{figures['psnr']:.2f} dB on {counted(figures['pictures'], 'picture')}, {abs(above):.2f} dB "
        f"{'above' if above >= 0 else 'below'} plain gray, after {seen} seen.{unfinished}"
    )


def doubts(record: RunRecord) -> Iterator[str]:
    """Reasons to doubt the figures, or that the run went well, as sentences."""
    about, figures, above = record.about, record.figures, gain(record.figures)
    if above is not None:
        chance = 2 * SPREAD / math.sqrt(figures["pictures"])
        sure = f"{counted(figures['pictures'], 'picture')} can tell to about ±{chance:.1f} dB"
        if above <= 0:
            yield f"It is no better than plain gray by PSNR ({above:+.2f} dB; {sure})."
        elif above <= chance:
            yield f"{above:.2f} dB above plain gray may be chance; {sure}."
        if figures["delta_e"] >= figures["gray_delta_e"]:
            yield "By ΔE2000, which is nearer to the eye, it is no better than plain gray."
        yield from _about_colourfulness(figures)
    if about["run"].get("overfit"):
        yield "Validated on the training pictures themselves: this says nothing about others."
    last = record.validations[-1] if record.validations else {}
    fall = (above or 0.0) - (gain(last) or 0.0)
    if last.get("pictures") == figures.get("pictures") and fall > 0.2:
        yield f"The last weights are {fall:.2f} dB worse than the best: it has begun to get worse."
    yield from _about_loss(record)
    if last.get("dead_units", 0.0) > 0.5:
        yield f"{last['dead_units']:.0%} of its units are dead: they answer 0 to everything and learn nothing."
    if silent := [name for name, norm in last.get("gradients", {}).items() if not norm > 0]:
        yield f"No gradient reaches {', '.join(silent)}: frozen on purpose, or cut off."
    pictures = about["pictures"]
    skipped = sum(map(len, pictures["skipped"].values()))
    total = pictures["training"] + pictures["validation"] + skipped
    if skipped > 0.05 * total:
        yield f"Left out: {counted(skipped, 'picture')}, {skipped / total:.0%} of all."


def _about_colourfulness(figures: Mapping[str, Any]) -> Iterator[str]:
    truth = figures["true_colourfulness"]
    share, oracle = (figures[key] / truth if truth else math.nan for key in ("colourfulness", "mean_colourfulness"))
    if share < (oracle if oracle > 0 else TINT):
        yield (
            f"Its colours are pale, {share:.2f} of the truth's colourfulness: less than every picture's own mean "
            f"colour has ({oracle:.2f}). It may paint one tint over everything; look at the samples."
        )
    elif share > 1.2:
        yield f"It is more colourful than the truth ({share:.2f} times); look at the samples."


def _about_loss(record: RunRecord) -> Iterator[str]:
    losses = [number(point.get("loss")) for point in record.steps]
    known = [loss for loss in losses if finite(loss) is not None]
    if len(known) < len(losses):
        yield f"The loss is not a number in {len(losses) - len(known)} of {len(losses)} lines of the log."
    some = max(1, len(known) // 10)
    first, last = (statistics.median(part) if part else math.nan for part in (known[:some], known[-some:]))
    if len(known) > 1 and last >= first:
        yield f"The loss did not fall: {first:.4g} at first, {last:.4g} at last."
