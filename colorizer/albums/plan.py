"""Plans which photograph, and which film, becomes which file."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ..errors import PhotoError
from ..files.names import ENDING, SUFFIXES, is_film, is_picture, printable, same, shortened
from ..files.walk import walk
from ..photo.open import pages_in
from ..photo.save import WRITTEN
from .record import JSON


class Job(NamedTuple):
    """One photograph or film to colour and the file to write."""

    source: Path
    target: Path
    name: str = ""
    """The source's path within the input that it was found in, with /."""
    page: int = 0
    """The number of the page, if all pages of a file with several are coloured; else 0."""


class Problem(NamedTuple):
    """An input, or something in it, that is left out."""

    source: str
    """Its path."""
    sentence: str

    @classmethod
    def of(cls, source: Path, what: str) -> Problem:
        """The problem `what` of an input, named by its path."""
        return cls(str(source), f"{shown(source)}: {what}")

    def __str__(self) -> str:
        return self.sentence


class Found(NamedTuple):
    """The photographs in the inputs, and what was left out."""

    photos: list[tuple[Path, Path]]
    """Photographs in a stable order, each once, with the folder it was in below the one that was named."""
    problems: list[Problem]
    """Every input without a photograph, and everything else that was left out."""
    notes: list[str]
    """Sentences about entries that were left out although no photograph is missing."""
    films: list[tuple[Path, Path]]
    """Like the photographs, if films were asked for."""


class _Page(NamedTuple):
    """A photograph that becomes one file: a picture, or a page of one."""

    source: Path
    place: Path
    """The folder it was in, below the input that was named."""
    page: int

    @property
    def name(self) -> str:
        return (self.place / self.source.name).as_posix()

    @property
    def stem(self) -> str:
        return f"{self.source.stem}-page-{self.page}" if self.page else self.source.stem


class Plan(NamedTuple):
    """The work of a run."""

    jobs: list[Job]
    """In a stable order."""
    problems: list[Problem]
    """Every input that cannot become a job."""
    notes: list[str]
    """Further sentences for the person who started the run."""
    films: list[tuple[Path, Path]]
    """The films in the inputs, each with its folder below the one that was named, if films were asked for."""


def find_photos(inputs: Iterable[str], films: bool = False, out: Path = Path()) -> Found:
    """Photographs, and if asked for films, in files, folders (at any depth) and patterns. A GIF that is
    named directly, or by a pattern, is a film if `out`, the result, is one."""
    found = Found([], [], [], [])
    for name in inputs:
        matches = [Path(name)] if os.path.lexists(name) else sorted(map(Path, glob.glob(name, recursive=True)))
        if not matches:
            found.problems.append(Problem.of(Path(name), "there is no such file, folder or pattern with matches."))
        for match in matches:
            if os.path.isdir(match):
                pictures, left_out, moving = walk(match)
                moving = [film for film in moving if films and not film.stem.endswith(ENDING)]
                found.problems.extend(Problem(str(each.path), str(each)) for each in left_out if each.missing)
                found.notes.extend(str(each) for each in left_out if not each.missing)
                if not pictures and not moving:
                    found.problems.append(Problem.of(match, "there is no photograph in this folder."))
                found.photos.extend((picture, picture.relative_to(match).parent) for picture in pictures)
                found.films.extend((film, film.relative_to(match).parent) for film in moving)
            elif films and (is_film(match.name) or (is_film(out.name) and match.suffix.lower() == ".gif")):
                found.films.append((match, Path()))
            else:
                found.photos.append((match, Path()))
    return found._replace(photos=list(dict.fromkeys(found.photos)), films=list(dict.fromkeys(found.films)))


def make_folder(folder: Path) -> None:
    """Make a folder and those above it. Raises PhotoError if that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PhotoError(f"{shown(folder)} cannot be made a folder ({error.strerror}).") from None


def plan_jobs(
    inputs: Iterable[str],
    out: Path,
    suffix: str,
    overwrite: bool,
    ending: str = ENDING,
    written: tuple[str, ...] = WRITTEN,
    resume: bool = False,
    known: Mapping[tuple[str, int], str] | None = None,
    all_pages: bool = False,
    films: bool = False,
) -> Plan:
    """Which photograph becomes which file.

    Folders keep their shape below `out`: box/old.tif becomes box/old-colorized.png, or box/old-tif-colorized.png where
    its folder holds another picture called old, whether or not that one is coloured too. `known` names keep: results of
    earlier runs below `out`, by `Job.name` and `Job.page`. With `all_pages`, every page of a file with several becomes
    a file of its own: old-page-2-colorized.png. Two inputs never share a target, and no target takes the place of a
    photograph. A file that is named like a result, and lies in `out` or in another folder of results below an input, is
    left out. A target that exists is a problem unless `overwrite`, or `resume` into a folder, where
    `Manifest.remaining` decides.

    films: whether the inputs may hold films, which `plan_films` plans. ending: of the names of files in a folder.
    written: suffixes with which `out` is one file.
    """
    found, problems, notes, moving = find_photos(inputs, films, out)
    single_file = out.suffix.lower() in written and not os.path.isdir(out)
    a_file = out.suffix.lower() in SUFFIXES or is_film(out.name)
    if found and a_file and not single_file and not os.path.isdir(out):
        endings = " or ".join(filter(None, (", ".join(written[:-1]), written[-1])))
        raise PhotoError(f"a photograph cannot become {out.name}; end it in {endings}, or give a folder to --out.")
    if not single_file:
        count = len(found)
        found = [each for each in found if not _is_result(*each, out, ending, written)]
        if count > len(found):
            notes.append(f"Results of an earlier run were left out ({count - len(found)}).")
    photos = {os.path.realpath(source) for source, _ in found}
    pages = [_Page(*each, page) for each in found for page in (_pages_of(each[0]) if all_pages else (0,))]
    if single_file and len(pages) > 1:
        what = "photographs" if len(found) > 1 else "pages"
        raise PhotoError(f"{len(pages)} {what} cannot all become {out.name}; give a folder to --out.")
    results = _result_names(pages, f"{ending}.{suffix}", known or {})
    wanted = (
        Job(each.source, out if single_file else out / result, each.name, each.page)
        for each, result in zip(pages, results, strict=True)
    )
    free = overwrite or (resume and not single_file)
    jobs, refused = _possible(wanted, photos, lambda job: "" if free else "is already there")
    return Plan(jobs, problems + refused, notes, moving)


def plan_films(
    films: Sequence[tuple[Path, Path]],
    out: Path,
    *,
    overwrite: bool = False,
    resume: Callable[[Path, Path], bool] | None = None,
) -> tuple[list[Job], list[Problem]]:
    """Jobs, and a sentence for each film that cannot be one.

    films: as in `Plan`. In a folder `out`, box/reel.avi becomes box/reel-colorized.mp4, or box/reel-avi-colorized.mp4
    where two films have that name. resume: whether a film that is there is the result of a source; those that are stay
    as they are. Raises PhotoError for a single `out` of several films."""
    single = bool(out.suffix) and not out.is_dir()
    if single and len(films) > 1:
        raise PhotoError(f"{len(films)} films cannot all become {out.name}; give a folder to --out.")
    stems = Counter(same(str(place / film.stem)) for film, place in films)
    ending, wanted = f"{ENDING}.mp4", []
    for film, place in films:
        stem = film.stem if stems[same(str(place / film.stem))] == 1 else f"{film.stem}-{film.suffix[1:]}"
        wanted.append(Job(film, out if single else out / place / (shortened(stem, ending) + ending)))

    def in_the_way(job: Job) -> str | None:
        if resume and resume(job.source, job.target):
            return None
        other = ", but of another film, other settings or another checkpoint" if resume else ""
        return "" if overwrite else f"is already there{other}"

    return _possible(wanted, {os.path.realpath(film) for film, _ in films}, in_the_way)


def _possible(
    wanted: Iterable[Job], originals: set[str], in_the_way: Callable[[Job], str | None]
) -> tuple[list[Job], list[Problem]]:
    """The jobs that can be done, and a problem for each of the others. in_the_way: why a target that is there cannot be
    replaced, "" if it can, None if it need not be."""
    jobs: dict[str, Job] = {}
    problems = []
    for job in wanted:
        taker, what = jobs.get(same(str(job.target))), None
        if taker:
            what = f"its result would overwrite that of {shown(taker.source)}; colour it on its own."
        elif os.path.realpath(job.target) in originals:
            what = f"its result would replace an original, {shown(job.target)}; choose another."
        elif os.path.exists(job.target) and (why := in_the_way(job)) != "":
            if why is None:
                continue
            what = f"{shown(job.target)} {why}; add --overwrite to replace it."
        if what:
            problems.append(Problem.of(job.source, what))
        else:
            jobs[same(str(job.target))] = job
    return list(jobs.values()), problems


def _pages_of(source: Path) -> Sequence[int]:
    pages = pages_in(source)
    return range(1, pages + 1) if pages > 1 else (0,)


def _result_names(pages: Sequence[_Page], ending: str, known: Mapping[tuple[str, int], str]) -> list[Path]:
    """Where the result of each photograph goes, below the folder of results."""
    kept = {source: name for source, name in known.items() if name.endswith(ending)}
    plain = [each.place / (shortened(each.stem, ending) + ending) for each in pages]
    wanted = Counter(same(str(path)) for path in plain)
    wanted.update(same(name) for name in kept.values())
    namesakes = {folder: _namesakes(folder) for folder in {each.source.parent for each in pages}}
    names = []
    for each, path in zip(pages, plain, strict=True):
        source, earlier = each.source, kept.get((each.name, each.page))
        if earlier is None and (wanted[same(str(path))] > 1 or namesakes[source.parent][same(source.stem)] > 1):
            path = each.place / (shortened("-".join(filter(None, (each.stem, source.suffix[1:]))), ending) + ending)
        names.append(path if earlier is None else Path(PurePosixPath(earlier)))
    return names


def _namesakes(folder: Path) -> Counter[str]:
    """How many pictures of a folder have the same name but for its extension."""
    try:
        with os.scandir(folder) as entries:
            return Counter(same(Path(entry.name).stem) for entry in entries if is_picture(entry.name))
    except OSError:
        return Counter()


def shown(path: str | Path) -> str:
    """A path in a message: whole, because a hundred folders may hold a scan001.jpg, and without control characters."""
    return printable(str(path), most=1000)


def _is_result(path: Path, place: Path, out: Path, ending: str, written: tuple[str, ...]) -> bool:
    """Whether a picture is named like a result, and lies where results go, or beside or below the manifest of others.
    place: its folder below the input that was named, which may itself be such a folder."""
    if not path.stem.endswith(ending) or path.suffix.lower() not in written:
        return False
    folders = [path.parent, *path.parent.parents][: len(place.parts)]
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(out)) or any(
        (folder / JSON).is_file() for folder in folders
    )
