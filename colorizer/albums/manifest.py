"""The record of a run over a folder, a line for every photo: `--resume` goes on from it, and an archive can file it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import IO, Any

from ..checkpoints.card import Card
from ..errors import PhotoError
from ..files.atomic import unwritten, write_whole
from ..files.identity import sha256, stamp
from ..photo.open import open_photo
from .engine import Outcome
from .plan import Job, Problem, shown
from .record import CSV, JSON, Line, as_csv, as_json, made_with, now
from .work import Work

JOURNAL = ".manifest.jsonl"
"""The file to which a run adds lines until it ends; a killed run leaves it behind."""


class Manifest:
    """The lines of one folder of results. One program at a time may hold one (`files.lock.alone_in`)."""

    def __init__(self, folder: Path, checkpoint: Card, work: Work):
        """Reads the lines that earlier runs left in `folder`. checkpoint, work: those of this run. Raises PhotoError
        for a manifest that cannot be read."""
        self.folder = folder
        # Inputs that were left out have no result: every run looks at them anew.
        self.lines = {line.result: line for line in read_lines(folder) if line.result}
        self._made_with = made_with(checkpoint.name, checkpoint.sha256, work.settings(), _digest_of)
        self._journal: IO[str] | None = None

    def remaining(self, jobs: Iterable[Job]) -> tuple[list[Job], list[Problem]]:
        """The jobs that are not done: new, failed, or done from another source, with other settings, or damaged since.
        And a sentence for every result that somebody has changed: it stays as it is."""
        to_do, problems = [], []
        for job in jobs:
            line = self.lines.get(self._key(job))
            if not job.target.exists() or (line is not None and line.state == "waiting"):
                to_do.append(job)  # a run was killed after it had written this one, if there is a file
            elif line is not None and line.state == "failed" and line.result_stamp == stamp(job.target):
                to_do.append(job)  # the result is an earlier one, from before it failed
            elif line is None or line.state != "done":
                says = f"is already there, and {JSON} does not say from what; add --overwrite to replace it."
                problems.append(Problem.of(job.source, f"{shown(job.target)} {says}"))
            elif _same_file(job.target, line.result_stamp, line.result_sha256):
                if not self._is_done(job, line):
                    to_do.append(job)
            elif _is_whole(job.target):
                says = "was changed after it was made, and stays as it is; add --overwrite to replace it."
                problems.append(Problem.of(job.source, f"{shown(job.target)} {says}"))
            else:
                to_do.append(job)
        return to_do, problems

    def start(self, jobs: Iterable[Job]) -> None:
        """Note the jobs before they are done. Raises PhotoError."""
        self._append(Line(job.name, self._key(job), page=job.page, **self._earlier(job)) for job in jobs)

    def record(self, outcome: Outcome) -> None:
        """Note the outcome of a job. Raises PhotoError."""
        job = outcome.job
        result = self._earlier(job) if outcome.problem else {"result_stamp": stamp(job.target)}
        self._append([replace(outcome.line, result=self._key(job), date=now(), **result, **self._made_with)])

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Note inputs that cannot become a job. Raises PhotoError."""
        self._append(Line(problem.source, "", "failed", problem.sentence) for problem in problems)

    def close(self) -> None:
        """Write the manifest whole, as JSON and as CSV. Raises PhotoError."""
        if self._journal:
            self._journal.close()
            self._journal = None
        lines = [self.lines[key] for key in sorted(self.lines)]
        write_whole(self.folder / CSV, as_csv(lines), PhotoError)
        write_whole(self.folder / JSON, as_json(lines), PhotoError)
        with unwritten(JOURNAL, PhotoError):
            (self.folder / JOURNAL).unlink(missing_ok=True)

    def _key(self, job: Job) -> str:
        return job.target.relative_to(self.folder).as_posix()

    def _earlier(self, job: Job) -> dict[str, Any]:
        """The hash and stamp of an earlier run's result, which stays until this run replaces it."""
        line = self.lines.get(self._key(job))
        return {"result_sha256": line.result_sha256, "result_stamp": line.result_stamp} if line else {}

    def _is_done(self, job: Job, line: Line) -> bool:
        """Whether a result is what this run would make. Another version of the program is no reason to do it again."""
        with suppress(OSError):
            made_with = {name: getattr(line, name) for name in self._made_with if name != "version"}
            return made_with.items() <= self._made_with.items() and _same_file(
                job.source, line.source_stamp, line.source_sha256
            )
        return False  # it cannot be read: the job will report that

    def _append(self, lines: Iterable[Line]) -> None:
        with unwritten(JOURNAL, PhotoError):
            if self._journal is None:
                self._journal = open(self.folder / JOURNAL, "a", encoding="utf-8")  # noqa: SIM115 - `close` does
            for line in lines:
                self.lines[line.result or line.reason] = line
                self._journal.write(json.dumps(asdict(line)) + "\n")
            self._journal.flush()


def read_lines(folder: Path) -> list[Line]:
    """The lines of earlier runs in a folder of results, later ones last; the end of a journal may be torn. Raises
    PhotoError for a manifest that cannot be read."""
    names = {field.name for field in fields(Line)}
    rows: list[dict[str, Any]] = []
    try:
        if (folder / JSON).exists():
            rows += json.loads((folder / JSON).read_text(encoding="utf-8"))["photos"]
        if (folder / JOURNAL).exists():
            for text in (folder / JOURNAL).read_text(encoding="utf-8").splitlines():
                with suppress(json.JSONDecodeError):
                    rows.append(json.loads(text))
        return [Line(**{name: value for name, value in row.items() if name in names}) for row in rows]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise PhotoError(
            f"{shown(folder / JSON)} cannot be read; move it away to begin a new one, or choose another folder."
        ) from None


def _same_file(path: Path, known_stamp: str, known_sha256: str) -> bool:
    return stamp(path) == known_stamp or sha256(path) == known_sha256


def _is_whole(picture: Path) -> bool:
    try:
        open_photo(picture)
    except PhotoError:
        return False
    return True


def _digest_of(value: Any) -> str:
    """A reference picture in the settings, as a hash of its pixels."""
    return hashlib.sha256(value.tobytes()).hexdigest()
