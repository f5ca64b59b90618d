"""Colours a film from file to file, in pieces, so that a killed run goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image
from torch import Tensor

from ..colour.readout import Readout
from ..colour.whole_photo import join
from ..errors import FilmError
from ..files.atomic import PARTIAL, unwritten
from ..files.identity import stamp
from ..files.names import printable
from ..inference.colorization import checked_readout
from ..inference.colorizer import Colorizer
from ..inference.provenance import provenance_of
from ..photo.xmp import packet_of
from ..runtime.threads import limit_strips
from .luma import shrunk
from .reader import Film, Frame
from .steady import AHEAD, Steady
from .writer import KINDS, Kind, Piece, check_tracks, join_pieces, size_of_height, suffix_of

FRAMES = 480
"""Frames of a piece."""
BEFORE = 24
"""Frames before a piece that its colours begin with, so that no seam shows."""
CRF = 18.0
"""x264's quality: lower is better and larger, 18 looks like the original."""


class Coloured(NamedTuple):
    """A frame in colour."""

    luma: np.ndarray
    """The film's own: (H, W), as `Frame.luma`."""
    ab: Tensor
    """(2, h, w), Lab units, at the network's resolution."""
    pts: int


class FilmFrame(NamedTuple):
    """A frame of a film in colour, to look at."""

    image: Image.Image
    """PIL "RGB", upright, with the film's own lightness."""
    seconds: float
    """When it is shown."""


def coloured_frames(
    colorizer: Colorizer, film: Film, readout: dict[str, Any] | None = None, first: int = 0
) -> Iterator[Coloured]:
    """The frames of a film in colour, in order, from number `first` on; a piece at a time is in agreement, and memory
    does not grow with the film's length. readout: fields of `Readout`. Raises FilmError, ValueError."""
    chosen = checked_readout(Readout(**(readout or {})), colorizer.architecture, colorizer.card.temperature)
    small, shown = _Ahead(colorizer, film), islice(film.frames(), first, None)
    for start in range(first, 1 << 62, FRAMES):
        begin = max(0, start - BEFORE)
        colours = Steady(colorizer, chosen).colours(small.between(begin, start + FRAMES + AHEAD))
        of_piece, count = islice(colours, start - begin, start - begin + FRAMES), 0
        for ab in of_piece:
            frame = next(shown, None)
            if frame is None:  # less could be decoded this time
                return
            count += 1
            yield Coloured(frame.luma, ab, frame.pts)
        if count < FRAMES:
            return


def film_frames(colorizer: Colorizer, path: str | os.PathLike[str], readout: dict[str, Any]) -> Iterator[FilmFrame]:
    """`Colorizer.film`."""
    film = Film.open(path)
    for frame in coloured_frames(colorizer, film, readout):
        rgb = join(film.coding.gray(frame.luma), frame.ab)
        yield FilmFrame(Image.fromarray(rgb), float(frame.pts * film.time_base))


def colour_film(
    colorizer: Colorizer,
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    readout: dict[str, Any] | None = None,
    *,
    height: int | None = None,
    crf: float = CRF,
    progress: Callable[[int, float | None], None] | None = None,
) -> list[str]:
    """Colour a film; returns sentences about what was read.

    target: .mp4 (H.264), .mov (ProRes) or .mkv (FFV1, lossless). Sound, subtitles and chapters are copied. Finished
    pieces wait beside it; a run that was stopped goes on after them, to the same file. readout: fields of `Readout`.
    height: of the result in pixels, if it is to be smaller. crf: of H.264, 0 to 51. progress: called with the number of
    finished frames and, if it is known, the share of the film. Raises FilmError, ValueError.
    """
    source, target = Path(source), Path(target)
    kind = KINDS[suffix_of(target)]
    film = Film.open(source)
    if height is not None:
        film = Film.open(source, size_of_height(film, height))
    if film.aspect != 1 and not kind.keeps_aspect:
        width, notes = round(film.width * film.aspect), film.notes
        film = Film.open(source, (width, film.height))
        film.aspect = Fraction(1)
        film.notes += [*notes, str(FilmError.of("film_pixels", name=printable(source.name), width=width))]
    check_tracks(film, target)
    settings = {"readout": _told(readout or {}), "crf": crf, "height": height, "of": stamp(source)}
    settings |= {"sha256": colorizer.card.sha256, "target": target.name}
    pieces = _Pieces(target, settings)
    with unwritten(printable(target.name), FilmError):
        pieces.folder.mkdir(parents=True, exist_ok=True)
        _colour(colorizer, film, readout, pieces, kind, crf, progress)
        if not pieces.done():
            raise FilmError.of("film_empty", name=printable(source.name))
        chosen = checked_readout(Readout(**(readout or {})), colorizer.architecture, colorizer.card.temperature)
        made = provenance_of(colorizer.card.name, colorizer.card.sha256, colorizer.architecture, chosen, [])
        mime = {".mp4": "video/mp4", ".mov": "video/quicktime"}.get(target.suffix.lower(), "video/x-matroska")
        packet = packet_of(b"", (film.width, film.height), "", mime, made.event(), made.sentence())
        join_pieces(film, pieces.done(), target, packet, made.sentence())
        pieces.remove()
    return list(dict.fromkeys(film.notes))  # it is read twice


def _told(readout: Mapping[str, Any]) -> dict[str, str]:
    """A readout by what makes a difference: a reference by its pixels."""
    pictures = {name: value for name, value in readout.items() if isinstance(value, Image.Image)}
    told = {name: repr(value) for name, value in readout.items() if name not in pictures}
    return told | {name: hashlib.sha256(value.convert("RGB").tobytes()).hexdigest() for name, value in pictures.items()}


def _colour(
    colorizer: Colorizer,
    film: Film,
    readout: dict[str, Any] | None,
    pieces: _Pieces,
    kind: Kind,
    crf: float,
    progress: Callable[[int, float | None], None] | None,
) -> None:
    """Make the pieces that are not there."""
    whole = film.seconds and round(film.seconds * film.rate)
    if pieces.complete:
        return
    done = FRAMES * len(pieces.done())
    frames = coloured_frames(colorizer, film, readout, done)
    ended = False
    while not ended:
        count = 0
        with pieces.next() as path, ExitStack() as stack:
            piece = None
            with ThreadPoolExecutor(1, initializer=limit_strips, initargs=(1,)) as writing:
                waiting: deque[Future[None]] = deque()
                for frame in islice(frames, FRAMES):
                    piece = piece or stack.enter_context(Piece(film, path, kind, crf))
                    waiting.append(writing.submit(piece.write, frame.luma, frame.ab, frame.pts))
                    if len(waiting) > 4:
                        waiting.popleft().result()
                    count += 1
                    if progress:
                        progress(done + count, min(1.0, (done + count) / whole) if whole else None)
                for each in waiting:
                    each.result()
        done += count
        ended = count < FRAMES
    pieces.end()


def network_size(colorizer: Colorizer, size: tuple[int, int]) -> tuple[int, int]:
    """(H, W) of a network's input for frames that look `size` = (width, height) large."""
    stride = colorizer.architecture.stride
    height, width = (max(stride, round(side / stride) * stride) for side in colorizer.fitting_size(size))
    return height, width


class _Ahead:
    """The lightness of a film's frames at the size of a network's input, by number, a few of which are kept."""

    def __init__(self, colorizer: Colorizer, film: Film):
        self._size = network_size(colorizer, (round(film.width * film.aspect), film.height))
        self._film = film
        self._frames: Iterator[Frame] = film.frames()
        self._kept: deque[Tensor] = deque(maxlen=BEFORE + 2 * AHEAD)
        self._read = 0

    def between(self, start: int, stop: int) -> Iterator[Tensor]:
        """L (h, w) of frames from number `start` on, up to `stop` or the film's end. `start` must not lie further back
        than the frames that are kept."""
        yield from list(self._kept)[max(0, start - self._read + len(self._kept)) :]
        for frame in self._frames:
            self._read += 1
            if self._read <= start:
                continue  # of a piece that is there
            L = shrunk(self._film.coding.lightness(frame.luma), self._size)
            self._kept.append(L)
            yield L
            if self._read >= stop:
                return


class _Pieces:
    """The finished pieces of a film, in a hidden folder beside the result."""

    def __init__(self, target: Path, settings: dict[str, Any]):
        key = hashlib.blake2b(json.dumps(settings, sort_keys=True).encode(), digest_size=6).hexdigest()
        self._like = f"{PARTIAL}film-{hashlib.blake2b(os.fsencode(target.name), digest_size=6).hexdigest()}-"
        self.folder, self._suffix = target.parent / (self._like + key), target.suffix.lower()

    def done(self) -> list[Path]:
        return sorted(self.folder.glob(f"{'[0-9]' * 6}{self._suffix}"))

    @property
    def complete(self) -> bool:
        """Whether the last piece is there."""
        return (self.folder / "complete").exists()

    def next(self) -> _Piece:
        """A file for the next piece; it counts once it is whole."""
        return _Piece(self.folder / f"{len(self.done()):06}{self._suffix}")

    def end(self) -> None:
        """Remember that there are no more."""
        (self.folder / "complete").touch()

    def remove(self) -> None:
        """Delete them, and those of earlier runs with other settings."""
        for folder in self.folder.parent.glob(f"{self._like}*"):
            shutil.rmtree(folder, ignore_errors=True)


class _Piece:
    """A context in which a piece is written; a piece without a frame leaves nothing."""

    def __init__(self, path: Path):
        self._path, self._partial = path, path.with_name(f"{PARTIAL}{path.name}")

    def __enter__(self) -> Path:
        return self._partial

    def __exit__(self, kind: object, *rest: object) -> None:
        with suppress(FileNotFoundError):
            if kind is None:
                self._partial.replace(self._path)
            else:
                self._partial.unlink()
