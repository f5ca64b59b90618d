"""Colours a film from file to file, in pieces, so that a killed run goes on where it stopped; and looks ahead in
it, at all that its frames are coloured by."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
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
from ..photo.formats.choice import EVEN
from ..runtime.threads import in_order, limit_strips
from .hinted import Painted
from .luma import shrunk
from .motion import motion
from .pieces import Pieces, is_result, made_with, mark, state_of
from .reader import Film
from .shots import SHOTS
from .steady import AHEAD, ALONE, CHUNK, Seen, State, Steady, film_size
from .writer import Kind, Piece, check_tracks, join_pieces, kind_of


class Ahead:
    """A film's frames, as `Steady` takes them. What hints paint on the frame of their moment stays until the shot ends,
    and comes slowly in the `AHEAD` frames before, or at once if the shot begins there.

    hints: in pixels of the film's frames.
    """

    def __init__(self, colorizer: Colorizer, film: Film, readout: Readout, hints: Sequence[Hint]):
        self._colorizer, self._film, self._readout = colorizer, film, readout
        self._size = film_size(colorizer, (round(film.width * film.aspect), film.height))
        self._kept: deque[Seen] = deque(maxlen=AHEAD + 1)
        self._shots: deque[Seen] = deque(maxlen=SHOTS)
        scale = self._size[1] / film.width, self._size[0] / film.height
        moments = groupby(sorted(hints, key=_moment), lambda hint: hint.seconds)
        self._coming = {begin: [hint.scaled(*scale) for hint in group] for begin, group in moments}
        self._first = film.first_to_see() if None in self._coming else None

    def frames(self, first: int) -> Iterator[Seen]:
        """From number `first` on."""
        needed = 0 if self._coming else first - 1  # hints are carried from their own frames
        for number, frame in enumerate(self._film.frames()):
            if number < needed:
                continue
            with ALONE(), torch.inference_mode():
                L = shrunk(self._film.coding.lightness(frame.luma), self._size)
                last = self._kept[-1] if self._kept else None
                seen = Seen.after(last, L)
                if last and seen.motion is None:
                    self._cut(last, seen)
                self._kept.append(seen)
                for begin in self._due(L, number, float(frame.pts * self._film.time_base)):
                    hints = self._coming.pop(begin)
                    self._begin(Painted.of(self._colorizer, L, hints, self._readout))
            if number >= first:
                yield seen
        name = printable(self._film.path.name)
        self._film.notes += (FilmError.of("film_hint", name=name, at=begin or 0.0) for begin in self._coming)

    def _cut(self, last: Seen, seen: Seen) -> None:
        """Begin a shot: where an earlier one goes on, seen from the same place, what hints paint does, too. The last
        frame of each shot with hints is kept."""
        if last.painted:
            self._shots.append(last)
        for shot in reversed(self._shots):
            moved = motion(shot.L, seen.L)
            if not moved.cut:
                seen.painted += [each.moved(moved.back, moved.back_holds, seen.L) for each in shot.painted]
                self._shots.remove(shot)
                return

    def _due(self, L: Tensor, number: int, seconds: float) -> list[float | None]:
        """The moments of hints that begin at this frame: the first one with something to see from then on. Those
        without a moment are for the frame that the page shows."""
        clear = float(L.std()) * 2.55 > EVEN
        first = clear if self._first is None else number >= self._first
        reached = seconds + 0.5 / float(self._film.rate)
        return [begin for begin in self._coming if (first if begin is None else clear and begin <= reached)]

    def _begin(self, painted: Painted) -> None:
        """Add what hints paint on the last frame that was read."""
        later, before = self._kept[-1], list[tuple[Seen, Painted]]()
        later.painted.append(painted)
        for seen in islice(reversed(self._kept), 1, AHEAD + 1):
            if later.motion is None:
                break
            painted, later = painted.moved(later.motion.ahead, later.motion.ahead_holds, seen.L), seen
            before.append((seen, painted))
        for number, (seen, there) in enumerate(before, 1):
            whole = later.motion is None
            seen.painted.append(there if whole else there.faded(1 - number / (AHEAD + 1)))


def _moment(hint: Hint) -> tuple[bool, float]:
    """Orders hints by when they begin."""
    return hint.seconds is not None, hint.seconds or 0.0


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
    progress: called with the number of finished frames and, if it is known, the share of the film; of the last frame
    of a piece, once the piece is kept. Raises FilmError, ValueError.
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

    def share() -> float | None:
        return min(1.0, count / whole) if whole else None

    for first in frames:  # of a piece
        pieces.check_room(share())
        target = pieces.next()
        with (
            whole_file(target, None) as path,
            Piece(film, path, kind, crf) as piece,
            ThreadPoolExecutor(1, initializer=limit_strips, initargs=(1,)) as writing,
        ):
            of_piece, state = chain([first], islice(frames, FRAMES - 1)), first.state
            for number, frame in enumerate(in_order(writing, partial(_written, piece), of_piece, 5)):
                if number and progress:
                    progress(count, share())
                count, state = count + 1, frame.state
            state.save(state_of(target))
        if progress:
            progress(count, share())
    pieces.end(film)


def _written(piece: Piece, frame: Coloured) -> Coloured:
    piece.write(frame.luma, frame.ab, frame.pts)
    return frame
