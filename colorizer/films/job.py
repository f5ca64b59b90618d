"""Colours a film in a process of its own, which yields to everything else on the machine and ends with its parent. A
film that crashes a decoder ends only that process."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from PIL import Image

from ..colour.readout import Readout
from ..errors import FilmError, UserError
from ..files.names import printable
from ..runtime.child import command, end_with, environment

if TYPE_CHECKING:  # it needs torch, for which the page's first answer does not wait
    from ..inference.hints import Hint

KILLED = -9
"""The exit code of a process that the system ended, as it does where memory is short."""
SIDE = 10_000
"""Sides of the frame, in pixels, in which a job's hints are told: their own frames are not known before."""


class Job(NamedTuple):
    """The arguments of `colour_film`."""

    checkpoint: Path
    source: Path
    target: Path
    readout: Readout
    most_seconds: float
    """A longer film is refused."""
    most_height: int
    """In pixels; a higher film is made so high."""
    hints: tuple[Hint, ...] = ()
    """In pixels of a frame of `SIDE` x `SIDE`."""

    def run(self, stop: Callable[[], bool]) -> Generator[float | None, None, list[FilmError] | None]:
        """Colour the film; yields the share that is done, 0.0 as it begins and None where it is not known, and returns
        what there is to say about it, or None if it was stopped.

        stop: says whether to stop, after a frame; the same job then goes on from there later. A film that is done by
        then is done. Raises FilmError.
        """
        process = subprocess.Popen(
            command("colorizer.films.job"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
        assert process.stdin
        assert process.stdout
        try:
            with suppress(OSError), process.stdin:  # if it has ended, the missing answer tells
                process.stdin.write(json.dumps(self.to_json()).encode())
            for line in process.stdout:
                said = json.loads(line)
                if "error" in said:
                    raise FilmError.of(said["error"], **said["values"])
                if "notes" in said:
                    return [FilmError.of(kind, **values) for kind, values in said["notes"]]
                yield said["share"]
                if stop():
                    return None
            kind = "photo_memory" if process.wait() == KILLED else "photo_damaged"
            raise FilmError.of(kind, name=printable(self.source.name))
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    def to_json(self) -> dict[str, Any]:
        """Values that JSON can hold."""
        readout = dict(vars(self.readout))
        if self.readout.reference is not None:
            readout["reference"] = base64.b64encode(self.readout.reference.tobytes()).decode()
        paths = {name: str(getattr(self, name)) for name in ("checkpoint", "source", "target")}
        return {**self._asdict(), **paths, "readout": readout}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Job:
        """The job that another process has told."""
        from ..inference.hints import numeric

        readout = told["readout"]
        if readout["reference"] is not None:
            readout["reference"] = Image.frombytes("RGB", (64, 64), base64.b64decode(readout["reference"]))
        paths = {name: Path(told[name]) for name in ("checkpoint", "source", "target")}
        hints = tuple(hint._replace(path=tuple((x, y) for x, y in hint.path)) for hint in numeric(told["hints"]))
        return cls(**{**told, **paths, "readout": Readout(**readout), "hints": hints})


def main() -> None:
    """Do the job on standard input; say in lines of JSON how far it is, and how it ended."""
    end_with(os.getppid())
    with suppress(AttributeError, OSError):  # Windows has no such thing
        os.nice(10)
    job = Job.from_json(json.load(sys.stdin))
    try:
        notes = _colour(job)
    except UserError as error:
        _say(error=error.kind, values=error.values)
    else:
        _say(notes=[(note.kind, note.values) for note in notes])


def _colour(job: Job) -> list[FilmError]:
    from ..inference.colorizer import Colorizer
    from .colour import colour_film
    from .reader import Film

    film = Film.open(job.source)
    if film.seconds and film.seconds > job.most_seconds:
        name = printable(job.source.name)
        raise FilmError.of("film_long", name=name, seconds=film.seconds, most=job.most_seconds)
    colorizer = Colorizer.from_checkpoint(job.checkpoint, device="cpu")
    _say(share=0.0)  # it begins
    height = job.most_height if film.height > job.most_height else None
    return colour_film(
        colorizer,
        job.source,
        job.target,
        vars(job.readout),
        hints=[hint.scaled(film.width / SIDE, film.height / SIDE) for hint in job.hints],
        height=height,
        progress=lambda count, share: _say(share=share),
    )


def _say(**answer: object) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
