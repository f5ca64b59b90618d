"""Films whose clock begins anew: nothing of them is lost, and everything is shown for as long as it was."""

import av
import numpy as np
import pytest
from film_files import frames_of, moving_picture, packets_of, write_film

from colorizer.films.colour import colour_film
from colorizer.films.reader import Clock, Film


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ([0, 40, 80, 120], [0, 40, 80, 120]),
        ([0, 40, 900, 940], [0, 40, 900, 940]),
        ([0, None, None, 120], [0, 40, 80, 120]),
        ([0, 40, 120, 80, 160], [0, 40, 120, 121, 160]),
        ([0, 40, 40, 80], [0, 40, 41, 80]),
        ([1000, 1040, 0, 40, 3600, 5, 45], [1000, 1040, 1080, 1120, 4680, 4720, 4760]),
        ([1000, 1040, 0, 1120, 1160], [1000, 1040, 1080, 1120, 1160]),
        ([0, 40, 90_000, 90_040], [0, 40, 80, 120]),
    ],
    ids=["as they are", "a pause", "none", "a wrong order", "twice", "joined", "one bad time", "far ahead"],
)
def test_times_only_grow(said, shown):
    clock = Clock(step=40, farthest=10_000)
    assert [clock.shown(pts) for pts in said] == shown


def joined(tmp_path, suffix, codec, **more):
    """A film of two files, one written after the other."""
    one = write_film(tmp_path / f"one{suffix}", moving_picture(16), rate=20, codec=codec, **more)
    two = write_film(tmp_path / f"two{suffix}", moving_picture(12, seed=1), rate=20, codec=codec, **more)
    film = tmp_path / f"a{suffix}"
    film.write_bytes(one.read_bytes() + two.read_bytes())
    return film


@pytest.mark.parametrize(("suffix", "codec"), [(".ts", "mpeg2video"), (".mpg", "mpeg2video"), (".mkv", "ffv1")])
def test_joined_films_have_all_their_frames(tmp_path, suffix, codec):
    film = Film.open(joined(tmp_path, suffix, codec))
    times = [float(frame.pts * film.time_base) for frame in film.frames()]
    assert times == pytest.approx([i / 20 for i in range(28)], abs=2e-3)
    assert film.notes == []


@pytest.mark.parametrize("suffix", [".mkv", ".mov"])
def test_the_sound_of_joined_films_stays_with_the_picture(colorizer, tmp_path, suffix):
    film = joined(tmp_path, ".mkv", "ffv1", sound=True)
    colour_film(colorizer, film, tmp_path / f"b{suffix}", height=24)
    assert len(frames_of(tmp_path / f"b{suffix}")) == 28
    assert packets_of(tmp_path / f"b{suffix}") == packets_of(film)
    with av.open(str(tmp_path / f"b{suffix}")) as result:
        heard = [float(each.pts * each.time_base) for each in result.demux(audio=0) if each.size]
    assert np.allclose(heard, [i / 20 for i in range(28)], atol=2e-3)
