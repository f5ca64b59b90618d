"""A folder of photographs, one by one and several at once."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.common import faster, flagship, photograph
from colorizer import Colorizer
from colorizer.albums.engine import run_jobs
from colorizer.albums.plan import Job
from colorizer.albums.work import Work
from colorizer.evaluation.comparison import markdown, time_alternately

KINDS = (
    ("1 MP to JPEG", 1, "jpg", 24),
    ("1 MP to PNG", 1, "png", 24),
    ("12 MP to JPEG", 12, "jpg", 8),
    ("12 MP to PNG", 12, "png", 8),
)
"""The measurements: name, megapixels, output format, number of photographs."""


def measure(rounds: int = 3) -> str:
    """A folder of photographs, one by one and several at once.

    One by one, a photograph's strips and network use all cores. At once, each photograph uses one core, and reading,
    colouring and writing of different photographs overlap. Both ways alternate on the same photographs, a few times.
    The number of busy cores (CPU time / time) says what is left to gain.
    """
    return compare(flagship(), KINDS, rounds)


def compare(colorizer: Colorizer, kinds: Sequence[tuple[str, int, str, int]], rounds: int) -> str:
    """A Markdown table: photographs per minute one by one and at once, busy cores, and the median of the ratios."""
    cores = os.cpu_count() or 1
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, megapixels, suffix, count in kinds:
            source = photograph(megapixels, Path(folder) / f"{megapixels}.jpg")
            jobs = [Job(source, Path(folder) / f"{i}.{suffix}") for i in range(count)]
            busy: dict[int, list[float]] = {1: [], cores: []}
            passes = {workers: partial(_do, colorizer, jobs, workers, busy[workers]) for workers in busy}
            seconds = time_alternately(passes, rounds)
            row = [name]
            for workers in passes:
                a_minute = count / statistics.median(seconds[workers]) * 60
                row += [f"{a_minute:.0f}", f"{statistics.median(busy[workers][1:]):.1f}"]
            rows.append((*row, faster(seconds[1], seconds[cores], 2)))
    columns = ("photographs", "a minute, one by one", "cores busy", f"{cores} at once", "cores busy", "faster")
    return markdown(columns, rows)


def _do(colorizer: Colorizer, jobs: Sequence[Job], workers: int, busy: list[float]) -> None:
    began, used = time.perf_counter(), time.process_time()
    problems = [outcome.problem for outcome in run_jobs(colorizer, jobs, Work(), workers) if outcome.problem]
    busy.append((time.process_time() - used) / (time.perf_counter() - began))
    if problems:
        raise ValueError(problems[0])
