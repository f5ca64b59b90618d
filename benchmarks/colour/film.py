"""How steady the colours of films are, and how fast films are coloured."""

from __future__ import annotations

import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from benchmarks.common import Measured, Sources, flagship, peak_memory, timed
from colorizer import Colorizer
from colorizer.checkpoints.card import WEIGHTS
from colorizer.colour.lab import lab_to_rgb, rgb_to_lab
from colorizer.colour.readout import Readout, preset
from colorizer.evaluation.comparison import markdown
from colorizer.films.colour import Ahead, colour_film, coloured_frames
from colorizer.films.luma import shrunk
from colorizer.films.motion import Motion, carried, motion
from colorizer.films.reader import Film, opened
from colorizer.films.steady import Seen, Steady, film_size, seen

HEIGHTS = (480, 1080)
"""The sizes of the films that are timed, in pixels."""


class Figures(NamedTuple):
    """The figures of a clip, and of a way to colour it."""

    flicker: float
    """Lab units."""
    psnr: float
    """The PSNR of RGB at the network's size, in decibels."""
    tint: float
    """How far the mean colour of things moves from that at the beginning of their shot, at most, in Lab units."""


def measure(clips: Sources, frames: int = 120, look: str = "natural", weights: Path = WEIGHTS) -> Measured:
    """How steady the colours of films are, and how fast films are coloured.

    Clips in colour are made gray and coloured again, so that there is a truth. Flicker is how much colours differ from
    those of the frame before, carried along the motion, beyond what the true colours do, in Lab units. Tint is how far
    the mean colour of things moves from that at the beginning of their shot. Next shot is how far things' colours in
    the last third of a clip are from those in the first, if the middle is left out. The first clip is timed from file
    to file, and step by step.

    frames: of each clip at most. look: a preset.
    """
    colorizer = flagship(weights)
    paths = [Path(clip) for clip in clips]
    steadiness = steadiness_table(colorizer, paths, frames, preset(look))
    return Measured((steadiness, speed_table(colorizer, paths[0]), shares_table(colorizer, paths[0])))


def steadiness_table(colorizer: Colorizer, clips: Sequence[Path], frames: int, look: Mapping) -> str:
    """A row for each clip, and their mean."""
    rows, figures = [], []
    for clip in clips:
        truth = list(islice(colours_of(colorizer, clip), frames))
        alone, steady, true = measured(colorizer, truth, Readout(**look))
        tints = true.tint, alone.tint, steady.tint
        figures.append((alone.flicker, steady.flicker, alone.psnr, steady.psnr, *tints))
        figures[-1] += next_shot(colorizer, [lab[0] for lab in truth], Readout(**look))
        rows.append((clip.stem, str(len(truth)), *(f"{value:.2f}".replace("nan", "") for value in figures[-1])))
    rows.append(("**mean**", "", *(f"**{value:.2f}**" for value in np.nanmean(figures, axis=0))))
    columns = ("clip", "frames", "flicker frame by frame", "flicker", "PSNR frame by frame, dB", "PSNR, dB")
    columns += ("true tint", "tint frame by frame", "tint", "next shot alone", "next shot")
    return markdown(columns, rows)


def measured(colorizer: Colorizer, truth: Sequence[Tensor], readout: Readout) -> tuple[Figures, ...]:
    """Figures of a clip, Lab (3, h, w) of each frame, coloured frame by frame, as a film, and in its true colours."""
    frames = [lab[0] for lab in truth]
    alone = [next(Steady(colorizer, readout).colours([Seen(L)])).ab for L in frames]
    steady = [decided.ab for decided in Steady(colorizer, readout).colours(seen(frames))]
    moves = [motion(*pair) for pair in pairwise(frames)]
    true = [lab[1:] for lab in truth]
    own = changes(true, moves)
    return tuple(
        Figures(
            float((changes(colours, moves) - own).clamp(min=0).mean()),
            closeness(truth, colours),
            farthest(colours, moves),
        )
        for colours in (alone, steady, true)
    )


def next_shot(colorizer: Colorizer, frames: Sequence[Tensor], readout: Readout) -> tuple[float, float]:
    """How far things' colours in the last third of a clip, taken for another shot, are from those in the first third,
    Lab units: if the last third is coloured alone, and after the first. The middle third, which is not coloured, tells
    where things went. NaN where nothing is seen again."""
    third = len(frames) // 3
    shots = frames[:third], frames[-third:]
    alone = [decided.ab for decided in Steady(colorizer, readout).colours(seen(shots[1]))]
    after = [decided.ab for decided in Steady(colorizer, readout).colours(chain(*map(seen, shots)))]
    there, held = after[third - 1], torch.ones_like(after[0][:1])
    for moved in (motion(*pair) for pair in pairwise(frames[third - 1 : len(frames) - third + 1])):
        there, held = carried(there, moved.back), carried(held, moved.back) * moved.back_holds
    held = (held > 0.3).float()

    def apart(ab: Tensor) -> float:
        return float(((ab - there).norm(dim=0) * held).sum() / held.sum())

    return apart(alone[0]), apart(after[third])


def changes(colours: Sequence[Tensor], moves: Sequence[Motion]) -> Tensor:
    """How much each frame's ab (2, h, w) differs from the one before, carried along the motion, where that holds:
    float32 (frames - 1,), Lab units."""
    shares = []
    for (before, after), moved in zip(pairwise(colours), moves, strict=True):
        apart = (after - carried(before, moved.back)).norm(dim=0)
        holds = moved.back_holds[0]
        shares.append((apart * holds).sum() / holds.sum().clamp(min=1))
    return torch.stack(shares)


def farthest(colours: Sequence[Tensor], moves: Sequence[Motion]) -> float:
    """How far the mean of each frame's ab (2, h, w) is from the same things' at the beginning of their shot, at most,
    Lab units. Frames that show less than a fifth of the first one's do not count."""
    there, held, most = colours[0], torch.ones_like(colours[0][:1]), 0.0
    for after, moved in zip(colours[1:], moves, strict=True):
        if moved.cut:
            there, held = after, torch.ones_like(held)
            continue
        there = carried(there, moved.back)
        held = (carried(held, moved.back) * moved.back_holds > 0.5).float()
        if held.mean() > 0.2:
            apart = ((after - there) * held).sum(dim=(1, 2)) / held.sum()
            most = max(most, float(apart.norm()))
    return most


def closeness(truth: Sequence[Tensor], colours: Sequence[Tensor]) -> float:
    """PSNR of a clip's RGB."""
    errors = [
        (lab_to_rgb(torch.cat((lab[:1], ab))) - lab_to_rgb(lab)).square().mean()
        for lab, ab in zip(truth, colours, strict=True)
    ]
    return float(-10 * torch.stack(errors).mean().log10())


def colours_of(colorizer: Colorizer, clip: Path) -> Iterator[Tensor]:
    """Lab (3, h, w) of each frame, at the size of the network's input."""
    with opened(clip) as container:
        for frame in container.decode(video=0):
            size = film_size(colorizer, (frame.width, frame.height))
            rgb = torch.from_numpy(frame.to_ndarray(format="rgb24")).permute(2, 0, 1).float() / 255
            yield torch.stack([shrunk(each, size) for each in rgb_to_lab(rgb)])


def speed_table(colorizer: Colorizer, clip: Path) -> str:
    """Frames per second from file to file, by height, and the most memory."""
    rows, done = [], [0]
    with tempfile.TemporaryDirectory() as folder:
        for height in HEIGHTS:
            target = Path(folder) / f"{height}.mp4"
            options: dict[str, Any] = {"height": height, "progress": lambda frames, share: done.append(frames)}
            seconds = timed(partial(colour_film, colorizer, clip, target, preset("natural"), **options))
            rows.append((str(height), f"{done[-1] / seconds:.1f}"))
    table = markdown(("height", "frames a second"), rows)
    return f"{table}\n\nMost memory of the process: {peak_memory():.0f} MB."


def shares_table(colorizer: Colorizer, clip: Path) -> str:
    """Each step's share of the processors' time by height. A step's time is that of all until it less that of all until
    the one before, so that the threads of decoders and encoders count, too."""
    rows = []
    for height in HEIGHTS:
        film, readout = Film.open(clip).scaled(height), Readout(**preset("natural"))
        waiting = list(Ahead(colorizer, film, readout, ()).frames(0))
        decoding = processed(film.frames())
        moving = processed(Ahead(colorizer, film, readout, ()).frames(0)) - decoding
        network = processed(map(Steady(colorizer, readout)._said, waiting))
        carrying = processed(coloured_frames(colorizer, film, readout, ())) - 2 * decoding - moving - network
        with tempfile.TemporaryDirectory() as folder:
            options: dict[str, Any] = {"height": height}
            done = Path(folder) / "done.mp4"
            whole = processed(colour_film(colorizer, each, done, vars(readout), **options) for each in [clip])
        steps = 2 * decoding, moving, network, carrying
        shares = [100 * each / whole for each in (*steps, whole - sum(steps))]
        rows.append((str(height), *(f"{share:.0f} %" for share in shares)))
    columns = (
        "height",
        "decoding, twice",
        "motion and shots",
        "network",
        "carrying and deciding",
        "chroma and encoding",
    )
    return markdown(columns, rows)


def processed(steps: Iterable[object]) -> float:
    """Seconds of the processors, all threads', for all steps."""
    start = time.process_time()
    deque(steps, 0)
    return time.process_time() - start
