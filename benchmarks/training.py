"""Is the data loader fast enough? `make benchmark-training PHOTOS=DIR`.

Measures pictures per second of the loader alone, of the training step alone, and of both together, for every
architecture with its shipped recipe and size. The ratios, taken in one run, are what counts: a loader slower than the
step would hold it up, and `both` far below the slower one would mean that they do not overlap. Exits with 1 if a loader
is slower than its step.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice

import torch
from torch import Tensor

from colorizer import build, list_architectures, list_checkpoints
from colorizer.data.crops import Crops, batches
from colorizer.data.files import Picture, find_pictures
from colorizer.data.packed import Packed, pack, side_for
from colorizer.data.schedule import Schedule
from colorizer.training import Run
from colorizer.training.network.learner import Learner
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


def duration(work: Callable[[Batch], None], found) -> float:
    """Seconds that `work` takes for all batches found."""
    started = time.perf_counter()
    for batch in found:
        work(batch)
    return time.perf_counter() - started


def main() -> int:
    """Print the table; returns 1 if a loader is slower than its step."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("architectures", nargs="*", help="which ones (default: all)")
    parser.add_argument("--data", nargs="+", default=["examples"], help="folders, .tar or .zip files of photographs")
    parser.add_argument("--pictures", type=int, default=1000, help="how many of them, repeated if need be")
    parser.add_argument("--decode", action="store_true", help="decode pictures every time, in a process of its own")
    parser.add_argument("--workers", type=int, help="threads, or processes with --decode")
    parser.add_argument("--seconds", type=float, default=2.0, help="for each figure of a round")
    options = parser.parse_args()
    workers = options.workers if options.workers is not None else int(options.decode)
    found = find_pictures(options.data)
    some = list(islice(cycle(found[:: max(1, len(found) // options.pictures)]), options.pictures))
    shipped = {card.architecture: card.config for card in reversed(list_checkpoints()) if not card.error}
    slower = []
    print(f"{options.pictures} pictures, {torch.get_num_threads()} threads for the step; pictures a second:")
    print(f"{'':20}{'size':>5}{'batch':>6}{'loader':>9}{'step':>9}{'both':>9}{'loader/step':>13}{'both/slower':>13}")
    with tempfile.TemporaryDirectory() as folder:
        for name in options.architectures or list_architectures():
            recipe, _ = recipe_for(name)
            step = stepper(name, shipped.get(name, {}), recipe)
            side = side_for(recipe.sizes, recipe.smallest_crop)
            source = some if options.decode else pack(some, side, folder, say=lambda line: None)
            loader, alone, both = rates(source, recipe, step, options.seconds, workers)
            print(
                f"{name:20}{max(recipe.sizes):5}{recipe.batch:6}{loader:9.0f}{alone:9.1f}{both:9.1f}"
                f"{loader / alone:13.2f}{both / min(loader, alone):13.2f}",
                flush=True,
            )
            slower += [name] * (loader < alone)
    if slower:
        print(f"The loader is the slower half for {', '.join(slower)}.")
    return bool(slower)


if __name__ == "__main__":
    raise SystemExit(main())
