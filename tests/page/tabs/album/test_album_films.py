"""Films in the tab for many photographs, as plain functions."""

import json
import time
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from film_files import frames_of, moving_picture, write_film

from colorizer.albums.album import Album
from colorizer.errors import FilmError, PhotoError
from colorizer.films.job import Job, _colour
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.roll import Roll
from colorizer.page.tabs.album.wording import film_under_way

from .steps import RED, correct, zipped


def test_a_film_becomes_a_photo_of_its_beginning_and_a_film(handlers, films_here, photos, tmp_path):
    reel = write_film(tmp_path / "reel.mkv", moving_picture(4))
    long = write_film(tmp_path / "long.mkv", moving_picture(4), rate=Fraction(1, 100))
    steps = list(handlers.run(None, [photos[0], str(reel), str(long)], "mobile-unet", "vivid"))
    last = steps[-1]
    assert [photo["name"] for photo in last["view"]["value"]] == ["a.png", "reel.mkv", "long.mkv"]
    assert any("Colouring the film: reel.mkv" in step.get("status", "") for step in steps)
    (made,) = next(step["films"]["value"] for step in steps if step.get("films", {}).get("visible"))
    assert Path(made).name == "reel-colorized.mp4"
    assert len(frames_of(made)) == 4
    assert "long.mkv is 400 seconds long, the limit is 60" in last["errors"]
    assert not last["more"]["visible"]
    archive = zipped(last)
    assert archive["reel-colorized.mp4"] == Path(made).read_bytes()
    lines = json.loads(archive["manifest.json"])["photos"]
    film = next(line for line in lines if line["result"] == "reel-colorized.mp4")
    assert film["result_sha256"] == sha256(archive["reel-colorized.mp4"]).hexdigest()
    assert [film[name] for name in ("source", "state", "width", "height")] == ["reel.mkv", "done", 64, 48]
    assert "Films in colour: 1" in archive["README.txt"].decode()
    running = steps[0]["running"]
    correct(running, str(reel))
    again = list(handlers.catch_up(running))[-1]
    assert "reel-colorized.mp4" not in zipped(again), "its old colours"
    last = list(handlers.go_on(running))[-1]
    assert zipped(last)["reel-colorized.mp4"] == running.made[running.album.planned[1]].read_bytes()


@pytest.mark.parametrize("own", [{"points": [RED]}, {"like": "palette", "palette": ["#c03020"]}])
def test_a_film_gets_the_corrections_and_the_palette_of_its_first_frame(handlers, films_here, tmp_path, own):
    reel = str(write_film(tmp_path / "reel.mkv", moving_picture(4)))
    pictures = []
    for settings in ({}, own):
        roll = Roll()
        roll.note(PhotoRequest(reel, "mobile-unet", **settings))
        steps = list(handlers.run(None, [reel], "mobile-unet", roll=roll))
        (made,) = next(step["films"]["value"] for step in steps if step.get("films", {}).get("visible"))
        pictures.append(frames_of(made)[3][24, 32].astype(int))
    automatic, corrected = pictures
    assert np.ptp(corrected - automatic) > 10


def test_the_time_that_a_film_still_takes_is_that_of_its_last_frames():
    """The process starts first and looks ahead, and a film that goes on begins in its middle."""
    assert "left" not in film_under_way("reel.mp4", 0.5)
    assert "about 0:20 left" in film_under_way("reel.mp4", 0.5, seconds=10, lately=0.25)


def test_a_film_that_was_stopped_is_among_the_rest(handlers, films_here, tmp_path):
    reel = write_film(tmp_path / "reel.mkv", moving_picture(8))
    steps = handlers.run(None, [str(reel)], "mobile-unet", "vivid")
    running = next(steps)["running"]
    for step in steps:
        if "Colouring the film" in step.get("status", ""):
            running.stop.set()
    assert running.rest() == 1
    assert "Stopped. Coloured: 0 of 1" in step["status"]
    last = list(handlers.go_on(running))[-1]
    assert running.rest() == 0
    assert len(frames_of(*running.made.values())) == 8
    assert "Coloured: 1 of 1" in last["status"]


def test_a_film_that_is_stopped_in_its_last_frame_is_in_the_archive_once(handlers, films_here, tmp_path, monkeypatch):
    reel, add, made = write_film(tmp_path / "reel.mkv", moving_picture(4)), Album.add_film, []

    def add_film(album, *film):
        add(album, *film)
        made.append(film)

    def last_frame(job, stop):
        yield 0.0
        notes = _colour(job)
        running.stop.set()
        return notes

    monkeypatch.setattr(Album, "add_film", add_film)
    monkeypatch.setattr(Job, "run", last_frame)
    steps = handlers.run(None, [str(reel)], "mobile-unet")
    running = next(steps)["running"]
    last = list(steps)[-1]
    assert running.rest() == 0
    assert [Path(path).name for path in last["films"]["value"]] == ["reel-colorized.mp4"]
    add(running.album, *made[0])
    names = zipped(handlers.finished(running))
    assert [name for name in names if name.endswith(".mp4")] == ["reel-colorized.mp4"], "also if it is added again"


def test_the_frame_of_a_film_that_cannot_be_made_stays_in_the_archive(handlers, photos, tmp_path, monkeypatch):
    reel = str(write_film(tmp_path / "reel.mkv", moving_picture(4)))

    def too_long(job, stop):
        yield 0.0
        raise FilmError.of("film_long", name="reel.mkv", seconds=100, most=60)

    monkeypatch.setattr(Job, "run", too_long)
    running = next(steps := handlers.run(None, [photos[0], reel], "mobile-unet"))["running"]
    list(steps)
    running.roll.write(running.roll.at(reel).key, "title", "Summer")
    last = list(handlers.go_on(running))[-1]
    assert sorted(name for name in zipped(last) if "-colorized" in name) == ["a-colorized.png", "reel-colorized.png"]


def test_the_seconds_of_a_film_of_unknown_length_are_all_that_it_took(handlers, tmp_path, monkeypatch):
    reel = str(write_film(tmp_path / "reel.mkv", moving_picture(4)))

    def run(job, stop):
        yield 0.0
        time.sleep(0.2)
        yield None
        yield None
        return _colour(job)

    monkeypatch.setattr(Job, "run", run)
    running = next(steps := handlers.run(None, [reel], "mobile-unet"))["running"]
    list(steps)
    assert all(line.seconds >= 0.2 for line in running.album.films.values())


def test_a_film_whose_frame_fails_the_second_time_is_not_made(handlers, films_here, photos, tmp_path, monkeypatch):
    reel = str(write_film(tmp_path / "reel.mkv", moving_picture(4)))
    steps = handlers.run(None, [photos[0], reel], "mobile-unet")
    running = next(steps)["running"]
    for step in steps:
        if "Colouring the film" in step.get("status", ""):
            running.stop.set()
    correct(running, reel)
    Path(reel).unlink()
    last = list(handlers.go_on(running))[-1]
    assert [photo["name"] for photo in last["view"]["value"]] == ["a.png"]
    assert last["errors"].count("<td>reel.mkv</td>") == 1
    assert not last["films"]["visible"]


def test_a_film_that_does_not_fit_into_the_archive_is_a_failure_and_nothing_to_download(
    handlers, films_here, photos, tmp_path, monkeypatch
):
    reel = write_film(tmp_path / "reel.mkv", moving_picture(4))

    def full(album, *film):
        raise PhotoError.of("unwritten", name="reel-colorized.mp4", reason="No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Album, "add_film", full)
        first, *_, last = handlers.run(None, [photos[0], str(reel)], "mobile-unet")
    assert "reel-colorized.mp4 could not be written" in last["errors"]
    assert not last["films"]["visible"]
    assert "Coloured: 1 of 2" in last["status"]
    assert last["more"]["value"] == "Continue with the rest: 1", "it can be tried again"
    last = list(handlers.go_on(first["running"]))[-1]
    assert last["errors"] == ""
    assert "Coloured: 2 of 2" in last["status"]
    assert not last["more"]["visible"]
    results = sorted(name for name in zipped(last) if "-colorized" in name)
    assert results == ["a-colorized.png", "reel-colorized.mp4", "reel-colorized.png"]
