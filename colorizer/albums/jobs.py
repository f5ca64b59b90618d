"""Plans which photograph becomes which file, and colours them."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import PhotoError
from ..figures import triptych
from ..files.names import SUFFIXES, printable, shortened
from ..files.walk import walk
from ..inference.colorizer import Colorizer
from ..photo.open import open_photo
from ..photo.save import save_photo
from ..runtime.threads import limit_strips


class Job(NamedTuple):
    """One photograph to colour and the file to write."""

    source: Path
    target: Path


class Outcome(NamedTuple):
    """The outcome of a job; `problem` is one sentence, or "" if the file was written."""

    job: Job
    problem: str


class Work(NamedTuple):
    """What to do with every photograph: the arguments of `Colorizer.colorize`, and the kind of picture to save."""

    asked: Mapping[str, Any] = {}
    as_triptych: bool = False


class Found(NamedTuple):
    """What the inputs are."""

    photos: list[tuple[Path, Path]]
    """Photographs in a stable order, each once, with the folder it was in below the one that was named."""
    problems: list[str]
    """A sentence for every input where there is none, and for everything that was left out."""
    notes: list[str]
    """Sentences about what was left out and is not missing."""


class Plan(NamedTuple):
    """What is to be done."""

    jobs: list[Job]
    """In a stable order."""
    problems: list[str]
    """A sentence for every input that cannot become a job."""
    notes: list[str]
    """What else there is to say."""


def find_photos(inputs: Iterable[str]) -> Found:
    """Photographs in files, folders (at any depth) and patterns."""
    found = Found([], [], [])
    for name in inputs:
        matches = [Path(name)] if os.path.lexists(name) else sorted(map(Path, glob.glob(name, recursive=True)))
        if not matches:
            found.problems.append(f"{shown(name)}: there is no such file, folder or pattern with matches.")
        for match in matches:
            if os.path.isdir(match):
                pictures, left_out = walk(match)
                found.problems.extend(str(each) for each in left_out if each.missing)
                found.notes.extend(str(each) for each in left_out if not each.missing)
                if not pictures:
                    found.problems.append(f"{shown(match)}: there is no photograph in this folder.")
                found.photos.extend((picture, picture.relative_to(match).parent) for picture in pictures)
            else:
                found.photos.append((match, Path()))
    return found._replace(photos=list(dict.fromkeys(found.photos)))


def plan_jobs(
    inputs: Iterable[str],
    out: Path,
    suffix: str,
    overwrite: bool,
    ending: str = "-colorized",
    written: tuple[str, ...] = (".png", ".jpg", ".jpeg"),
    resume: bool = False,
) -> Plan:
    """Which photograph becomes which file.

    Folders keep their shape below `out`; names that would be too long are cut. Two inputs never share a target, and no
    target takes the place of a photograph. What lies in `out` and is called as its results are is left out. A target
    that exists is a problem unless `overwrite`; with `resume` it is what an earlier run made, and left as it is.
    ending: of the names of files in a folder. written: suffixes with which `out` is one file.
    """
    found, problems, notes = find_photos(inputs)
    single_file = out.suffix.lower() in written and not os.path.isdir(out)
    if out.suffix.lower() in SUFFIXES and not single_file and not os.path.isdir(out):
        raise PhotoError(f"{out.name} must end in .png or .jpg; these are the formats written.")
    if single_file and len(found) > 1:
        raise PhotoError(f"{len(found)} photographs cannot all become {out.name}; give a folder to --out.")
    if not single_file:
        count = len(found)
        found = [(source, place) for source, place in found if not _is_result(source, out, ending, written)]
        if count > len(found):
            notes.append(f"{shown(out)}: results of an earlier run were left out ({count - len(found)}).")
    photos = {os.path.realpath(source) for source, _ in found}
    jobs: list[Job] = []
    taken: dict[Path, Path] = {}
    for source, place in found:
        target = out if single_file else out / place / _result_name(source.stem, f"{ending}.{suffix}")
        if target in taken:
            # a.jpg beside a.png, or one name in two folders: tell them apart by what they were
            stem = f"{source.stem}-{source.suffix.lstrip('.').lower()}"
            target = target.with_name(_result_name(stem, f"{ending}.{suffix}"))
        if target in taken:
            taker = shown(taken[target])
            problems.append(f"{shown(source)}: its result would overwrite that of {taker}; colour it on its own.")
        elif os.path.realpath(target) in photos:
            problems.append(f"{shown(source)}: its result would replace a photograph, {shown(target)}; choose another.")
        elif os.path.exists(target) and not (overwrite or resume):
            problems.append(f"{shown(source)}: {shown(target)} is already there; add --overwrite to replace it.")
        else:
            taken[target] = source
            if overwrite or not os.path.exists(target):
                jobs.append(Job(source, target))
    return Plan(jobs, problems, notes)


def shown(path: str | Path) -> str:
    """A path in a message: whole, as hundred folders may hold a scan001.jpg, and without control characters."""
    return printable(str(path), most=1000)


def _result_name(stem: str, ending: str) -> str:
    return shortened(stem, ending) + ending


def _is_result(path: Path, out: Path, ending: str, written: tuple[str, ...]) -> bool:
    """Whether a picture lies where results go and is called as they are."""
    named = path.stem.endswith(ending) and path.suffix.lower() in written
    return named and Path(os.path.realpath(path)).is_relative_to(os.path.realpath(out))


def run_job(colorizer: Colorizer, job: Job, work: Work) -> Outcome:
    """Colour one photograph and save it. Done again, it writes the same file. What goes wrong with it is no reason to
    lose the others."""
    name = shown(job.source)
    try:
        result = colorizer.colorize(open_photo(job.source, name=name), **work.asked)
        make_folder(job.target.parent)
        picture = triptych(result) if work.as_triptych else result.image
        save_photo(picture, job.target, checkpoint=colorizer.name)
    except Exception as error:
        return Outcome(job, problem_of(name, error))
    return Outcome(job, "")


def make_folder(folder: Path) -> None:
    """Raises PhotoError when that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PhotoError(f"{shown(folder)} cannot be made a folder ({error.strerror}).") from None


def problem_of(name: str, error: Exception) -> str:
    """What went wrong with the photograph `name`, in one sentence. Raises what is wrong with the program itself, or
    with what was asked of every photograph."""
    if isinstance(error, PhotoError):
        return str(error) if name in str(error) else f"{name}: {error}"
    if isinstance(error, MemoryError):
        return str(PhotoError.of("photo_memory", name=name))
    if isinstance(error, RuntimeError):  # torch's, most often of memory too
        return str(PhotoError.of("album_failed", name=name, reason=str(error).partition("\n")[0]))
    raise error


def run_jobs(colorizer: Colorizer, jobs: Sequence[Job], work: Work, workers: int) -> Iterator[Outcome]:
    """Colour photographs, `workers` at a time, processing the pixels of each on one core; outcomes in order of `jobs`.

    Reading, colouring and writing of different photographs overlap. This keeps the cores busier than one photograph on
    all of them, because decoders and encoders use only one core. At most `workers` photographs are in memory. If the
    caller stops iterating, the photographs in progress are finished and the rest are skipped.
    """
    if workers == 1 or len(jobs) < 2:
        yield from (run_job(colorizer, job, work) for job in jobs)
        return
    pool = ThreadPoolExecutor(min(workers, len(jobs)), initializer=limit_strips, initargs=(1,))
    try:
        yield from pool.map(lambda job: run_job(colorizer, job, work), jobs)
    finally:
        pool.shutdown(cancel_futures=True)
