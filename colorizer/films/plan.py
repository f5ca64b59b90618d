"""Plans which film becomes which file."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ..errors import FilmError
from ..files.names import is_film, printable, same, shortened
from .writer import KINDS, kind_of

ENDING = "-colorized"


class FilmJob(NamedTuple):
    """One film to colour and the file to write."""

    source: Path
    target: Path


def parted(inputs: Iterable[str]) -> tuple[list[tuple[Path, Path]], list[str]]:
    """The films in files, folders (at any depth) and patterns, each with its folder below the one that was named; and
    the inputs in which photographs are to be looked for."""
    films: list[tuple[Path, Path]] = []
    rest = []
    for name in inputs:
        matches = [Path(name)] if os.path.lexists(name) else sorted(map(Path, glob.glob(name, recursive=True)))
        found = [(film, folder) for match in matches for film, folder in _films_in(match)]
        others = [match for match in matches if match.is_dir() or not is_film(match.name)]
        if not (found and all(match.is_dir() and _only_films(match) for match in others)):
            rest += [name] if len(others) == len(matches) else [str(match) for match in others]
        films += found
    return list(dict.fromkeys(films)), rest


def plan_films(
    films: Iterable[tuple[Path, Path]], out: Path, *, overwrite: bool = False, resume: bool = False
) -> tuple[list[FilmJob], list[str]]:
    """Jobs, and a sentence for each film that cannot be one. In a folder `out`,
    box/reel.avi becomes box/reel-colorized.mp4, or box/reel-avi-colorized.mp4 where two films have that name. Raises
    FilmError for a single `out` of several films, or with another suffix."""
    films = list(films)
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
        elif target.exists() and resume and not single:
            continue
        elif target.exists() and not overwrite:
            problems.append(f"{printable(str(target))} is already there; add --overwrite to replace it.")
        else:
            jobs[same(str(target))] = FilmJob(film, target)
    return list(jobs.values()), problems


def _films_in(match: Path) -> list[tuple[Path, Path]]:
    if not match.is_dir():
        return [(match, Path())] if is_film(match.name) else []
    inside = ((film, film.relative_to(match)) for film in sorted(match.rglob("*")))
    return [
        (film, below.parent)
        for film, below in inside
        if is_film(film.name) and film.is_file() and not film.stem.endswith(ENDING) and not _hidden(below)
    ]


def _hidden(path: Path) -> bool:
    """Whether a path leads through a hidden folder, such as that of a stopped run."""
    return any(part.startswith(".") for part in path.parts)


def _only_films(folder: Path) -> bool:
    from ..files.walk import walk

    return not walk(folder).pictures
