"""Captions of a visitor's photographs: what their files say, and what the visitor writes."""

import zipfile

import pytest
from conftest import colour_photo

from colorizer import read_photo
from colorizer.page.session.film import ALL, Film
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.album.run import AlbumHandlers
from colorizer.photo.caption import Caption
from colorizer.photo.captioned import caption_of, captioned
from colorizer.photo.metadata import Metadata
from colorizer.photo.save import save_photo

SAID = captioned(Metadata(), Caption("Grandmother at the sea", "1932", "City archive"))


@pytest.fixture
def scan(tmp_path):
    save_photo(colour_photo(60, 40), tmp_path / "scan.jpg", metadata=SAID)
    return str(tmp_path / "scan.jpg")


def test_what_a_scan_says_fills_what_nobody_wrote(scan):
    film = Film()
    film.add_files([scan])
    (key,) = [frame.key for frame in film.frames()]
    film.write(key, "title", "The beach")
    film.write(ALL, "credit", "")  # emptied on purpose
    assert film.read(key, SAID)
    assert film.get(key).caption == Caption("The beach", "1932", "")
    assert not film.read(key, SAID)
    film.write(key, "year", "")
    assert not film.read(key, SAID)
    assert not film.read("gone", SAID)


def test_files_that_were_added_say_what_they_show(weights, scan, tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "box.zip", "w") as archive:
        archive.write(scan, "1932/scan.jpg")
        archive.writestr("words.jpg", "Dear grandmother")
    film, shelf = Film(), Shelf(weights)
    monkeypatch.setattr(Shelf, "decode", lambda *_, **__: pytest.fail("a photo was decoded"))
    film.add_files([scan, str(tmp_path / "box.zip"), str(tmp_path / "gone.jpg")])
    film.write(film.frames()[0].key, "title", "The beach")
    assert film.hear(shelf)
    assert [frame.caption for frame in film.frames()] == [
        Caption("The beach", "1932", "City archive"),
        Caption("Grandmother at the sea", "1932", "City archive"),
        Caption(),
        Caption(),
    ]
    monkeypatch.setattr(Shelf, "said", lambda *_, **__: pytest.fail("a file was asked again"))
    assert not film.hear(shelf)


def test_a_file_that_goes_and_comes_again_is_as_it_was(scan, tmp_path):
    colour_photo(60, 40).save(tmp_path / "b.png")
    film = Film()
    film.hold_files([scan, str(tmp_path / "b.png")])
    kept, dropped = film.frames()
    film.write(ALL, "title", "The beach")
    film.hold_files([])
    assert film.frames() == []
    film.hold_files([scan])
    film.remove(kept.key)
    film.hold_files([str(tmp_path / "b.png")])
    film.hold_files([scan, str(tmp_path / "b.png")])
    assert [frame.title for frame in film.frames()] == ["The beach"], "what was let go stays away"
    assert film.frames()[0].key == dropped.key


def test_an_album_fills_captions_as_it_reads(weights, scan):
    film, handlers = Film(), AlbumHandlers(Shelf(weights))
    handlers.describe_files([scan], film)
    film.write(ALL, "credit", "My own")
    *_, last = handlers.run(None, [scan], "mobile-unet", film=film)
    (row,) = last["captions"]["value"]
    assert (row["title"], row["year"], row["credit"]) == ("Grandmother at the sea", "1932", "My own")
    assert last["more"]["visible"] is False, "nothing has changed since"
    with zipfile.ZipFile(last["zip"]["value"]) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".png")]
        written = caption_of(read_photo(archive.read(name)).metadata)
    assert written == Caption("Grandmother at the sea", "1932", "My own")
