"""Films that are coloured in a process of their own."""

import json
from itertools import count

import pytest
from film_files import frames_of, moving_picture, write_film
from PIL import Image

from colorizer import Colorizer, Hint
from colorizer.colour.readout import Readout
from colorizer.errors import FilmError
from colorizer.films.colour import colour_film
from colorizer.films.job import SIDE, Job, _colour


@pytest.fixture
def job(weights, tmp_path):
    film = write_film(tmp_path / "reel.mkv", moving_picture(6))
    palette = Readout(palette=((30.0, 20.0),))
    hints = (Hint(SIDE * 0.45, SIDE * 0.3, (60.0, 40.0), reach="thing"),)
    return Job(weights / "mobile-unet.safetensors", film, tmp_path / "done.mp4", palette, 60.0, 1080, hints)


def finished(job, stop=lambda: False):
    steps, shares = job.run(stop), []
    while True:
        try:
            shares.append(next(steps))
        except StopIteration as ended:
            return shares, ended.value


def test_it_makes_the_same_film_as_this_process(job, tmp_path):
    shares, notes = finished(job)
    assert len(shares) == 7
    assert shares[0] == 0
    assert shares == sorted(shares)
    assert notes == []
    colorizer = Colorizer.from_checkpoint(job.checkpoint, device="cpu")
    hints = [job.hints[0]._replace(x=28.8, y=14.4)]
    colour_film(colorizer, job.source, tmp_path / "here.mp4", {"palette": job.readout.palette}, hints=hints)
    pairs = zip(frames_of(job.target), frames_of(tmp_path / "here.mp4"), strict=True)
    assert all((one == other).all() for one, other in pairs)


def test_it_stops_after_a_frame(job):
    shares, notes = finished(job, stop=lambda: True)
    assert len(shares) == 1
    assert notes is None
    assert not job.target.exists()


def test_a_stop_in_the_last_frame_throws_nothing_away(job):
    asked = count(1)
    shares, _ = finished(job, stop=lambda: next(asked) == 7)
    assert len(shares) == 7
    shares, notes = finished(job)
    assert (shares, notes) == ([0.0], []), "no frame is coloured again"
    assert len(frames_of(job.target)) == 6


def test_a_film_that_is_too_long_or_none_is_refused(job, tmp_path):
    with pytest.raises(FilmError, match="seconds long, the limit is 0"):
        finished(job._replace(most_seconds=0.1))
    (tmp_path / "words.mp4").write_text("no film")
    with pytest.raises(FilmError, match="not a film that can be read"):
        _colour(job._replace(source=tmp_path / "words.mp4"))


@pytest.mark.parametrize(("ends", "said"), [("exit 1", "damaged"), ("kill -9 $$", "too large for this machine")])
def test_a_process_that_crashes_is_no_crash_here(job, monkeypatch, ends, said):
    monkeypatch.setattr("colorizer.films.job.command", lambda module: ["sh", "-c", ends])
    with pytest.raises(FilmError, match=said):
        finished(job)


def test_a_film_is_made_no_higher_than_wished(job):
    _colour(job._replace(most_height=32))
    assert frames_of(job.target)[0].shape[:2] == (32, 42)


def test_a_job_is_told_with_its_reference_and_hints(job):
    readout = Readout(reference=Image.effect_noise((90, 60), 80).convert("RGB"), strength=0.5)
    other = job._replace(readout=readout, hints=(Hint(1, 2, (30.0, 40.0), path=((3, 4),), seconds=1.5),))
    assert Job.from_json(json.loads(json.dumps(other.to_json()))) == other
