"""Albums on the page."""

import pytest
from conftest import colour_photo

from colorizer.films.job import Job, _colour
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.album import run as album_run
from colorizer.page.tabs.album.run import AlbumHandlers


@pytest.fixture
def handlers(weights, monkeypatch):
    monkeypatch.setattr(album_run, "SELDOM", 0)
    return AlbumHandlers(Shelf(weights))


@pytest.fixture
def photos(tmp_path):
    """Three photographs, the second of them broken and badly named."""
    folder = tmp_path / "given"
    folder.mkdir()
    colour_photo(90, 60, seed=1).save(folder / "a.png")
    (folder / "<b>.jpg").write_bytes(b"no photograph")
    colour_photo(60, 90, seed=2).save(folder / "c.png")
    return [str(folder / name) for name in ("a.png", "<b>.jpg", "c.png")]


@pytest.fixture
def films_here(monkeypatch):
    """Films are coloured in this process; tests/films/test_job.py is about the other one."""

    def run(job, stop):
        yield 0.0
        return None if stop() else _colour(job)

    monkeypatch.setattr(Job, "run", run)
