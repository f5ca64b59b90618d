"""Colours of a film that do not flicker.

What a network says of every frame is carried along the motion and averaged, as far as the motion holds, before
colours are decided: first from the beginning on, then back from a few frames ahead. So grain, scratches and flicker of
old film do not become colours. What the network sees is not averaged: that blurs, and its colours get worse. Then the
tint of a shot is held: what its things have in common of a change of colour is taken back. A new shot begins with what
the last ones said of things that it shows again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import load, save
from torch import Tensor

from ..colour.readout import Readout
from ..files.atomic import write_whole
from ..inference.colorization import reading
from ..inference.colorizer import Colorizer
from ..runtime.memory import give_back
from ..runtime.threads import COUNT, in_order, steady
from .hinted import Painted
from .motion import Motion, at, carried, motion
from .shots import SHOTS, Shot, looks_of, recalled, remembered

ALONE = partial(steady, 1)
"""One core for a frame, and a frame for each core, is faster than all cores for one frame."""
MEMORY = 24.0
"""Most frames that count in an average, on either side."""
CHUNK, AHEAD = 16, 12
"""Frames that are decided together, and frames after them that have a say."""
FLASH = 3
"""Frames of one place above which a shot is remembered; light of a camera is shorter."""
HELD = 0.9
"""The share of a tint's correction that stays from frame to frame: more of it adds up over a long pan, and colours get
worse."""


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
    """The network's answer for this frame, with what it recalls of earlier shots: its estimates, each (C, h, w), in
    half precision to save memory."""
    memory: Memory


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
            trust = at(holds, new)
            came = carried(torch.cat((old, count)), flow)
            before = trust * came[-1:].clamp(max=most - 1)
            averaged.append(torch.lerp(new, came[:-1], before / (before + 1)))
            counts.append(before + 1)
        return Average(averaged, counts)


class Tint(NamedTuple):
    """Holds the tint of a shot."""

    known: Average
    """ab of its frames so far, Lab units."""
    offset: Tensor
    """(2, 1, 1): what the last frame's colours get in addition."""

    @classmethod
    def of(cls, ab: Tensor) -> Tint:
        """The tint of a shot's first frame, ab (2, h, w)."""
        return cls(Average.of([ab]), torch.zeros(2, 1, 1))

    def then(self, ab: Tensor, moved: Motion) -> Tint:
        """With the next frame, by the mean change of all that goes over into it."""
        ab = ab + self.offset
        known = self.known.then([ab], moved.back, moved.back_holds, MEMORY)
        change = ab - known.maps[0]  # 1 / n of the whole change, where n frames count
        old = 1 - 1 / known.counts[0]
        apart = change.mean(dim=(1, 2), keepdim=True) / old.mean().clamp(min=0.1)
        return Tint(known, (self.offset - apart) * HELD)


class Memory(NamedTuple):
    """The network's answers until a frame, this one's too."""

    past: Average
    """Its estimates, averaged along the shot."""
    looks: Tensor | None
    """Features that tell the frame's places apart."""
    shots: tuple[Shot, ...] = ()
    """The last ones before the frame's."""

    def then(self, own: list[Tensor], looks: Tensor | None, moved: Motion | None) -> tuple[list[Tensor], Memory]:
        """The next frame's estimates with what they recall, and its memory. moved: None where a shot begins."""
        shots = self.shots
        if moved is None and self.looks is not None and self.past.counts[0].max() > FLASH:
            shots = remembered(shots, self.looks, self.past.maps)
        if shots and looks is not None:
            own = recalled(own, looks, shots)
        past = self.past.then(own, moved.back, moved.back_holds, MEMORY) if moved else Average.of(own)
        return own, Memory(past, looks, shots)


class State(NamedTuple):
    """The part of a frame's colours that the next frame starts from."""

    memory: Memory
    tint: Tint

    def save(self, path: Path) -> None:
        """Write it. Raises OSError."""
        past, looks, shots = self.memory
        tensors = {"offset": self.tint.offset} | ({} if looks is None else {"looks": looks})
        for name, average in (("past", past), ("tint", self.tint.known)):
            tensors |= _named(f"{name}.maps", average.maps) | _named(f"{name}.counts", average.counts)
        for number, shot in enumerate(shots):
            tensors |= {f"shot{number}": shot.looks} | _named(f"shot{number}.estimates", shot.estimates)
        content = save({name: tensor.contiguous().clone() for name, tensor in tensors.items()})
        write_whole(path, content, None)

    @classmethod
    def load(cls, path: Path) -> State:
        """Read what `save` wrote."""
        tensors = load(path.read_bytes())

        def listed(name: str) -> list[Tensor]:
            return [tensors[f"{name}.{index}"] for index in range(sum(key.startswith(f"{name}.") for key in tensors))]

        past, known = (Average(listed(f"{name}.maps"), listed(f"{name}.counts")) for name in ("past", "tint"))
        names = [name for number in range(SHOTS) if (name := f"shot{number}") in tensors]
        shots = tuple(Shot(tensors[name], listed(f"{name}.estimates")) for name in names)
        return cls(Memory(past, tensors.get("looks"), shots), Tint(known, tensors["offset"]))


def _named(name: str, tensors: Sequence[Tensor]) -> dict[str, Tensor]:
    return {f"{name}.{index}": tensor for index, tensor in enumerate(tensors)}


class Decided(NamedTuple):
    """The colours of a frame."""

    ab: Tensor
    """(2, h, w), Lab units."""
    state: State


def film_size(colorizer: Colorizer, frame_size: tuple[int, int]) -> tuple[int, int]:
    """(H, W) of the network's input for frames of `frame_size` = (width, height): at most the architecture's own
    working size, as more takes more time and memory than a film gains."""
    less = min(1.0, colorizer.architecture.working_size / colorizer.working_size)
    height, width = colorizer.fitting_size(frame_size)
    return colorizer.input_size(frame_size, (height * less, width * less))


class Steady:
    """Colours the frames of a film one after the other; all of one size.

    readout: as in `Colorizer.colorize`. state: of the frame before the first one, whose number is then a multiple of
    `CHUNK`.
    """

    def __init__(self, colorizer: Colorizer, readout: Readout, state: State | None = None):
        self.colorizer = colorizer
        self._read = reading(colorizer.architecture, readout)
        self._finish = readout.answered_by(colorizer.architecture).finish
        self._memory: Memory | None = state and state.memory
        self._tint: Tint | None = state and state.tint

    def colours(self, frames: Iterable[Seen]) -> Iterator[Decided]:
        """Each frame's, in order. Reads `CHUNK` + `AHEAD` frames ahead, and one or two for each core, and holds no more
        than these."""
        waiting: list[_Moment] = []
        with ThreadPoolExecutor(COUNT if self.colorizer.device.type == "cpu" else 1) as pool:
            for said in in_order(pool, self._said, frames, COUNT):
                with ALONE(), torch.inference_mode():
                    waiting.append(self._moment(*said))
                    ready = self._decided(waiting, CHUNK) if len(waiting) == CHUNK + AHEAD else []
                del waiting[: len(ready)]
                yield from self._held(ready, pool.map(self._decide, ready))
                if ready:
                    give_back()
            with ALONE(), torch.inference_mode():
                ready = self._decided(waiting, len(waiting))
            yield from self._held(ready, pool.map(self._decide, ready))

    def _said(self, seen: Seen) -> tuple[Seen, Tensor, Any, list[Tensor], Tensor | None]:
        """Run the network on a frame."""
        with ALONE(), torch.inference_mode():
            batch = seen.L[None, None].to(self.colorizer.device)
            prediction = self.colorizer.network(batch, None)
            architecture = self.colorizer.architecture
            own = architecture.estimates(prediction, self._finish)
            looks = looks_of(seen.L, architecture.evidence(prediction, self._finish))
            # Much less than the whole prediction: what frames that wait for others need no more is not kept.
            nothing = [each.new_empty(0, *each.shape[1:]) for each in own]
            needed = architecture.with_estimates(prediction, nothing, self._finish)
            return seen, batch, needed, [each[0].float().cpu() for each in own], looks

    def _moment(self, seen: Seen, batch: Tensor, prediction: Any, own: list[Tensor], looks: Tensor | None) -> _Moment:
        if self._memory:
            own, self._memory = self._memory.then(own, looks, seen.motion)
        else:
            self._memory = Memory(Average.of(own), looks)
        return _Moment(seen, prediction, batch, [each.half() for each in own], self._memory)

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
                decided.append((moment, _both(moment.memory.past, later, own)))
        return decided[::-1]

    def _decide(self, told: tuple[_Moment, list[Tensor]]) -> Tensor:
        """ab (2, h, w) of a frame."""
        moment, estimates = told
        architecture = self.colorizer.architecture
        with ALONE(), torch.inference_mode():
            there = [each[None].to(moment.L.device) for each in estimates]
            return self._read(architecture.with_estimates(moment.prediction, there, self._finish), moment.L)

    def _held(self, ready: Sequence[tuple[_Moment, list[Tensor]]], colours: Iterable[Tensor]) -> Iterator[Decided]:
        """The colours of frames with their shot's tint, and then those of hints."""
        for (moment, _), ab in zip(ready, colours, strict=True):
            seen = moment.seen
            with ALONE(), torch.inference_mode():
                if seen.motion is None or self._tint is None:
                    self._tint = Tint.of(ab)
                else:
                    self._tint = self._tint.then(ab, seen.motion)
                ab = ab + self._tint.offset
                for painted in seen.painted:
                    ab = painted.on(ab)
            yield Decided(ab, State(moment.memory, self._tint))


def _both(past: Average, later: Average, own: list[Tensor]) -> list[Tensor]:
    """The average over frames before and after; the frame itself is in both."""
    every = zip(past.maps, past.counts, later.maps, later.counts, own, strict=True)
    return [(a * m + b * n - o) / (m + n - 1) for a, m, b, n, o in every]
