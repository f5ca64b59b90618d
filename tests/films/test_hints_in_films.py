"""A hint holds for its thing, until the shot ends."""

from functools import cache

import numpy as np
import pytest
from film_files import frames_of, write_film

from colorizer import Colorizer, Hint
from colorizer.colour.lab import colours
from colorizer.colour.readout import Readout
from colorizer.errors import FilmError, UserError
from colorizer.films.colour import colour_film
from colorizer.films.pieces import made_with
from colorizer.inference.hints import check
from colorizer.photo.open import read_photo

SIDE, STEP, CUT = 40, 3, 20
"""The square's side, how far it moves from frame to frame, and the number of the first frame of the next shot."""
HINT = Hint(40, 46, (70.0, 60.0), reach="thing")
"""On the square in the first frame."""


def square_at(number):
    return slice(26, 26 + SIDE), slice(20 + STEP * number, 20 + SIDE + STEP * number)


def moving_square(frames: int = CUT):
    """A square with a pattern moves to the right over another pattern: uint8 (96, 160, 3)."""
    random = np.random.default_rng(0)
    behind, on_it = (
        random.integers(*levels, (12, 20, 1)).repeat(8, 0).repeat(8, 1) for levels in ((10, 60), (100, 180))
    )
    shown = []
    for number in range(frames):
        frame = behind.copy()
        frame[square_at(number)] = on_it[:SIDE, :SIDE]
        shown.append(frame.repeat(3, axis=2).astype(np.uint8))
    return shown


@pytest.fixture(scope="module")
def colorizer(weights):
    made = Colorizer.from_checkpoint("mobile-unet", folder=weights, device="cpu")
    made.working_size = 128
    return made


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Black, a shot with a square that moves, and the end of it once more from another side."""
    shot = moving_square()
    black = [np.zeros_like(shot[0])] * 2
    return write_film(
        tmp_path_factory.mktemp("film") / "a.mkv", [*black, *shot, *(frame[::-1].copy() for frame in shot[-4:])]
    )


@cache
def coloured(colorizer, film, *hints):
    """ab of each frame: (frames, 2, H, W), Lab units."""
    return np.stack([colours(np.asarray(each.image)).numpy() for each in colorizer.film(film, hints)])


def changed(colorizer, film, *hints):
    """How much hints change the colour of each place of each frame: (frames, H, W), Lab units."""
    return np.linalg.norm(coloured(colorizer, film, *hints) - coloured(colorizer, film), axis=1)


def test_a_hint_goes_with_its_thing_until_the_shot_ends(colorizer, film):
    black, shot, rest = np.split(changed(colorizer, film, HINT), (2, 2 + CUT))
    assert black.max() < 1
    assert rest.max() < 1
    outside = []
    for number, apart in enumerate(shot):
        there = np.zeros(apart.shape, bool)
        there[square_at(number)] = True
        assert np.median(apart[there]) > 25
        outside.append(apart[~there].mean())
    assert max(outside) < 3


def test_a_hint_goes_on_where_its_shot_does(colorizer, tmp_path):
    shot = moving_square(8)
    between = [np.ascontiguousarray(frame[::-1, ::-1]) for frame in shot[:3]]
    film = write_film(tmp_path / "a.mkv", [*shot[:4], *between, *shot[4:]])
    apart = changed(colorizer, film, HINT)
    assert apart[4:7].max() < 1
    for number in range(4, 8):
        assert np.median(apart[number + 3][square_at(number)]) > 25


def test_a_hint_of_a_moment_comes_slowly_or_at_once_where_its_shot_begins(colorizer, film):
    later = HINT._replace(x=40 + 15 * STEP, seconds=17 / 12), HINT._replace(x=80, y=20, seconds=24 / 12)
    apart = changed(colorizer, film, *later)
    slowly = [apart[2 + number][46, 40 + number * STEP] for number in (2, 6, 11, 15)]
    assert slowly == sorted(slowly)
    assert slowly[0] < 1 < 30 < slowly[-1]
    assert apart[22:, 20, 80].min() > 0.8 * apart[24, 20, 80] > 10


def test_a_run_that_goes_on_carries_hints_over_its_pieces(colorizer, film, tmp_path, pieces_of):
    pieces_of(6)

    def stop(frames, share):
        if frames == 14:
            raise KeyboardInterrupt

    hints = [HINT, HINT._replace(x=80, y=20, seconds=1.0)]
    with pytest.raises(KeyboardInterrupt):
        colour_film(colorizer, film, tmp_path / "b.mp4", hints=hints, progress=stop)
    colour_film(colorizer, film, tmp_path / "b.mp4", hints=hints, height=None)
    colour_film(colorizer, film, tmp_path / "whole.mp4", hints=hints)
    pairs = zip(frames_of(tmp_path / "b.mp4"), frames_of(tmp_path / "whole.mp4"), strict=True)
    apart = {number: np.abs(one.astype(int) - other).max() for number, (one, other) in enumerate(pairs)}
    assert not any(apart.values()), apart


def test_hints_belong_to_the_settings_of_a_film():
    names = [made_with("", Readout(), None, None, hints) for hints in ((), [HINT], [HINT._replace(seconds=1.0)])]
    assert len(set(names)) == 3
    assert names[0] == made_with("", Readout(), None, None)


def test_a_hint_that_no_frame_has_is_refused(colorizer, film):
    with pytest.raises(FilmError, match=r"is 2\.2 seconds long; a hint at second 9\.0 lies outside"):
        next(colorizer.film(film, [HINT._replace(seconds=9)]))
    with pytest.raises(UserError, match="lies outside the photo"):
        next(colorizer.film(film, [HINT._replace(x=160)]))


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_a_hint_before_the_film_is_refused_whether_or_not_the_film_says_its_length(colorizer, seconds):
    with pytest.raises(UserError, match=f"the film's beginning, 0 or more; {seconds} is not"):
        check([HINT._replace(seconds=seconds)], (96, 160))


def test_a_hint_at_a_black_frame_waits_for_one_to_see(colorizer, film):
    at_once, later = (coloured(colorizer, film, HINT._replace(seconds=seconds)) for seconds in (0, 2 / 12))
    assert np.array_equal(at_once, later)


def test_a_hint_without_a_moment_is_for_the_frame_that_the_page_shows(colorizer, tmp_path):
    shot, fade = moving_square(24), 8
    frames = [(frame * min(1.0, number / fade)).astype(np.uint8) for number, frame in enumerate(shot)]
    film = write_film(tmp_path / "a.mkv", frames)
    shown = np.asarray(read_photo(film).image).astype(int)
    first = int(np.argmin([np.abs(frame - shown).mean() for frame in frames_of(film)]))
    assert first > fade / 2
    apart = changed(colorizer, film, HINT._replace(x=40 + first * STEP))[first]
    assert np.median(apart[square_at(first)]) > 25


def test_a_hint_after_the_last_frame_to_see_is_told_of(colorizer, tmp_path):
    """A film's sound may go on for longer, and some files do not say how long they are."""
    path = write_film(tmp_path / "a.mkv", [*moving_square(2), *[np.zeros((96, 160, 3), np.uint8)] * 2])
    (note,) = colour_film(colorizer, path, tmp_path / "b.mkv", hints=[HINT, HINT._replace(seconds=3 / 12)])
    assert str(note) == "a.mkv: the hint at second 0.2 was not used, as no frame with something to see follows."
