"""Colours photographs from files into files: several at once on this machine, or on all machines of a Ray cluster."""

from __future__ import annotations

import json
import logging
import os
import stat
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..errors import PhotoError, need
from ..files.identity import sha256, stamp
from ..inference.colorizer import Colorizer
from ..inference.negative import looks_negative
from ..photo.open import pixels_of, read_photo
from ..runtime import openmp  # noqa: F401 - Ray's workers start here
from ..runtime.memory import free_memory
from ..runtime.threads import limit_strips
from ..runtime.turns import Turns
from .plan import Job, make_folder, shown
from .record import Line
from .work import Work, corrected, save_photo_of, why

BATCH = 16
"""Photographs per batch of a worker: if it dies, Ray repeats the batch."""
PIXEL_BYTES = 16
"""Memory that a photograph takes while it is coloured, for each pixel, whatever its depth and that of its result."""


class Outcome(NamedTuple):
    """The outcome of a job."""

    job: Job
    line: Line
    """Its line in a manifest, but for the place and the stamp of the result, the date, and what made the colours."""
    notes: Sequence[str] = ()
    """Sentences about the photograph that are no failure, such as that it has more pages."""

    @property
    def problem(self) -> str:
        """One sentence, or "" if the file was written."""
        return self.line.reason


def run_job(colorizer: Colorizer, job: Job, work: Work) -> Outcome:
    """Colour one photograph and save it. Done again, it writes the same file. What goes wrong with it is no reason to
    lose the others."""
    name, start = shown(job.source), time.perf_counter()
    line, notes = Line(job.name, "", "failed", page=job.page), list[str]()
    try:
        # The stamp before the bytes: a source that changes meanwhile does not pass for the one that was coloured.
        with suppress(OSError):  # opening it says what is wrong
            if stat.S_ISREG(os.stat(job.source).st_mode):
                line = replace(line, source_stamp=stamp(job.source), source_sha256=sha256(job.source))
        opened = read_photo(job.source, name=name, **{**work.form.decoding(), "page": _page_of(job, work)})
        notes += (str(note) for note in opened.notes if not (job.page and note.kind == "photo_pages"))
        if looks_negative(opened.image):
            sentence = PhotoError.of("photo_negative", name=name)
            notes.append(
                f"{sentence} {'Leave out --invert' if work.form.invert else 'Add --invert'} to colour its reverse."
            )
        result = colorizer.colorize(corrected(opened.image, work.form), **work.asked)
        make_folder(job.target.parent)
        width, height = save_photo_of(result, opened, job.target, work.form)
        line = replace(line, state="done", width=width, height=height, result_sha256=sha256(job.target))
    except Exception as error:
        line = replace(line, reason=problem_of(name, error))
    seconds = round(time.perf_counter() - start, 3)
    return Outcome(job, replace(line, seconds=seconds, notes=" ".join(notes)), notes)


def _page_of(job: Job, work: Work) -> int:
    """The page of its source that a job colours, from 1."""
    return job.page or work.form.page or 1


def problem_of(name: str, error: Exception) -> str:
    """The reason why the photograph `name` failed, in one sentence. Raises what is wrong with the program itself, or
    with what was asked of every photograph."""
    known = why(name, error)
    if known is None:
        raise error
    if known.kind == "photo_incomplete":
        return f"{known} Add --partial for that."
    return str(known) if name in str(known) else f"{name}: {known}"


def run_jobs(colorizer: Colorizer, jobs: Sequence[Job], work: Work, workers: int) -> Iterator[Outcome]:
    """Colour photographs, `workers` at a time, processing the pixels of each on one core; outcomes in order of `jobs`.

    Reading, colouring and writing of different photographs overlap. This keeps the cores busier than one photograph on
    all of them, because decoders and encoders use only one core. At most `workers` photographs are in memory, and only
    as many as fit. If the caller stops iterating, the photographs in progress are finished and the rest are skipped.
    """
    if workers == 1 or len(jobs) < 2:
        yield from (run_job(colorizer, job, work) for job in jobs)
        return
    free = max(1.0, free_memory())
    memory = Turns(free)

    def job_of(job: Job) -> Outcome:
        with memory.taken(min(free, PIXEL_BYTES * pixels_of(job.source, _page_of(job, work)))):
            return run_job(colorizer, job, work)

    pool = ThreadPoolExecutor(min(workers, len(jobs)), initializer=limit_strips, initargs=(1,))
    try:
        yield from pool.map(job_of, jobs)
    finally:
        pool.shutdown(cancel_futures=True)


class Painter:
    """One core of the cluster with the checkpoint loaded; its network borrows more cores, see `threads`. Ray sends only
    paths: the worker reads photographs and writes results, so all machines must see the same folders."""

    def __init__(self, checkpoint: str, device: str, work: Work):
        limit_strips(1)
        self.colorizer, self.work = Colorizer.from_checkpoint(Path(checkpoint), device=device), work

    def __call__(self, batch: dict[str, np.ndarray]) -> dict[str, Any]:
        """The fields of jobs -> the same with the line of each, as JSON, and its notes."""
        rows = zip(*(batch[name] for name in Job._fields), strict=True)
        jobs = [Job(Path(source), Path(target), str(name), int(page)) for source, target, name, page in rows]
        outcomes = [run_job(self.colorizer, job, self.work) for job in jobs]
        lines = [json.dumps(asdict(outcome.line)) for outcome in outcomes]
        return {**batch, "line": lines, "notes": [outcome.notes for outcome in outcomes]}


def run_on_ray(checkpoint: Path, jobs: Sequence[Job], work: Work, device: str = "cpu") -> Iterator[Outcome]:
    """Colour photographs on a Ray cluster: the one at $RAY_ADDRESS, else one of this machine's cores.

    Outcomes come when a batch is finished, in no particular order. Ray replaces a worker that dies and repeats its
    batch. Files are written atomically, so every photograph still gets exactly one file.
    Raises UserError if Ray is not installed.
    """
    need("needs_ray", "ray", "pyarrow")
    import ray
    import ray.data

    if not ray.is_initialized():
        ray.init(log_to_driver=False, logging_level=logging.ERROR)
    ray.data.DataContext.get_current().enable_progress_bars = False
    workers = max(1, min(int(ray.cluster_resources().get("CPU", 1)), -(-len(jobs) // BATCH)))
    rows = [
        {**job._asdict(), "source": str(job.source.absolute()), "target": str(job.target.absolute())} for job in jobs
    ]
    outcomes = ray.data.from_items(rows, override_num_blocks=-(-len(jobs) // BATCH)).map_batches(
        Painter,
        fn_constructor_args=(str(checkpoint.absolute()), device, work),
        batch_size=BATCH,
        compute=ray.data.ActorPoolStrategy(size=workers),
        num_cpus=1,
    )
    given = {job.target.absolute(): job for job in jobs}  # no two jobs share one
    return (
        Outcome(given[Path(row["target"])], Line(**json.loads(row["line"])), row["notes"])
        for row in outcomes.iter_rows()
    )
