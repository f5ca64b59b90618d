"""Compares all checkpoints in one table and one contact sheet."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import torch
from PIL import Image
from torch.utils.flop_counter import FlopCounterMode

from ..architectures.contract import Architecture
from ..architectures.registry import build
from ..checkpoints.card import Card
from ..checkpoints.card_text import pictures_seen
from ..colour.metrics import cells, counted, evaluate, headings, reference
from ..figures.sheets import contact_sheet
from ..inference.colorizer import Colorizer
from ..inference.folding import folded
from ..runtime.threads import steady

SIDE = 256
"""Side in pixels of the square on which cost is counted and timed; a network with a fixed size uses its own."""
YARDSTICK = "resnet18-decoder"
Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class Row:
    """One checkpoint's row."""

    card: Card
    macs: float
    """Multiply-add pairs of one forward pass."""
    time: float
    """Time of one forward pass, as a ratio to `YARDSTICK`'s."""
    metrics: Mapping[str, float]

    @property
    def seen(self) -> int:
        """Pictures seen in training."""
        return pictures_seen(self.card) or 0


def compare_all(
    cards: Sequence[Card],
    photos: Sequence[Image.Image],
    *,
    progress: Callable[[Sequence[Image.Image], str], Any] = lambda photos, _: photos,
) -> list[Row]:
    """Measure every checkpoint on the same photographs; best first. progress: wraps the photographs, given a name."""
    references = [reference(photo) for photo in progress(photos, "plain gray")]
    rows = []
    for card in cards:
        colorizer = Colorizer.from_checkpoint(card.path, device="cpu")
        metrics = evaluate(partial(_coloured, colorizer), progress(photos, card.name), references)
        network = colorizer.architecture
        rows.append(Row(card, count_macs(network), relative_time(network), metrics))
    return sorted(rows, key=lambda row: -row.metrics["psnr"])


def _coloured(colorizer: Colorizer, photo: Image.Image) -> Image.Image:
    return colorizer.colorize(photo).image


def example_input(network: Architecture) -> torch.Tensor:
    """L on which cost is counted and timed: float32 (1, 1, H, W), a square of `SIDE` or the network's own size."""
    side = network.working_size if network.fixed_size else SIDE
    return torch.rand(1, 1, side, side, generator=torch.Generator().manual_seed(0)) * 100


def whole_pass(network: Architecture, L: torch.Tensor) -> None:
    """Compute all that `faithful` needs of a network, also what a network puts off."""
    network.ready(network(L))


def count_macs(network: Architecture) -> float:
    """Multiply-accumulates of one forward pass at 256 x 256, or at the only size that a network takes."""
    counter = FlopCounterMode(display=False)
    with torch.inference_mode(), counter:
        whole_pass(network, example_input(network))
    return counter.get_total_flops() / 2


def relative_time(network: Architecture, repeats: int = 7) -> float:
    """Time of a forward pass divided by the yardstick's, both as `Colorizer` runs them on a CPU: the median of
    alternating measurements."""
    subjects = [folded(each) for each in (network, build(YARDSTICK).eval())]
    with steady(), torch.inference_mode():
        seconds = time_alternately(
            {i: partial(whole_pass, each, example_input(each)) for i, each in enumerate(subjects)}, repeats
        )
    return times(seconds[0], seconds[1])


def time_alternately(
    passes: Mapping[Name, Callable[[], object]], rounds: int, *, warm: bool = False
) -> dict[Name, list[float]]:
    """Seconds of each pass in each round, after one uncounted round that allocates memory. warm: run each pass once
    before timing it, because a large network evicts a small one's weights from the caches."""
    seconds: dict[Name, list[float]] = {name: [] for name in passes}
    for number in range(rounds + 1):
        for name, run in passes.items():
            if warm:
                run()
            start = time.perf_counter()
            run()
            if number:
                seconds[name].append(time.perf_counter() - start)
    return seconds


def times(longer: Sequence[float], shorter: Sequence[float]) -> float:
    """How many times as long the longer one takes: the median over rounds of `time_alternately`."""
    return statistics.median(a / b for a, b in zip(longer, shorter, strict=True))


COST = ("checkpoint", "pictures seen", "parameters", "MACs", "time")
"""The first columns; the columns of `metrics.FIGURES` follow."""
ORACLE, GRAY = "*oracle: the picture's own mean colour*", "*plain gray*"


def table(rows: Sequence[Row]) -> str:
    """Markdown, best first, with two rows for comparison: the single-tint oracle, and plain gray."""
    first = rows[0].metrics
    lines = [[*_cost(row), *cells(row.metrics)] for row in rows]
    for name, whose in ((ORACLE, "mean_"), (GRAY, "gray_")):
        lines.append([name, *[""] * (len(COST) - 1), *cells(first, whose)])
    photographs = counted(first["pictures"], "photograph")
    notes = [
        f"{photographs} at 256 × 256; PSNR is the mean over pictures, in RGB; colourfulness is",
        f"relative to the truth. MACs and time are of one forward pass at {SIDE} × {SIDE} (at its own size for a",
        f"network that has one), time on a CPU, as `Colorizer` runs it, relative to `{YARDSTICK}`. Parameters are",
        "the trainable ones.",
    ]
    return "\n".join([markdown([*COST, *headings()], lines), "", *notes])


def markdown(columns: Sequence[str], cells: Iterable[Sequence[str]]) -> str:
    """A table with a left-aligned first column; the others are right-aligned."""
    lines = [columns, [":--", *["--:"] * (len(columns) - 1)], *cells]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cost(row: Row) -> list[str]:
    parameters, macs = row.card.parameters / 1e6, row.macs / 1e9
    return [f"`{row.card.name}`", f"{row.seen:,}", f"{parameters:.2f} M", f"{macs:.2f} G", f"{row.time:.2f}"]


def sheet(cards: Sequence[Card], photos: Mapping[str, Image.Image], height: int = 110) -> Image.Image:
    """One row per photograph; columns are gray, each checkpoint in the given order, and the original."""
    colorizers = [Colorizer.from_checkpoint(card.path, device="cpu") for card in cards]
    rows = []
    for name, photo in photos.items():
        results = [colorizer.colorize(photo) for colorizer in colorizers]
        rows.append((name, [results[0].grayscale, *(result.image for result in results), photo]))
    return contact_sheet(rows, ["gray", *(card.name for card in cards), "original"], height)
