"""Colours of a film stay where they are, and move with what moves."""

import itertools

import numpy as np
import pytest
import torch

from colorizer import Colorizer, build
from colorizer.colour.readout import Readout
from colorizer.films import steady
from colorizer.films.motion import carried, motion
from colorizer.films.steady import AHEAD, CHUNK, Steady, Tint, film_size, seen
from colorizer.runtime.threads import COUNT

SIZE = (96, 128)


def texture(seed, width=SIZE[1]):
    """L of a smooth pattern: float32 (96, width)."""
    height = SIZE[0]
    noise = torch.rand(1, 1, height // 8, width // 8, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.interpolate(noise, (height, width), mode="bicubic")[0, 0].clamp(0, 1) * 90 + 5


@pytest.mark.parametrize("shift", [0, 3])
def test_motion_finds_where_things_went(shift):
    wide = texture(1, width=SIZE[1] + 16)
    before, after = wide[:, : SIZE[1]], wide[:, shift : SIZE[1] + shift]
    found = motion(before, after)
    inside = (slice(12, -12), slice(12, -12))
    assert (found.back[0][inside] - shift).abs().median() < 0.3
    assert found.back_holds[0][inside].median() > 0.8
    assert not found.cut
    assert (carried(before[None], found.back)[0][inside] - after[inside]).abs().mean() < 2


def test_motion_does_not_depend_on_frames_before():
    """A film that goes on after a stop must not differ. OpenCV's object keeps something of what it has seen."""
    before, after = (texture(1)[:32, i : i + 40] for i in (0, 1))
    motion(texture(1), texture(2))  # of another size, so that buffers are new
    first, second = motion(before, after), motion(before, after)
    assert all(torch.equal(*pair) for pair in zip(first, second, strict=True))


def test_flicker_is_no_motion_and_another_picture_is_a_cut():
    assert not motion(texture(1), texture(1) * 0.8 + 10).cut
    assert motion(texture(1), texture(2)).cut


def coloured(colorizer, frames):
    return [decided.ab for decided in Steady(colorizer, Readout()).colours(seen(frames))]


def flicker(colours):
    return float(np.mean([(a - b).abs().mean() for a, b in itertools.pairwise(colours)]))


def test_grain_does_not_become_flicker(colorizer):
    grain = [texture(1) + torch.randn(SIZE, generator=torch.Generator().manual_seed(i)) * 4 for i in range(12)]
    together = coloured(colorizer, grain)
    alone = [coloured(colorizer, [L])[0] for L in grain]
    assert len(together) == len(grain)
    assert flicker(together) < 0.3 * flicker(alone)


@pytest.mark.parametrize(("next_frame", "least", "most"), [(1, 0, 9), (2, 15, 20)])
def test_the_tint_of_things_is_held_as_long_as_they_are_seen(next_frame, least, most):
    """While all colours turn red by 20 Lab units."""
    moved, tint = motion(texture(1), texture(next_frame)), Tint.of(torch.zeros(2, 24, 32))
    for red in np.linspace(0, 20, 40, dtype=np.float32):
        ab = torch.tensor([red, 0.0])[:, None, None].expand(2, 24, 32)
        tint = tint.then(ab, moved)
    assert least <= red + tint.offset[0] <= most


def test_frames_are_decided_while_others_are_read(colorizer):
    read = []

    def frames():
        for number in range(2 * CHUNK + AHEAD):
            read.append(number)
            yield texture(1)

    next(Steady(colorizer, Readout()).colours(seen(frames())))
    assert len(read) <= CHUNK + AHEAD + COUNT


def test_memory_is_given_back_on_the_way(colorizer, monkeypatch):
    """Otherwise a film of 1080 rows holds 40 MB more for each 480 frames."""
    given = []
    monkeypatch.setattr(steady, "give_back", lambda: given.append(1))
    colours = Steady(colorizer, Readout()).colours(seen([texture(1)] * (2 * CHUNK + AHEAD)))
    assert len(list(colours)) == 2 * CHUNK + AHEAD
    assert len(given) == 2


def test_films_are_fed_at_the_size_of_the_architecture_at_most():
    colorizer = Colorizer(build("mobile-unet", width=0.25))
    own = colorizer.input_size((1920, 1080))
    colorizer.working_size = 2 * colorizer.architecture.working_size
    assert film_size(colorizer, (1920, 1080)) == own
    colorizer.working_size = colorizer.architecture.working_size // 2
    assert film_size(colorizer, (1920, 1080)) == colorizer.input_size((1920, 1080))
