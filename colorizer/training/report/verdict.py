"""How a run went, in one sentence, and reasons to trust its figures or not."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Literal

from colorizer.figures.chart import number

from .record import RunRecord, gain
from .table import best_figures, last_figures

SPREAD = 2.2
"""Standard deviation, over photographs, of the PSNR gain over plain gray, in dB: `mobile-unet` on 150 photographs."""
TINT = 0.33
"""Colourfulness of the oracle that knows only a picture's mean colour, as a share of the truth's
(docs/networks.md)."""

Level = Literal["good", "doubt", "bad", "open"]


@dataclass(frozen=True)
class Check:
    """One reason to trust a run or not; "open" means that the run does not tell."""

    level: Level
    text: str


def outcome(record: RunRecord) -> str:
    """The result, or that there is none yet, and how far the run is."""
    figures = best_figures(record)
    above = gain(figures)
    unfinished = ""
    if record.seen < record.planned and record.ended != "early stopping":
        unfinished = f". Not finished: {record.seen:,} of {record.planned:,.0f} pictures seen"
    if above == -math.inf:
        return f"No validation yet, so nothing can be said about its colours{unfinished}."
    pictures = number(figures.get("pictures"))
    best_at = record.best_seen or 0
    where = "at its end" if best_at >= record.seen else f"at {best_at:,}"
    return (
        f"{figures['psnr']:.2f} dB{f' on {pictures:,.0f} pictures' if pictures > 0 else ''}, "
        f"{abs(above):.2f} dB {'above' if above >= 0 else 'below'} plain gray, after {record.seen:,} pictures seen; "
        f"best {where}{unfinished}."
    )


def checks_of(record: RunRecord) -> list[Check]:
    """Reasons to trust the figures or not, doubts first."""
    checks = [
        _state(record), *_about_figures(record), *_about_validation(record), *_about_learning(record),
        *_about_network(record), *_about_data(record), *(Check("doubt", problem) for problem in record.problems),
    ]  # fmt: skip
    return sorted(checks, key=lambda check: ("bad", "doubt", "open", "good").index(check.level))


def _state(record: RunRecord) -> Check:
    planned, seen = record.planned, record.seen
    if math.isnan(planned):
        return Check("open", f"It has seen {seen:,} pictures; how many were planned is not recorded.")
    if seen >= planned:
        return Check("good", f"It ran to its end: all of {planned:,.0f} pictures seen.")
    if record.ended == "early stopping":
        return Check("good", f"It stopped early, at {seen:,} of {planned:,.0f} pictures, as asked: it got no better.")
    written = datetime.fromtimestamp(record.written, timezone.utc)
    now = "stopped before its end" if record.ended else "still running, or killed"
    text = f"It is at {seen / planned:.0%}: {now}. It last wrote at {written:%Y-%m-%d %H:%M} UTC."
    if record.recipe.get("schedule") in ("one-cycle", "cosine"):
        text += " Its learning rate has not come down yet."
    return Check("doubt", text)


def _about_figures(record: RunRecord) -> Iterator[Check]:
    figures = best_figures(record)
    above, pictures = gain(figures), number(figures.get("pictures"))
    if above == -math.inf:
        yield Check("open", "It has not been validated yet.")
        return
    chance = 2 * SPREAD / math.sqrt(pictures) if pictures > 0 else math.nan
    sure = f"; {pictures:,.0f} pictures tell to about ±{chance:.1f} dB" if chance > 0 else ""
    if above <= 0:
        yield Check("bad", f"It is no better than plain gray by PSNR ({above:+.2f} dB{sure}).")
    elif above <= chance:
        yield Check("doubt", f"{above:.2f} dB above plain gray may be chance{sure}.")
    else:
        yield Check("good", f"It is {above:.2f} dB above plain gray{sure}.")
    if number(figures.get("delta_e")) >= number(figures.get("gray_delta_e")):
        yield Check("doubt", "By ΔE2000, which is nearer to the eye, it is no better than plain gray.")
    truth = number(figures.get("true_colourfulness"))
    share = number(figures.get("colourfulness")) / truth if truth > 0 else math.nan
    oracle = number(figures.get("mean_colourfulness")) / truth if truth > 0 else math.nan
    oracle = TINT if math.isnan(oracle) else oracle
    if share < oracle:
        yield Check(
            "doubt",
            f"Its colours are pale, {share:.2f} of the truth's colourfulness: less than every picture's own mean "
            f"colour has ({oracle:.2f}). It may paint one tint over everything; look at the samples.",
        )
    elif share > 1.2:
        yield Check("doubt", f"It is more colourful than the truth ({share:.2f} times); look at the samples.")
    elif share >= oracle:
        yield Check("good", f"It has {share:.2f} of the truth's colourfulness, more than one tint a picture would.")


def _about_validation(record: RunRecord) -> Iterator[Check]:
    if record.run.get("overfit"):
        yield Check("doubt", "Validated on the training pictures themselves: this says nothing about others.")
    elif not record.run:
        yield Check("open", "Which pictures it was validated on is not recorded.")
    elif record.run.get("validation"):
        yield Check("good", "Validated on a set of its own, whose names are not among the training pictures'.")
    else:
        share = number(record.recipe.get("held_out"))
        part = f"{share:.0%}" if share > 0 else "some"
        yield Check("good", f"Validated on {part} of its pictures, which it did not learn from.")
    best, last = best_figures(record), last_figures(record)
    fall = gain(best) - gain(last) if best and last and best.get("pictures") == last.get("pictures") else 0.0
    if fall > 0.2:
        yield Check("doubt", f"The last weights are {fall:.2f} dB worse than the best: it has begun to get worse.")


def _about_learning(record: RunRecord) -> Iterator[Check]:
    points = record.steps if len(record.steps) > 1 else record.validations
    losses = [number(point.get("loss")) for point in points if "loss" in point]
    finite = [loss for loss in losses if math.isfinite(loss)]
    if len(finite) < len(losses):
        yield Check(
            "bad", f"The loss is not a number in {len(losses) - len(finite)} of {len(losses)} lines of the log."
        )
    if len(finite) > 1:
        some = max(1, len(finite) // 10)
        first, last = statistics.median(finite[:some]), statistics.median(finite[-some:])
        if last < first:
            yield Check("good", f"The loss fell from {first:.4g} to {last:.4g}.")
        else:
            yield Check("bad", f"The loss did not fall: {first:.4g} at first, {last:.4g} at last.")
    clip = number(record.recipe.get("clip"))
    norms = [number(point.get("gradient_norm")) for point in record.steps if "gradient_norm" in point]
    if len(norms) >= 20 and clip > 0:  # the first steps of any run have large gradients
        cut = sum(norm > clip for norm in norms) / len(norms)
        if cut > 0.9:
            yield Check("doubt", f"{cut:.0%} of the gradients noted were cut to the norm {clip:g}.")
    if record.repeats:
        yield Check(
            "good", f"It went on from a saved state {_times(record.repeats)} after a stop, repeating some steps."
        )


def _about_network(record: RunRecord) -> Iterator[Check]:
    dead = _latest(record.validations, "dead_units")
    if dead > 0.5:
        yield Check("doubt", f"{dead:.0%} of its units are dead: they answer 0 to everything and learn nothing.")
    elif dead >= 0:
        yield Check("good", f"{dead:.0%} of its units are dead.")
    gradients = record.validations[-1].get("gradients") if record.validations else None
    silent = [name for name, norm in gradients.items() if not number(norm) > 0] if isinstance(gradients, dict) else []
    if silent:
        yield Check("doubt", f"No gradient reaches {', '.join(silent)}: frozen on purpose, or cut off.")


def _about_data(record: RunRecord) -> Iterator[Check]:
    skipped = sum(len(names) for names in skipped_of(record).values())
    total = number(record.pictures.get("training")) + number(record.pictures.get("validation"))
    if skipped > 0.05 * (total + skipped):
        yield Check("doubt", f"{skipped:,} pictures, {skipped / (total + skipped):.0%} of all, were left out.")
    commit = record.environment.get("commit") or (record.last.commit if record.last else "")
    if not commit:
        yield Check("open", "The commit of the code is not recorded, so another version may give other figures.")


def skipped_of(record: RunRecord) -> dict[str, list[str]]:
    """Names of pictures that were left out, by reason."""
    skipped = record.pictures.get("skipped")
    reasons = skipped.items() if isinstance(skipped, dict) else ()
    return {str(reason): [str(name) for name in names] for reason, names in reasons if isinstance(names, list)}


def _latest(points: Sequence[Mapping[str, Any]], name: str) -> float:
    return next((number(point[name]) for point in reversed(points) if name in point), math.nan)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
