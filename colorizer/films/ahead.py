"""Looks ahead in a film, at all that its frames are coloured by."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import groupby, islice

import torch
from torch import Tensor

from ..colour.readout import Readout
from ..errors import FilmError
from ..files.names import printable
from ..inference.colorizer import Colorizer
from ..inference.hints import Hint
from ..photo.formats.choice import EVEN
from .hinted import Painted
from .luma import shrunk
from .motion import motion
from .reader import Film
from .steady import AHEAD, ALONE, Seen

SHOTS = 4
"""Shots with hints that may go on after others: a film goes to and fro between people who talk."""


class Ahead:
    """A film's frames, as `Steady` takes them. What hints paint on the frame of their moment stays until the shot ends,
    and comes slowly in the `AHEAD` frames before, or at once if the shot begins there.

    hints: in pixels of the film's frames.
    """

    def __init__(self, colorizer: Colorizer, film: Film, readout: Readout, hints: Sequence[Hint]):
        self._colorizer, self._film, self._readout = colorizer, film, readout
        self._size = colorizer.input_size((round(film.width * film.aspect), film.height))
        self._kept: deque[Seen] = deque(maxlen=AHEAD + 1)
        self._shots: deque[Seen] = deque(maxlen=SHOTS)
        scale = self._size[1] / film.width, self._size[0] / film.height
        moments = groupby(sorted(hints, key=_moment), _moment)
        self._coming = {begin: [hint.scaled(*scale) for hint in group] for begin, group in moments}

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
                for begin in self._due(L, float(frame.pts * self._film.time_base)):
                    hints = self._coming.pop(begin)
                    self._begin(Painted.of(self._colorizer, L, hints, self._readout))
            if number >= first:
                yield seen
        name = printable(self._film.path.name)
        self._film.notes += (FilmError.of("film_hint", name=name, at=begin) for begin in self._coming)

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

    def _due(self, L: Tensor, seconds: float) -> list[float]:
        """The moments of hints that begin at this frame: the first one with something to see from then on. Of a film's
        beginning it is the frame that the page shows."""
        if float(L.std()) * 2.55 <= EVEN:
            return []
        return [begin for begin in self._coming if begin <= seconds + 0.5 / float(self._film.rate)]

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


def _moment(hint: Hint) -> float:
    """When a hint begins, in seconds."""
    return hint.seconds or 0.0
