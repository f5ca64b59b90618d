"""`colorize`: turns photographs, films, folders and patterns into coloured files."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..colour.hex import hex_to_ab
from ..errors import FilmError, UserError
from ..photo.form import OPTIONS, Form
from .flags import (
    AS_ON_THE_PAGE,
    Subparsers,
    add_checkpoint,
    add_form,
    add_overwrite,
    add_preferences,
    add_readout,
    count,
    hint,
    readout_to_show,
)

if TYPE_CHECKING:
    from ..albums.engine import Outcome
    from ..albums.plan import Job, Plan
    from ..albums.work import Work
    from ..inference.colorizer import Colorizer
    from ..inference.hints import Hint


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("colorize", help="colour photographs")
    parser.set_defaults(run=run)
    parser.add_argument(
        "inputs", nargs="+", metavar="IN", help="photographs, films, folders or patterns such as 'a/*.jpg'"
    )
    parser.add_argument(
        "-o",
        "--out",
        required=True,
        type=Path,
        help="a folder, or a file: .png, .jpg or .tif for one photograph, .mp4, .mov or .mkv for one film",
    )
    add_overwrite(parser, "replace results that are already there")
    parser.add_argument(
        "--resume", action="store_true", help="keep results that are still right, do the rest; see docs/archives.md"
    )
    parser.add_argument("--workers", type=count, help="photographs at once (default: one for each core)")
    parser.add_argument(
        "--engine", choices=("local", "ray"), default="local", help="ray: on the Ray cluster at $RAY_ADDRESS"
    )
    add_form(parser)
    films = parser.add_argument_group("films")
    films.add_argument("--height", type=count, metavar="N", help="height of the result in pixels (default: the film's)")
    films.add_argument(
        "--crf", type=float, default=18, metavar="X", help="quality of an .mp4, 0 to 51, lower is better"
    )
    add_checkpoint(parser)
    add_readout(parser, AS_ON_THE_PAGE)
    preferences = parser.add_argument_group("colours to set or to prefer")
    preferences.add_argument(
        "--hint",
        dest="hints",
        action="append",
        type=hint,
        default=[],
        metavar="X,Y,#RRGGBB[@SECONDS]",
        help="the colour at a pixel of the upright photograph, or of a film's frame at a moment; repeatable",
    )
    add_preferences(preferences)


def run(options: argparse.Namespace) -> int:
    from ..albums.manifest import read_lines
    from ..albums.plan import plan_jobs
    from ..inference.colorizer import Colorizer
    from ..inference.hints import Hint

    plan = plan_jobs(
        options.inputs,
        options.out,
        options.format,
        options.overwrite,
        resume=options.resume,
        known={(line.source, line.page): line.result for line in read_lines(options.out) if line.result},
        all_pages=options.page == 0,
        films=True,
    )
    _tell(*plan.notes, *plan.problems)
    hints = [Hint(x, y, hex_to_ab(color), seconds=seconds) for x, y, color, seconds in options.hints]
    if hints and len(plan.jobs) + len(plan.films) > 1:
        raise ValueError("--hint is about a place in one photograph or film; colour those with hints one at a time")
    if plan.jobs and any(hint.seconds is not None for hint in hints):
        raise ValueError("--hint with @SECONDS is for films; colour photographs without it")
    if not plan.jobs and not plan.films:
        return 1
    colorizer = Colorizer.from_checkpoint(options.checkpoint, device=options.device, folder=options.weights)
    code = 0
    if plan.films:
        done, failures = _colour_films(colorizer, plan.films, options, readout_to_show(options, colorizer), hints)
        failures += 0 if plan.jobs else len(plan.problems)
        code = _sum_up(done, failures) if done or failures else 0
    return max(code, _colour_photos(colorizer, plan, options, hints)) if plan.jobs else code


def _colour_films(
    colorizer: Colorizer,
    films: Sequence[tuple[Path, Path]],
    options: argparse.Namespace,
    readout: dict[str, Any],
    hints: Sequence[Hint],
) -> tuple[int, int]:
    """Colour films one after the other; returns how many were coloured and how many were not. Raises ValueError for
    options that are for photographs only."""
    from tqdm import tqdm
    from tqdm.contrib.logging import logging_redirect_tqdm

    from ..albums.plan import make_folder, plan_films
    from ..films.colour import colour_film, is_coloured

    _refuse_options_of_photos(options)
    settings = {"readout": readout, "hints": hints, "height": options.height, "crf": options.crf}
    done_before = partial(is_coloured, colorizer, **settings) if options.resume else None
    jobs, problems = plan_films(films, options.out, overwrite=options.overwrite, resume=done_before)
    _tell(*problems)
    done = 0
    for job in jobs:
        with logging_redirect_tqdm(), tqdm(total=100, unit="%", desc=job.source.name, leave=False) as bar:

            def show(frames: int, share: float | None, bar: Any = bar) -> None:
                bar.set_postfix_str(f"{frames} frames", refresh=False)
                if share is not None:
                    bar.update(int(share * 100) - bar.n)

            try:
                make_folder(job.target.parent)
                notes = colour_film(colorizer, job.source, job.target, **settings, progress=show)
            except FilmError as error:
                notes = [error]
            else:
                done += 1
        _tell(*notes)
    return done, len(jobs) - done + len(problems)


def _refuse_options_of_photos(options: argparse.Namespace) -> None:
    """Raise ValueError for one that was given."""
    for name, each in OPTIONS.items():
        if name != "format" and getattr(options, name) != each.default:
            raise ValueError(f"--{name} is for photographs; colour films without it")
    if not 0 <= options.crf <= 51:
        raise ValueError(f"--crf must be from 0 to 51, not {options.crf:g}")
    if options.engine == "ray":
        raise ValueError("--engine ray is for photographs; colour films without it")


def _colour_photos(colorizer: Colorizer, plan: Plan, options: argparse.Namespace, hints: list[Hint]) -> int:
    from ..albums.work import Work

    readout = {**readout_to_show(options, colorizer), "hints": hints}
    form = Form(**{name: getattr(options, name) for name in OPTIONS})
    form.check(suffix=plan.jobs[0].target.suffix.lower().removeprefix("."))
    work = Work(readout, form)
    if plan.jobs[0].target == options.out:
        failures = sum(_colour(colorizer, plan.jobs, work, options))
        return _sum_up(1 - failures, failures + len(plan.problems))
    return _colour_folder(colorizer, plan, work, options)


def _colour_folder(colorizer: Colorizer, plan: Plan, work: Work, options: argparse.Namespace) -> int:
    """Colour into a folder, and keep the folder's manifest."""
    from ..albums.manifest import Manifest
    from ..albums.plan import make_folder, shown
    from ..files.lock import alone_in

    make_folder(options.out)
    try:
        with alone_in(options.out):
            manifest = Manifest(options.out, colorizer.card, work)
            jobs, changed = manifest.remaining(plan.jobs) if options.resume else (plan.jobs, [])
            _tell(*changed)
            problems = [*plan.problems, *changed]
            try:
                manifest.refuse(plan.problems)
                manifest.start(jobs)
                failures = sum(_colour(colorizer, jobs, work, options, manifest.record))
            finally:
                manifest.close()
    except BlockingIOError:
        raise UserError(f"Another run writes into {shown(options.out)}; wait until it ends, or stop it.") from None
    if not jobs and not problems:
        print("nothing left to colour", file=sys.stderr)
        return 0
    return _sum_up(len(jobs) - failures, failures + len(problems))


def _colour(
    colorizer: Colorizer,
    jobs: Sequence[Job],
    work: Work,
    options: argparse.Namespace,
    record: Callable[[Outcome], None] = lambda outcome: None,
) -> Iterator[bool]:
    """Colour photos and report those that fail. Yields, for each photo, whether it failed."""
    from tqdm import tqdm

    from ..albums.engine import run_jobs

    if options.engine == "ray" and jobs:
        from ..albums.engine import run_on_ray

        outcomes = run_on_ray(colorizer.card.path, jobs, work, options.device)
    else:
        outcomes = run_jobs(colorizer, jobs, work, options.workers or os.cpu_count() or 1)
    for outcome in tqdm(outcomes, total=len(jobs), unit="photo", disable=len(jobs) < 2):
        record(outcome)
        for sentence in filter(None, (*outcome.notes, outcome.problem)):
            tqdm.write(f"colorizer: {sentence}", file=sys.stderr)
        yield bool(outcome.problem)


def _tell(*sentences: object) -> None:
    for sentence in sentences:
        print(f"colorizer: {sentence}", file=sys.stderr)


def _sum_up(done: int, failures: int) -> int:
    """Say how many photos were coloured; returns the exit code."""
    print(f"{done} coloured, {failures} not" if failures else f"{done} coloured", file=sys.stderr)
    return 1 if failures else 0
