"""Runs jobs on all machines of a Ray cluster: an archive's photographs in batches, resumable after a stop."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..inference.colorizer import Colorizer
from ..runtime import openmp  # noqa: F401 - Ray's workers start here
from ..runtime.extras import need
from ..runtime.threads import limit_strips
from .jobs import Outcome, run_job
from .plan import Job
from .work import Work

BATCH = 16
"""Photographs per batch of a worker: if it dies, Ray repeats the batch."""


class Painter:
    """One core of the cluster with the checkpoint loaded; its network borrows more cores, see `threads`. Ray sends only
    paths: the worker reads photographs and writes results, so all machines must see the same folders."""

    def __init__(self, checkpoint: str, device: str, work: Work):
        limit_strips(1)
        self.colorizer, self.work = Colorizer.from_checkpoint(Path(checkpoint), device=device), work

    def __call__(self, batch: dict[str, np.ndarray]) -> dict[str, Any]:
        """The fields of jobs -> the same with the outcome of each."""
        rows = zip(*(batch[name] for name in Job._fields), strict=True)
        jobs = [Job(Path(source), Path(target), str(name), int(page)) for source, target, name, page in rows]
        outcomes = [run_job(self.colorizer, job, self.work) for job in jobs]
        known = {name: [getattr(outcome, name) for outcome in outcomes] for name in Outcome._fields if name != "job"}
        return {**batch, **known}


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
        Outcome(given[Path(row["target"])], **{name: row[name] for name in Outcome._fields if name != "job"})
        for row in outcomes.iter_rows()
    )
