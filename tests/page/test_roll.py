"""Captions of a visitor's photographs: what their files say, and what the visitor writes."""

import zipfile

import pytest
from conftest import colour_photo

from colorizer import read_photo
from colorizer.page.session.roll import ALL, Roll
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.album.run import AlbumHandlers
from colorizer.photo.caption import Caption, caption_of, captioned
from colorizer.photo.metadata import Metadata
from colorizer.photo.save import save_photo

SAID = captioned(Metadata(), Caption("Grandmother at the sea", "1932", "City archive"))


@pytest.fixture
def scan(tmp_path):
    save_photo(colour_photo(60, 40), tmp_path / "scan.jpg", metadata=SAID)
    return str(tmp_path / "scan.jpg")


def test_what_a_scan_says_fills_what_nobody_wrote(scan):
    roll = Roll()
    roll.add_files([scan])
    (key,) = [frame.key for frame in roll.frames()]
    roll.write(key, "title", "The beach")
    roll.write(ALL, "credit", "")  # emptied on purpose
    assert roll.read(key, SAID)
    assert roll.get(key).caption == Caption("The beach", "1932", "")
    assert not roll.read(key, SAID)
    roll.write(key, "year", "")
    assert not roll.read(key, SAID)
    assert not roll.read("gone", SAID)


def test_files_that_were_added_say_what_they_show(weights, scan, tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "box.zip", "w") as archive:
        archive.write(scan, "1932/scan.jpg")
        archive.writestr("words.jpg", "Dear grandmother")
    roll, shelf = Roll(), Shelf(weights)
    monkeypatch.setattr(Shelf, "decode", lambda *_, **__: pytest.fail("a photo was decoded"))
    roll.add_files([scan, str(tmp_path / "box.zip"), str(tmp_path / "gone.jpg")])
    roll.write(roll.frames()[0].key, "title", "The beach")
    assert roll.hear(shelf)
    assert [frame.caption for frame in roll.frames()] == [
        Caption("The beach", "1932", "City archive"),
        Caption("Grandmother at the sea", "1932", "City archive"),
        Caption(),
        Caption(),
    ]
    assert [frame.unread and frame.unread.kind for frame in roll.frames()] == [
        None,
        None,
        "photo_unknown",
        "photo_missing",
    ]
    monkeypatch.setattr(Shelf, "said", lambda *_, **__: pytest.fail("a file was asked again"))
    assert not roll.hear(shelf)


def test_a_file_that_goes_and_comes_again_is_as_it_was(scan, tmp_path):
    colour_photo(60, 40).save(tmp_path / "b.png")
    roll = Roll()
    roll.hold_files([scan, str(tmp_path / "b.png")])
    kept, dropped = roll.frames()
    roll.write(ALL, "title", "The beach")
    roll.hold_files([])
    assert roll.frames() == []
    roll.hold_files([scan])
    roll.remove(kept.key)
    roll.hold_files([str(tmp_path / "b.png")])
    roll.hold_files([scan, str(tmp_path / "b.png")])
    assert [frame.title for frame in roll.frames()] == ["The beach"], "what was let go stays away"
    assert roll.frames()[0].key == dropped.key


def test_an_album_fills_captions_as_it_reads(weights, scan):
    roll, handlers = Roll(), AlbumHandlers(Shelf(weights))
    handlers.describe_files([scan], roll)
    roll.write(ALL, "credit", "My own")
    *_, last = handlers.run(None, [scan], "mobile-unet", roll=roll)
    (row,) = last["captions"]["value"]
    assert (row["title"], row["year"], row["credit"]) == ("Grandmother at the sea", "1932", "My own")
    assert last["more"]["visible"] is False, "nothing has changed since"
    with zipfile.ZipFile(last["zip"]["value"]) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".png")]
        written = caption_of(read_photo(archive.read(name)).metadata)
    assert written == Caption("Grandmother at the sea", "1932", "My own")


def test_work_on_a_photo_that_was_taken_away_ends():
    """Another tab's goes on, and so does work that begins afterwards."""
    roll, steps = Roll(), [1, 2, 3]
    first, second = roll.until_taken_away("one", iter(steps)), roll.until_taken_away("compare", iter(steps))
    assert (next(first), next(second)) == (1, 1)
    roll.take_away("one")
    assert [*first] == []
    assert [*second] == [2, 3]
    assert [*roll.until_taken_away("one", iter(steps))] == steps
