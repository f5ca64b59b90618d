"""Colours a film from file to file, in pieces, so that a killed run goes on where it stopped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image
from torch import Tensor

from ..colour.readout import Readout
from ..colour.whole_photo import join
from ..errors import FilmError, UserError
from ..files.atomic import unwritten, whole_file
from ..files.names import printable
from ..inference.colorization import checked_readout, provenance_of
from ..inference.colorizer import Colorizer
from ..inference.hints import Hint, check, numeric
from ..runtime.threads import in_order, limit_strips
from .ahead import Ahead
from .pieces import Pieces, is_result, made_with, mark, state_of
from .reader import Film
from .steady import CHUNK, State, Steady
from .writer import Kind, Piece, check_tracks, join_pieces, kind_of

FRAMES = 30 * CHUNK
"""Frames of a piece."""
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
    state: State


class FilmFrame(NamedTuple):
    """A frame of a film in colour, to look at."""

    image: Image.Image
    """PIL "RGB", upright, with the film's own lightness."""
    seconds: float
    """When it is shown."""


def coloured_frames(
    colorizer: Colorizer,
    film: Film,
    readout: Readout,
    hints: Sequence[Hint],
    first: int = 0,
    state: State | None = None,
) -> Iterator[Coloured]:
    """The frames of a film in colour, in order, from number `first` on; memory does not grow with the film's length.

    hints: in pixels of `film`. first: a multiple of `CHUNK`. state: of the frame before it. Raises FilmError.
    """
    small, shown = Ahead(colorizer, film, readout, hints).frames(first), islice(film.frames(), first, None)
    for decided, frame in zip(Steady(colorizer, readout, state).colours(small), shown, strict=False):
        yield Coloured(frame.luma, decided.ab, frame.pts, decided.state)


def film_frames(
    colorizer: Colorizer, path: str | os.PathLike[str], hints: Sequence[Hint], readout: dict[str, Any]
) -> Iterator[FilmFrame]:
    """`Colorizer.film`."""
    film = Film.open(path)
    for frame in coloured_frames(colorizer, film, _chosen(colorizer, readout), _checked(colorizer, film, hints)):
        rgb = join(film.coding.gray(frame.luma), frame.ab)
        yield FilmFrame(Image.fromarray(rgb), float(frame.pts * film.time_base))


def colour_film(
    colorizer: Colorizer,
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    readout: Mapping[str, Any] | None = None,
    *,
    hints: Sequence[Hint] = (),
    height: int | None = None,
    crf: float = CRF,
    progress: Progress | None = None,
) -> list[FilmError]:
    """Colour a film; returns what there is to say about what was read.

    target: .mp4 (H.264), .mov (ProRes) or .mkv (FFV1, lossless). Sound, subtitles and chapters are copied. Finished
    pieces wait beside it; a run that was stopped goes on after them, to the same file. readout: fields of `Readout`.
    hints: as in `Colorizer.film`. height: of the result in pixels, if it is to be smaller. crf: of H.264, 0 to 51.
    progress: called with the number of finished frames and, if it is known, the share of the film. Raises FilmError,
    ValueError.
    """
    source, target, chosen = Path(source), Path(target), _chosen(colorizer, readout or {})
    kind, film = kind_of(target), Film.open(source)
    given, size = _checked(colorizer, film, hints), (film.width, film.height)
    if height is not None:
        film = film.scaled(height)
    if film.aspect != 1 and not kind.keeps_aspect:
        film = film.with_square_pixels()
    check_tracks(film, target, kind)
    made = made_with(colorizer.card.sha256, chosen, height, crf if kind.lossy else None, given)
    with _writing(target):
        pieces = Pieces(target, source, made)
        with pieces.alone():
            if not pieces.complete:
                there = [hint.scaled(film.width / size[0], film.height / size[1]) for hint in given]
                _colour(colorizer, film, chosen, there, pieces, kind, crf, progress)
            pieces.tell(film)
            if not pieces.done():
                raise FilmError.of("film_empty", name=printable(source.name))
            by = provenance_of(colorizer.card.name, colorizer.card.sha256, colorizer.architecture, chosen, given)
            join_pieces(film, pieces, kind, by, mark(source, made))
            pieces.remove()
    return list({str(note): note for note in film.notes}.values())  # it is read twice


def is_coloured(
    colorizer: Colorizer,
    source: Path,
    target: Path,
    readout: Mapping[str, Any],
    *,
    hints: Sequence[Hint] = (),
    height: int | None = None,
    crf: float = CRF,
) -> bool:
    """Whether `target` is what `colour_film` would make of `source` with these settings. Raises FilmError,
    ValueError."""
    chosen = _chosen(colorizer, readout)
    crf_told = crf if kind_of(target).lossy else None
    made = made_with(colorizer.card.sha256, chosen, height, crf_told, numeric(hints))
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


def _checked(colorizer: Colorizer, film: Film, hints: Sequence[Hint]) -> tuple[Hint, ...]:
    """Hints for a film. Raises FilmError, ValueError."""
    given = numeric(hints)
    if given and not colorizer.architecture.takes_hints:
        raise UserError.of("no_hints", architecture=colorizer.architecture.name)
    check(given, (film.height, film.width))
    for hint in given:
        if hint.seconds is not None and film.seconds and hint.seconds >= film.seconds:
            raise FilmError.of("film_moment", name=printable(film.path.name), seconds=film.seconds, at=hint.seconds)
    return given


def _colour(
    colorizer: Colorizer,
    film: Film,
    readout: Readout,
    hints: Sequence[Hint],
    pieces: Pieces,
    kind: Kind,
    crf: float,
    progress: Progress | None,
) -> None:
    """Make the pieces that are not there."""
    whole = film.seconds and round(film.seconds * film.rate)
    done = pieces.done()
    count = FRAMES * len(done)
    frames = coloured_frames(colorizer, film, readout, hints, count, State.load(state_of(done[-1])) if done else None)
    for first in frames:  # of a piece
        target = pieces.next()
        with (
            whole_file(target, None) as path,
            Piece(film, path, kind, crf) as piece,
            ThreadPoolExecutor(1, initializer=limit_strips, initargs=(1,)) as writing,
        ):
            of_piece, state = chain([first], islice(frames, FRAMES - 1)), first.state
            for frame in in_order(writing, partial(_written, piece), of_piece, 5):
                count, state = count + 1, frame.state
                if progress:
                    progress(count, min(1.0, count / whole) if whole else None)
            state.save(state_of(target))
    pieces.end(film)


def _written(piece: Piece, frame: Coloured) -> Coloured:
    piece.write(frame.luma, frame.ab, frame.pts)
    return frame
