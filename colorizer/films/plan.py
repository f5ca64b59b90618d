"""Plans which film becomes which file."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from ..errors import FilmError
from ..files.names import ENDING, printable, same, shortened
from .writer import KINDS, kind_of


class FilmJob(NamedTuple):
    """One film to colour and the file to write."""

    source: Path
    target: Path


def plan_films(
    films: Sequence[tuple[Path, Path]],
    out: Path,
    *,
    overwrite: bool = False,
    resume: Callable[[Path, Path], bool] | None = None,
) -> tuple[list[FilmJob], list[str]]:
    """Jobs, and a sentence for each film that cannot be one.

    films: each with its folder below the one that was named. In a folder `out`, box/reel.avi becomes
    box/reel-colorized.mp4, or box/reel-avi-colorized.mp4 where two films have that name. resume: whether a film that is
    there is the result of a source; those that are stay as they are. Raises FilmError for a single `out` of several
    films, or with another suffix."""
    single = bool(out.suffix) and not out.is_dir()
    if single:
        kind_of(out)
        if len(films) > 1:
            raise FilmError(f"{len(films)} films cannot all become {out.name}; give a folder to --out.")
    stems = Counter(same(str(place / film.stem)) for film, place in films)
    jobs: dict[str, FilmJob] = {}
    problems = []
    for film, place in films:
        stem = film.stem if stems[same(str(place / film.stem))] == 1 else f"{film.stem}-{film.suffix[1:]}"
        ending = ENDING + next(iter(KINDS))
        target = out if single else out / place / (shortened(stem, ending) + ending)
        if taker := jobs.get(same(str(target))):
            problems.append(f"{printable(str(film))}: its result would overwrite that of {taker.source.name}.")
        elif os.path.realpath(target) == os.path.realpath(film):
            problems.append(f"{printable(str(film))}: its result would replace it; choose another name.")
        elif target.exists() and resume and resume(film, target):
            continue
        elif target.exists() and resume and not overwrite:
            what = "is already there, but of another film, other settings or another checkpoint"
            problems.append(f"{printable(str(target))} {what}; add --overwrite to replace it.")
        elif target.exists() and not overwrite:
            problems.append(f"{printable(str(target))} is already there; add --overwrite to replace it.")
        else:
            jobs[same(str(target))] = FilmJob(film, target)
    return list(jobs.values()), problems
