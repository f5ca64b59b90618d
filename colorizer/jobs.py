"""Many photographs: which input becomes which file, and the work on one of them."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .data import SUFFIXES
from .figures import triptych
from .inference import Colorizer
from .photo import PhotoError, open_photo, save_photo


class Job(NamedTuple):
    """One photograph to colour and the file to write."""

    source: Path
    target: Path


def plan_jobs(inputs: Iterable[str], out: Path, suffix: str, overwrite: bool) -> tuple[list[Job], list[str]]:
    """Jobs in a stable order, and one sentence for every input that cannot become one.

    Folders are searched at any depth and keep their shape below `out`. Two inputs never share a target, and a target
    that exists is a problem unless `overwrite`.
    """
    found: list[tuple[Path, Path]] = []  # the photograph, and its place below `out`
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
    single_file = out.suffix.lower() in (".png", ".jpg", ".jpeg") and not out.is_dir()
    if out.suffix.lower() in SUFFIXES and not single_file and not out.is_dir():
        raise PhotoError(f"{out.name} must end in .png or .jpg; these are the formats written.")
    if single_file and len(found) > 1:
        raise PhotoError(f"{len(found)} photographs cannot all become {out.name}; give a folder to --out.")
    jobs: list[Job] = []
    taken: dict[Path, Path] = {}
    for source, place in dict.fromkeys(found):
        target = out if single_file else out / place / f"{source.stem}-colorized.{suffix}"
        if target in taken:
            # a.jpg beside a.png, or one name in two folders: tell them apart by what they were
            target = target.with_name(f"{source.stem}-{source.suffix.lstrip('.').lower()}-colorized.{suffix}")
        if target in taken:
            problems.append(f"{source}: its result would overwrite that of {taken[target]}; colour it on its own.")
        elif target.exists() and not overwrite:
            problems.append(f"{source}: {target} is already there; add --overwrite to replace it.")
        else:
            taken[target] = source
            jobs.append(Job(source, target))
    return jobs, problems


def run_job(colorizer: Colorizer, job: Job, asked: Mapping[str, Any], as_triptych: bool = False) -> None:
    """Colour one photograph and save it. asked: as `Colorizer.colorize` takes it, whose ValueError is raised; raises
    PhotoError, naming the file."""
    photo = open_photo(job.source)
    result = colorizer.colorize(photo, **asked)
    try:
        job.target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PhotoError(f"{job.target.parent.name} cannot be made a folder ({error.strerror}).") from None
    save_photo(triptych(result) if as_triptych else result.image, job.target, checkpoint=colorizer.name)
