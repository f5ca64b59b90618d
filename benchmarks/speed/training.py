"""Whether the data loader is fast enough for learning."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import cycle, islice

import torch
import tyro
from torch import Tensor

from benchmarks.common import Measured, say, timed
from colorizer import build, list_architectures, list_checkpoints
from colorizer.data.crops import Crops, batches
from colorizer.data.files import Picture, find_pictures
from colorizer.data.packed import Packed, pack, side_for
from colorizer.data.schedule import Schedule
from colorizer.training import Run
from colorizer.training.learner import Learner
from colorizer.training.processes import start
from colorizer.training.protocols import recipe_for
from colorizer.training.recipes import Recipe

Batch = tuple[Tensor, Tensor]


def stepper(name: str, config: dict, recipe: Recipe) -> Callable[[Batch], None]:
    """A function that learns from one batch like `train.py`."""
    torch.manual_seed(0)
    run = Run(data=(), trackers=())
    learner = Learner(build(name, **config), recipe, start(recipe, run, run.folder(name)))

    def step(batch: Batch) -> None:
        learner.step(*batch, number=0, rate=1e-6)

    return step


def rates(
    pictures: Packed | list[Picture], recipe: Recipe, step: Callable[[Batch], None], seconds: float, workers: int
) -> tuple[float, float, float]:
    """Pictures per second of loader, step and both: medians of three rounds with the same batches."""

    def loader() -> Iterator[Batch]:
        crops = Crops(pictures, recipe.seed, recipe.smallest_crop)
        return batches(crops, Schedule(len(crops), recipe.batch, recipe.sizes, recipe.seed), workers)

    made = list(islice(loader(), 4))
    step(made[0])
    count = 4 * max(1, round(seconds / 4 / duration(step, made[:1])))
    some = list(islice(loader(), count))
    measured = []
    for _ in range(3):
        alone = max(count, 60)  # with only a few batches, waiting for the first one would dominate
        times = duration(lambda batch: None, islice(loader(), alone)) / alone, duration(step, some) / count
        measured.append((*times, duration(step, islice(loader(), count)) / count))
    loading, stepping, together = (recipe.batch / statistics.median(times) for times in zip(*measured, strict=True))
    return loading, stepping, together


def duration(work: Callable[[Batch], None], found: Iterable[Batch]) -> float:
    """Seconds that `work` takes for all batches found."""
    return timed(lambda: [work(batch) for batch in found])


def measure(
    architectures: tyro.conf.Positional[tuple[str, ...]] = (),
    data: tuple[str, ...] = ("examples",),
    pictures: int = 1000,
    decode: bool = False,
    workers: int | None = None,
    seconds: float = 2.0,
) -> Measured:
    """Whether the data loader is fast enough.

    Measures pictures per second of the loader alone, of the training step alone, and of both together, for every
    architecture with its shipped recipe and size, or for some. The ratios, taken in one run, are what counts: a loader
    slower than the step would hold it up, and `both` far below the slower one would mean that they do not overlap. The
    exit code is 1 if a loader is slower than its step. data: folders, .tar or .zip files of photographs. pictures: how
    many of them, repeated if need be. decode: decode pictures every time, in a process of its own. workers: threads, or
    processes with `decode`. seconds: for each figure of a round.
    """
    workers = int(decode) if workers is None else workers
    found = find_pictures(data)
    some = list(islice(cycle(found[:: max(1, len(found) // pictures)]), pictures))
    shipped = {card.architecture: card.config for card in reversed(list_checkpoints()) if not card.error}
    slower = []
    lines = [
        f"{pictures} pictures, {torch.get_num_threads()} threads for the step; pictures a second:",
        f"{'':20}{'size':>5}{'batch':>6}{'loader':>9}{'step':>9}{'both':>9}{'loader/step':>13}{'both/slower':>13}",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for name in architectures or list_architectures():
            recipe, _ = recipe_for(name)
            step = stepper(name, shipped.get(name, {}), recipe)
            side = side_for(recipe.sizes, recipe.smallest_crop)
            source = some if decode else pack(some, side, folder, say=lambda line: None)
            loader, alone, both = rates(source, recipe, step, seconds, workers)
            lines.append(
                f"{name:20}{max(recipe.sizes):5}{recipe.batch:6}{loader:9.0f}{alone:9.1f}{both:9.1f}"
                f"{loader / alone:13.2f}{both / min(loader, alone):13.2f}"
            )
            say(name)
            slower += [name] * (loader < alone)
    if slower:
        lines.append(f"The loader is the slower half for {', '.join(slower)}.")
    return Measured(("\n".join(lines),), not slower)
