"""`colorize` for films."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import FilmError
from ..photo.form import OPTIONS
from .flags import count

if TYPE_CHECKING:
    from ..inference.colorizer import Colorizer
    from ..inference.hints import Hint


def add_film_flags(parser: argparse.ArgumentParser) -> None:
    films = parser.add_argument_group("films")
    films.add_argument("--height", type=count, metavar="N", help="height of the result in pixels (default: the film's)")
    films.add_argument(
        "--crf", type=float, default=18, metavar="X", help="quality of an .mp4, 0 to 51, lower is better"
    )


def colour_films(
    colorizer: Colorizer,
    films: Sequence[tuple[Path, Path]],
    options: argparse.Namespace,
    readout: dict[str, Any],
    hints: Sequence[Hint],
) -> tuple[int, int]:
    """Colour films one after the other; returns how many were coloured and how many were not. Raises ValueError for
    options that are for photographs only."""
    from tqdm import tqdm

    from ..albums.plan import make_folder
    from ..films.colour import colour_film, is_coloured
    from ..films.plan import plan_films

    refuse_options_of_photos(options)
    settings = {"readout": readout, "hints": hints, "height": options.height, "crf": options.crf}
    done_before = partial(is_coloured, colorizer, **settings) if options.resume else None
    jobs, problems = plan_films(films, options.out, overwrite=options.overwrite, resume=done_before)
    for sentence in problems:
        print(f"colorizer: {sentence}", file=sys.stderr)
    done = 0
    for job in jobs:
        with tqdm(total=100, unit="%", desc=job.source.name, leave=False) as bar:

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
        for note in notes:
            print(f"colorizer: {note}", file=sys.stderr)
    return done, len(jobs) - done + len(problems)


def refuse_options_of_photos(options: argparse.Namespace) -> None:
    """Raise ValueError for one that was given."""
    for name, each in OPTIONS.items():
        if name != "format" and getattr(options, name) != each.default:
            raise ValueError(f"--{name} is for photographs; colour films without it")
    if not 0 <= options.crf <= 51:
        raise ValueError(f"--crf must be from 0 to 51, not {options.crf:g}")
    if options.engine == "ray":
        raise ValueError("--engine ray is for photographs; colour films without it")
