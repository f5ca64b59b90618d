"""The cost of a forward pass of every network, and of several ways to run the flagship."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.common import EXAMPLES, Measured, faster
from colorizer import build, list_architectures, open_photo
from colorizer.checkpoints.card import WEIGHTS
from colorizer.checkpoints.file import find_checkpoint, load_checkpoint
from colorizer.checkpoints.onnx import Answer
from colorizer.colour.whole_photo import lightness
from colorizer.evaluation.comparison import (
    FLAGSHIP,
    SIDE,
    count_macs,
    example_input,
    markdown,
    time_alternately,
    whole_pass,
)
from colorizer.inference.folding import folded
from colorizer.runtime.threads import steady

from .ways import PLAIN, Pass, ways

LARGEST = "siggraph17"


def measure(rounds: int = 30, weights: Path = WEIGHTS) -> Measured:
    """The cost of a forward pass of every network, and of several ways to run the flagship.

    All alternate, a few dozen times, and medians of the ratios are compared, so that other work on the machine disturbs
    all equally. Networks are untrained if only time is measured, since the values of weights do not affect it. If a
    package or a compiler is missing, the row says so.
    """
    photographs = [as_fed(path) for path in sorted(EXAMPLES.glob("*.jpg"))]
    with steady(), torch.no_grad():
        networks = every_network(list_architectures(), rounds)
        return Measured((networks, every_way(find_checkpoint(FLAGSHIP, weights), photographs, rounds)))


def every_network(names: Sequence[str], rounds: int) -> str:
    """A Markdown table of architectures with default settings, fastest first, compared with `LARGEST`."""
    networks = {name: build(name).eval() for name in {*names, LARGEST}}
    passes: dict[tuple[str, bool], Callable[[], object]] = {}
    for name, network in networks.items():
        L = example_input(network)
        passes |= {
            (name, False): partial(whole_pass, network, L),
            (name, True): partial(whole_pass, folded(network), L),
        }
    seconds = time_alternately(passes, rounds, warm=True)
    rows = []
    for name in sorted(names, key=lambda name: statistics.median(seconds[name, True])):
        parameters = sum(each.numel() for each in networks[name].parameters()) / 1e6
        rows.append((
            f"`{name}`", f"{parameters:.2f} M", f"{count_macs(networks[name]) / 1e9:.2f} G",
            f"{1000 * statistics.median(seconds[name, True]):.1f} ms",
            faster(seconds[name, False], seconds[name, True], 2),
            faster(seconds[LARGEST, True], seconds[name, True], 1),
            faster(seconds[LARGEST, False], seconds[name, True], 1),
        ))  # fmt: skip
    beside = (f"faster than `{LARGEST}`", f"than `{LARGEST}` unfolded")
    return markdown(("network", "parameters", "MACs", "a pass", "faster than unfolded", *beside), rows)


def every_way(checkpoint: Path, photographs: Sequence[Tensor], rounds: int) -> str:
    """A Markdown table of ways to run a checkpoint with its readout: time, startup time, and change of the result.

    photographs: L (1, 1, H, W), all of one size; quantization learns from every second one, and results are compared on
    the others.
    """
    network, card = load_checkpoint(checkpoint)
    answer = Answer(network, card).eval()
    asked = photographs[1::2]
    passes: dict[str, Pass] = {}
    rows: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, way in ways(answer, photographs[::2], Path(folder)).items():
            try:
                way.once()
                begun = time.perf_counter()
                passes[name] = way.make()
                passes[name](asked[0])
                start = time.perf_counter() - begun
            except Exception as error:  # a missing package or compiler: compare the others
                passes.pop(name, None)
                rows[name] = [f"not here: {type(error).__name__}", "", "", ""]
                continue
            differences = torch.cat([(passes[name](L) - answer(L)).abs().flatten() for L in asked])
            rows[name] = [f"{start:.2f} s", f"{differences.mean():.3f}", f"{differences.max():.2f}"]
        seconds = time_alternately({name: partial(run, asked[0]) for name, run in passes.items()}, rounds, warm=True)
    for name in passes:
        rows[name].insert(0, faster(seconds[PLAIN], seconds[name], 2))
    columns = ("way", "faster", "until its first answer", "ab differs, Lab units", "at most")
    return markdown(columns, [(name, *cells) for name, cells in rows.items()])


def as_fed(path: Path) -> Tensor:
    """L of a photograph as a square of `SIDE`: float32 (1, 1, SIDE, SIDE)."""
    L = lightness(open_photo(path))[None, None]
    return F.interpolate(L, (SIDE, SIDE), mode="bilinear", antialias=True)
