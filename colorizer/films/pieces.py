"""The finished pieces of a film, and what tells that they, or the film made of them, are what a run would make."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields
from fractions import Fraction
from itertools import count, takewhile
from pathlib import Path
from typing import Any

from PIL import Image

from .. import __version__
from ..colour.readout import Readout
from ..errors import FilmError
from ..files.atomic import PARTIAL, write_whole
from ..files.identity import sha256, stamp
from ..files.lock import alone_in
from ..files.names import printable
from ..inference.hints import Hint
from .reader import Film

log = logging.getLogger(__name__)

_MARK = "colorizer:film:"
_MARKED = re.compile(_MARK.encode() + b"([0-9a-f]{12}):([0-9a-f]{12}):([0-9a-f]{64})")
_ENDS = 1 << 20
"""Bytes at either end of a film, where its mark is."""


def made_with(
    checkpoint: str, readout: Readout, height: int | None, crf: float | None, hints: Sequence[Hint] = ()
) -> str:
    """A short name of everything that decides how a film is coloured. checkpoint: its SHA-256."""
    told = {each.name: _told(getattr(readout, each.name)) for each in fields(readout)}
    return _short(json.dumps([checkpoint, told, height, crf, *hints], sort_keys=True))


def mark(source: Path, made: str) -> str:
    """The words of a coloured film about itself, for `is_result`. made: as `made_with`. Raises OSError."""
    return f"{_MARK}{made}:{_short(stamp(source))}:{sha256(source)}"


def is_result(target: Path, source: Path, made: str) -> bool:
    """Whether a film that is there was made of this one, in this way. Another version of the program makes no
    difference."""
    with suppress(OSError), open(target, "rb") as file:
        ends = file.read(_ENDS)
        file.seek(max(file.tell(), target.stat().st_size - _ENDS))
        said = _MARKED.search(ends + file.read())
        if said and said[1].decode() == made:
            return said[2].decode() == _short(stamp(source)) or said[3].decode() == sha256(source)
    return False  # also where one cannot be read: whoever does it again will say so


class Pieces:
    """The pieces of a film in a hidden folder beside the result."""

    def __init__(self, target: Path, source: Path, made: str):
        self.target, self._suffix, self._warned = target, target.suffix.lower(), False
        self._home = target.parent / f"{PARTIAL}film-{_short(target.name)}"
        self.folder = self._home / _short(f"{made} {stamp(source)} {__version__} {self._suffix}")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let no other run make a film of that name meanwhile. Raises FilmError if one does."""
        self._home.mkdir(parents=True, exist_ok=True)
        try:
            with alone_in(self._home):
                self.folder.mkdir(exist_ok=True)
                self._tidy()
                try:
                    yield
                finally:
                    with suppress(OSError):  # there are pieces
                        self.folder.rmdir()
        except BlockingIOError:
            raise FilmError.of("film_busy", name=printable(self.target.name)) from None
        finally:
            with suppress(OSError):
                self._home.rmdir()

    def _tidy(self) -> None:
        """Delete what a killed run left: half a file, and pieces after one that is gone."""
        done = self.done()
        kept = {*done, *map(state_of, done), *([self._end] if self.complete else [])}
        for path in self.folder.iterdir():
            if path not in kept:
                path.unlink()

    def done(self) -> list[Path]:
        """Those of the film's beginning that are there, each with its state: a run may have been killed while it
        deleted them."""
        files = (self.folder / f"{number:06}{self._suffix}" for number in count())
        return list(takewhile(lambda file: file.exists() and state_of(file).exists(), files))

    @property
    def complete(self) -> bool:
        """Whether all are there."""
        return self._end.exists() and self._seen()["pieces"] == len(self.done())

    def next(self) -> Path:
        """The file of the next piece."""
        return self.folder / f"{len(self.done()):06}{self._suffix}"

    def check_room(self, share: float | None) -> None:
        """Check that the disk has room for the next piece, as large as the largest, and for the film of those that are
        done. If the rest of the film does not seem to fit, warn once. share: of the film, that is done, if it is known.
        Raises FilmError."""
        done = self.done()
        if not done:
            return
        pieces = [path.stat().st_size for path in done]
        both = [size + state_of(path).stat().st_size for size, path in zip(pieces, done, strict=True)]
        least, free = max(both) + sum(pieces), shutil.disk_usage(self.folder).free
        needed = max(least, sum(both) * (1 / share - 1) + sum(pieces) / share) if share else least
        if free >= (least if self._warned else needed):
            return
        error = FilmError.of(
            "film_room", name=printable(self.target.name), needed=math.ceil(needed / 1e6), free=free // 10**6
        )
        if free < least:
            raise error
        self._warned = True
        log.warning("%s", error)

    def end(self, film: Film) -> None:
        """Remember that there are no more, and what was seen of the film on the way."""
        notes = [(note.kind, note.values) for note in film.notes]
        seen = {"pieces": len(self.done()), "notes": notes, "clocks": [str(each) for each in film.clocks]}
        write_whole(self._end, json.dumps(seen), None)

    def tell(self, film: Film) -> None:
        """Give a film what was seen of it when the pieces were made."""
        seen = self._seen()
        film.notes[:] = (FilmError.of(kind, **values) for kind, values in seen["notes"])
        film.clocks[:] = map(Fraction, seen["clocks"])

    def remove(self) -> None:
        """Delete them, and those of earlier runs with other settings."""
        shutil.rmtree(self._home, ignore_errors=True)

    def _seen(self) -> dict[str, Any]:
        return json.loads(self._end.read_text(encoding="utf-8"))

    @property
    def _end(self) -> Path:
        return self.folder / "complete"


def state_of(piece: Path) -> Path:
    """The file of what a piece leaves to the next one (`steady.State`)."""
    return piece.with_suffix(".state")


def _short(text: str) -> str:
    return hashlib.blake2b(os.fsencode(text), digest_size=6).hexdigest()


def _told(value: Any) -> str:
    """A control's value by what makes a difference: a picture by its pixels."""
    if isinstance(value, Image.Image):
        return hashlib.sha256(value.convert("RGB").tobytes()).hexdigest()
    return repr(float(value) if isinstance(value, int) else value)
