"""Colours of a film that do not flicker.

What a network says of every frame is carried along the motion and averaged, as far as the motion holds, before
colours are decided: first from the beginning on, then back from a few frames ahead. So grain, scratches and flicker of
old film do not become colours. What the network sees is not averaged: that blurs, and its colours get worse. A new shot
begins with nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..colour.readout import Readout
from ..inference.colorization import reading
from ..inference.colorizer import Colorizer
from ..runtime.memory import give_back
from ..runtime.threads import COUNT, in_order, steady
from .hinted import Painted
from .motion import Motion, carried, motion

ALONE = partial(steady, 1)
"""One core for a frame, and a frame for each core, is faster than all cores for one frame."""
MEMORY = 24.0
"""Most frames that count in an average, on either side."""
CHUNK, AHEAD = 16, 12
"""Frames that are decided together, and frames after them that have a say."""


@dataclass
class Seen:
    """A frame before it is coloured."""

    L: Tensor
    """(H, W), at the size of the network's input."""
    motion: Motion | None = None
    """From the frame before; None where a shot begins."""
    painted: list[Painted] = field(default_factory=list)
    """The colours that hints paint on it."""

    @classmethod
    def after(cls, before: Seen | None, L: Tensor) -> Seen:
        """A frame after another, or the first one."""
        moved = motion(before.L, L) if before else None
        if before is None or moved is None or moved.cut:
            return cls(L)
        return cls(L, moved, [each.moved(moved.back, moved.back_holds, L) for each in before.painted])


def seen(frames: Iterable[Tensor]) -> Iterator[Seen]:
    """Frames L (H, W) in order."""
    last = None
    for L in frames:
        last = Seen.after(last, L)
        yield last


@dataclass
class _Moment:
    """A frame that waits for those after it."""

    seen: Seen
    prediction: Any
    L: Tensor
    """(1, 1, H, W), as the network saw it."""
    own: list[Tensor]
    """The network's answer for this frame alone: its estimates, each (C, h, w), in half precision to save memory."""
    past: Average


@dataclass
class Average:
    """Maps (C, h, w) averaged over frames, and how many frames count at each place, (1, h, w)."""

    maps: list[Tensor]
    counts: list[Tensor]

    @classmethod
    def of(cls, maps: list[Tensor]) -> Average:
        """The average over one frame."""
        return cls(maps, [torch.ones(1, *each.shape[1:]) for each in maps])

    def then(self, maps: list[Tensor], flow: Tensor, holds: Tensor, most: float) -> Average:
        """With one more frame, into which `flow` leads from where it `holds`. most: frames that count."""
        averaged, counts = [], []
        for new, old, count in zip(maps, self.maps, self.counts, strict=True):
            trust = F.interpolate(holds[None], new.shape[1:], mode="area")[0]
            came = carried(torch.cat((old, count)), flow)
            before = trust * came[-1:].clamp(max=most - 1)
            averaged.append(torch.lerp(new, came[:-1], before / (before + 1)))
            counts.append(before + 1)
        return Average(averaged, counts)


class Steady:
    """Colours the frames of a film one after the other; all of one size. `readout` is as in `Colorizer.colorize`."""

    def __init__(self, colorizer: Colorizer, readout: Readout):
        self.colorizer = colorizer
        self._read = reading(colorizer.architecture, readout)
        self._finish = readout.answered_by(colorizer.architecture).finish

    def colours(self, frames: Iterable[Seen]) -> Iterator[Tensor]:
        """For each frame, in order: ab (2, h, w), Lab units. Reads `CHUNK` + `AHEAD` frames ahead, and one or two for
        each core, and holds no more than these."""
        waiting: list[_Moment] = []
        with ThreadPoolExecutor(COUNT if self.colorizer.device.type == "cpu" else 1) as pool:
            for said in in_order(pool, self._said, frames, COUNT):
                with ALONE(), torch.inference_mode():
                    waiting.append(self._moment(*said, waiting[-1] if waiting else None))
                    ready = self._decided(waiting, CHUNK) if len(waiting) == CHUNK + AHEAD else []
                del waiting[: len(ready)]
                yield from pool.map(self._decide, ready)
                if ready:
                    give_back()
            with ALONE(), torch.inference_mode():
                ready = self._decided(waiting, len(waiting))
            yield from pool.map(self._decide, ready)

    def _said(self, seen: Seen) -> tuple[Seen, Tensor, Any, list[Tensor]]:
        """Run the network on a frame."""
        with ALONE(), torch.inference_mode():
            batch = seen.L[None, None].to(self.colorizer.device)
            prediction = self.colorizer.network(batch, None)
            architecture = self.colorizer.architecture
            own = architecture.estimates(prediction, self._finish)
            needed = architecture.with_estimates(prediction, own, self._finish)  # much less than the whole prediction
            return seen, batch, needed, [each[0].float().cpu() for each in own]

    def _moment(self, seen: Seen, batch: Tensor, prediction: Any, own: list[Tensor], before: _Moment | None) -> _Moment:
        if seen.motion is None or before is None:
            past = Average.of(own)
        else:
            past = before.past.then(own, seen.motion.back, seen.motion.back_holds, MEMORY)
        return _Moment(seen, prediction, batch, [each.half() for each in own], past)

    def _decided(self, waiting: list[_Moment], count: int) -> list[tuple[_Moment, list[Tensor]]]:
        """The first `count` frames, with what those after them say, too."""
        decided: list[tuple[_Moment, list[Tensor]]] = []
        later: Average | None = None
        following: Motion | None = None
        for number in range(len(waiting) - 1, -1, -1):
            moment = waiting[number]
            own = [each.float() for each in moment.own]
            if later is None or following is None:
                later = Average.of(own)
            else:
                later = later.then(own, following.ahead, following.ahead_holds, MEMORY)
            following = moment.seen.motion
            if number < count:
                decided.append((moment, _both(moment.past, later, own)))
        return decided[::-1]

    def _decide(self, told: tuple[_Moment, list[Tensor]]) -> Tensor:
        """ab (2, h, w) of a frame."""
        moment, estimates = told
        architecture = self.colorizer.architecture
        with ALONE(), torch.inference_mode():
            there = [each[None].to(moment.L.device) for each in estimates]
            ab = self._read(architecture.with_estimates(moment.prediction, there, self._finish), moment.L)
            for painted in moment.seen.painted:
                ab = painted.on(ab)
            return ab


def _both(past: Average, later: Average, own: list[Tensor]) -> list[Tensor]:
    """The average over frames before and after; the frame itself is in both."""
    every = zip(past.maps, past.counts, later.maps, later.counts, own, strict=True)
    return [(a * m + b * n - o) / (m + n - 1) for a, m, b, n, o in every]
