"""Plans which photograph becomes which file, and colours them."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import PhotoError
from ..figures import triptych
from ..files.suffixes import SUFFIXES
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


def find_photos(inputs: Iterable[str]) -> tuple[list[tuple[Path, Path]], list[str]]:
    """Photographs in a stable order, each once, with its folder relative to the given one; and one sentence for every
    input without photographs. Folders are searched at any depth."""
    found: list[tuple[Path, Path]] = []
    problems: list[str] = []
    for name in inputs:
        path = Path(name)
        matches = [path] if path.exists() else sorted(Path(match) for match in glob.glob(name, recursive=True))
        if not matches:
            problems.append(f"{name}: there is no such file, folder or pattern with matches.")
        for match in matches:
            if match.is_dir():
                pictures = sorted(p for p in match.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
                if not pictures:
                    problems.append(f"{match}: there is no photograph in this folder.")
                found += [(picture, picture.relative_to(match).parent) for picture in pictures]
            else:
                found.append((match, Path()))
    return list(dict.fromkeys(found)), problems


def plan_jobs(
    inputs: Iterable[str],
    out: Path,
    suffix: str,
    overwrite: bool,
    ending: str = "-colorized",
    written: tuple[str, ...] = (".png", ".jpg", ".jpeg"),
    resume: bool = False,
) -> tuple[list[Job], list[str]]:
    """Jobs in a stable order, and one sentence for every input that cannot become a job.

    Subfolders keep their structure below `out`. Two inputs never share a target. An existing target is a problem unless
    `overwrite` is set; with `resume` it counts as done by an earlier run and stays. ending: the end of file names in a
    folder. written: suffixes that make `out` a single file.
    """
    found, problems = find_photos(inputs)
    single_file = out.suffix.lower() in written and not out.is_dir()
    if out.suffix.lower() in SUFFIXES and not single_file and not out.is_dir():
        raise PhotoError(f"{out.name} must end in .png or .jpg; these are the formats written.")
    if single_file and len(found) > 1:
        raise PhotoError(f"{len(found)} photographs cannot all become {out.name}; give a folder to --out.")
    jobs: list[Job] = []
    taken: dict[Path, Path] = {}
    for source, place in found:
        target = out if single_file else out / place / f"{source.stem}{ending}.{suffix}"
        if target in taken:
            # a.jpg and a.png, or one name in two folders: keep the original suffix to tell them apart
            target = target.with_name(f"{source.stem}-{source.suffix.lstrip('.').lower()}{ending}.{suffix}")
        if target in taken:
            problems.append(f"{source}: its result would overwrite that of {taken[target]}; colour it on its own.")
        elif target.exists() and not (overwrite or resume):
            problems.append(f"{source}: {target} is already there; add --overwrite to replace it.")
        else:
            taken[target] = source
            if overwrite or not target.exists():
                jobs.append(Job(source, target))
    return jobs, problems


def run_job(colorizer: Colorizer, job: Job, work: Work) -> Outcome:
    """Colour one photograph and save it. A second run writes the same file. Raises ValueError for invalid
    settings."""
    try:
        result = colorizer.colorize(open_photo(job.source), **work.asked)
        try:
            job.target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise PhotoError(f"{job.target.parent.name} cannot be made a folder ({error.strerror}).") from None
        picture = triptych(result) if work.as_triptych else result.image
        save_photo(picture, job.target, checkpoint=colorizer.name)
    except PhotoError as error:
        return Outcome(job, str(error))
    return Outcome(job, "")


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
