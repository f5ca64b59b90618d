"""`colorize`: turns photographs, folders and patterns into coloured files."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from ..colour.hex import hex_to_ab
from .flags import Subparsers, add_checkpoint, add_overwrite, count, hint
from .readout_flags import add_preferences, add_readout, readout_of


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("colorize", help="colour photographs")
    parser.set_defaults(run=run)
    parser.add_argument("inputs", nargs="+", metavar="IN", help="photographs, folders or patterns such as 'a/*.jpg'")
    parser.add_argument(
        "-o", "--out", required=True, type=Path, help="a folder, or for one photograph a .png or .jpg file"
    )
    parser.add_argument("--format", choices=("png", "jpg"), default="png", help="format in folders (default png)")
    add_overwrite(parser, "replace results that are already there")
    parser.add_argument("--resume", action="store_true", help="keep results that are already there, do the rest")
    parser.add_argument("--workers", type=count, help="photographs at once (default: one for each core)")
    parser.add_argument(
        "--engine", choices=("local", "ray"), default="local", help="ray: on the Ray cluster at $RAY_ADDRESS"
    )
    parser.add_argument("--triptych", action="store_true", help="write gray, predicted and original side by side")
    add_checkpoint(parser)
    add_readout(parser)
    asked = parser.add_argument_group("colours to tell or to prefer")
    asked.add_argument(
        "--hint",
        dest="hints",
        action="append",
        type=hint,
        default=[],
        metavar="X,Y,#RRGGBB",
        help="the colour at a pixel of the upright photograph; repeatable",
    )
    add_preferences(asked)


def run(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from ..albums.jobs import Work, plan_jobs, run_jobs
    from ..inference.colorizer import Colorizer
    from ..inference.hints import Hint

    plan = plan_jobs(options.inputs, options.out, options.format, options.overwrite, resume=options.resume)
    jobs, problems, notes = plan
    for sentence in (*notes, *problems):
        print(f"colorizer: {sentence}", file=sys.stderr)
    if not jobs:
        if options.resume and not problems:
            print("nothing left to colour", file=sys.stderr)
        return 1 if problems or not options.resume else 0
    if options.hints and len(jobs) > 1:
        raise ValueError("--hint tells the colour of a place in one photograph; colour those with hints one at a time")
    colorizer = Colorizer.from_checkpoint(options.checkpoint, device=options.device, folder=options.weights)
    hints = [Hint(x, y, hex_to_ab(color)) for x, y, color in options.hints]
    work = Work({**readout_of(options, colorizer), "hints": hints}, options.triptych)
    if options.engine == "ray":
        from ..albums.cluster import run_on_ray

        outcomes = run_on_ray(colorizer.card.path, jobs, work, options.device)
    else:
        outcomes = run_jobs(colorizer, jobs, work, options.workers or os.cpu_count() or 1)
    failures = len(problems)
    for outcome in tqdm(outcomes, total=len(jobs), unit="photo", disable=len(jobs) == 1):
        if outcome.problem:
            failures += 1
            tqdm.write(f"colorizer: {outcome.problem}", file=sys.stderr)
    done = len(jobs) + len(problems) - failures
    print(f"{done} coloured, {failures} not" if failures else f"{done} coloured", file=sys.stderr)
    return 1 if failures else 0
