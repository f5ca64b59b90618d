"""Colours a film from file to file, in pieces, so that a killed run goes on where it stopped."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image
from torch import Tensor

from ..colour.readout import Readout
from ..colour.whole_photo import join
from ..errors import FilmError
from ..files.atomic import unwritten, whole_file
from ..files.names import printable
from ..inference.colorization import checked_readout
from ..inference.colorizer import Colorizer
from ..inference.provenance import provenance_of
from ..runtime.threads import limit_strips
from .luma import shrunk
from .pieces import Pieces, is_result, made_with, mark
from .reader import Film, Frame
from .steady import AHEAD, Steady
from .writer import Kind, Piece, check_tracks, join_pieces, kind_of

FRAMES = 480
"""Frames of a piece."""
BEFORE = 24
"""Frames before a piece that its colours begin with, so that no seam shows."""
CRF = 18.0
"""x264's quality: lower is better and larger, 18 looks like the original."""
Progress = Callable[[int, "float | None"], None]


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


def coloured_frames(colorizer: Colorizer, film: Film, readout: Readout, first: int = 0) -> Iterator[Coloured]:
    """The frames of a film in colour, in order, from number `first` on; a piece at a time is in agreement, and memory
    does not grow with the film's length. Raises FilmError."""
    small, shown = _Ahead(colorizer, film), islice(film.frames(), first, None)
    for start in range(first, 1 << 62, FRAMES):
        begin = max(0, start - BEFORE)
        colours = Steady(colorizer, readout).colours(small.between(begin, start + FRAMES + AHEAD))
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
    for frame in coloured_frames(colorizer, film, _chosen(colorizer, readout)):
        rgb = join(film.coding.gray(frame.luma), frame.ab)
        yield FilmFrame(Image.fromarray(rgb), float(frame.pts * film.time_base))


def colour_film(
    colorizer: Colorizer,
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    readout: Mapping[str, Any] | None = None,
    *,
    height: int | None = None,
    crf: float = CRF,
    progress: Progress | None = None,
) -> list[FilmError]:
    """Colour a film; returns what there is to say about what was read.

    target: .mp4 (H.264), .mov (ProRes) or .mkv (FFV1, lossless). Sound, subtitles and chapters are copied. Finished
    pieces wait beside it; a run that was stopped goes on after them, to the same file. readout: fields of `Readout`.
    height: of the result in pixels, if it is to be smaller. crf: of H.264, 0 to 51. progress: called with the number of
    finished frames and, if it is known, the share of the film. Raises FilmError, ValueError.
    """
    source, target, chosen = Path(source), Path(target), _chosen(colorizer, readout or {})
    kind, film = kind_of(target), Film.open(source)
    if height is not None:
        film = film.scaled(height)
    if film.aspect != 1 and not kind.keeps_aspect:
        film = film.with_square_pixels()
    check_tracks(film, target, kind)
    made = made_with(colorizer.card.sha256, chosen, height, crf if kind.lossy else None)
    with _writing(target):
        pieces = Pieces(target, source, made)
        with pieces.alone():
            if not pieces.complete:
                _colour(colorizer, film, chosen, pieces, kind, crf, progress)
            pieces.tell(film)
            if not pieces.done():
                raise FilmError.of("film_empty", name=printable(source.name))
            by = provenance_of(colorizer.card.name, colorizer.card.sha256, colorizer.architecture, chosen, [])
            join_pieces(film, pieces, kind, by, mark(source, made))
            pieces.remove()
    return list({str(note): note for note in film.notes}.values())  # it is read twice


def is_coloured(
    colorizer: Colorizer,
    source: Path,
    target: Path,
    readout: Mapping[str, Any],
    *,
    height: int | None = None,
    crf: float = CRF,
) -> bool:
    """Whether `target` is what `colour_film` would make of `source` with these settings. Raises FilmError,
    ValueError."""
    chosen = _chosen(colorizer, readout)
    made = made_with(colorizer.card.sha256, chosen, height, crf if kind_of(target).lossy else None)
    return is_result(target, source, made)


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    """Turn what stops a film from being written into a FilmError."""
    import av

    name = printable(target.name)
    with unwritten(name, FilmError):
        try:
            yield
        except av.error.FFmpegError as failure:
            if isinstance(failure, OSError):
                raise
            raise FilmError.of("unwritten", name=name, reason=failure.strerror) from None


def _chosen(colorizer: Colorizer, readout: Mapping[str, Any]) -> Readout:
    return checked_readout(Readout(**readout), colorizer.architecture, colorizer.card.temperature)


def _colour(
    colorizer: Colorizer,
    film: Film,
    readout: Readout,
    pieces: Pieces,
    kind: Kind,
    crf: float,
    progress: Progress | None,
) -> None:
    """Make the pieces that are not there."""
    whole = film.seconds and round(film.seconds * film.rate)
    count = FRAMES * len(pieces.done())
    frames = coloured_frames(colorizer, film, readout, count)
    for first in frames:  # of a piece
        with (
            whole_file(pieces.next(), None) as path,
            Piece(film, path, kind, crf) as piece,
            ThreadPoolExecutor(1, initializer=limit_strips, initargs=(1,)) as writing,
        ):
            waiting: deque[Future[None]] = deque()
            for frame in chain([first], islice(frames, FRAMES - 1)):
                waiting.append(writing.submit(piece.write, frame.luma, frame.ab, frame.pts))
                if len(waiting) > 4:
                    waiting.popleft().result()
                count += 1
                if progress:
                    progress(count, min(1.0, count / whole) if whole else None)
            for each in waiting:
                each.result()
    pieces.end(film)


class _Ahead:
    """The lightness of a film's frames at the size of a network's input, by number, a few of which are kept."""

    def __init__(self, colorizer: Colorizer, film: Film):
        self._size = colorizer.input_size((round(film.width * film.aspect), film.height))
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
