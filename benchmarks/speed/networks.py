"""The cost of a forward pass of every network."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from functools import partial

import torch

from benchmarks.common import faster
from colorizer import build, list_architectures
from colorizer.evaluation.comparison import (
    count_macs,
    example_input,
    markdown,
    time_alternately,
    whole_pass,
)
from colorizer.inference.folding import folded
from colorizer.runtime.threads import steady

LARGEST = "siggraph17"


def measure(rounds: int = 30) -> str:
    """The cost of a forward pass of every network.

    All alternate, a few dozen times, and medians of the ratios are compared, so that other work on the machine disturbs
    all equally. Networks are untrained, since the values of weights do not affect the time.
    """
    with steady(), torch.no_grad():
        return every_network(list_architectures(), rounds)


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
