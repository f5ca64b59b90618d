"""All that strangers cause on disk has one budget, whoever fills it."""

import os
import re
import time
from functools import cache
from types import SimpleNamespace

import gradio as gr
import pytest
from conftest import colour_photo, wait_for
from showing import full_size, show

from colorizer.page.app import launch
from colorizer.page.serving import disk_budget as module
from colorizer.page.serving.disk_budget import (
    BLOCK,
    HALF_AGE,
    INODE,
    DiskBudget,
    budget,
    bytes_per_file,
    clean,
    disk_budget,
    keep_clean,
)
from colorizer.page.serving.served_files import cached_copy, served_file, shown_file
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.album.run import AlbumHandlers
from colorizer.page.tabs.one_photo.handlers import Handlers

SIZE = 100 * BLOCK


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty cache, on a disk that has room for many files."""
    path = tmp_path / "cache"
    path.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(path))
    monkeypatch.setattr(module, "bytes_per_file", lambda folder: BLOCK)
    return path


@pytest.fixture
def most(folder, monkeypatch):
    """Sets the budget, in bytes."""

    def set_to(count):
        monkeypatch.setenv("COLORIZER_CACHE_GB", str(count / 1e9))
        monkeypatch.setattr(module, "_budget_of", cache(DiskBudget))  # which looks at once

    return set_to


def files(folder):
    return {path.name for path in folder.rglob("*") if path.is_file()}


def fill(folder, *names, size=SIZE):
    for name in names:
        (folder / name).write_bytes(bytes(size))
        time.sleep(0.02)  # so that one is older than the other


def test_where_there_is_no_room_the_oldest_files_go(folder, most, monkeypatch):
    monkeypatch.setattr(module, "SPARED", -1)
    fill(folder, "oldest", "older", "newer", "newest")
    most(4 * SIZE)
    tidy = DiskBudget(str(folder))
    assert tidy.for_uploads() == pytest.approx(0.6 * SIZE)
    assert files(folder) == {"newer", "newest", "older"}
    assert tidy.removed() == [str(folder / "oldest")]
    assert tidy.removed() == []
    tidy.check()


def test_with_its_last_file_a_folder_goes(folder, most, monkeypatch):
    monkeypatch.setattr(module, "SPARED", -1)
    (folder / "old").mkdir()
    fill(folder, "old/a", "new")
    most(2.1 * SIZE)
    assert DiskBudget(str(folder)).for_uploads() == pytest.approx(0.89 * SIZE)
    assert not (folder / "old").exists()


def test_what_was_just_made_stays_and_the_rest_is_refused(folder, most):
    fill(folder, "a", "b")
    most(1.9 * SIZE)
    tidy = DiskBudget(str(folder))
    assert tidy.for_uploads() < 0
    with pytest.raises(OSError, match="No space left"):
        tidy.check()
    assert files(folder) == {"a", "b"}


def test_results_have_the_last_of_the_room(folder, most):
    fill(folder, "a", size=95 * BLOCK)
    most(SIZE)
    tidy = DiskBudget(str(folder))
    assert tidy.for_uploads() < 0
    tidy.check()


def test_small_files_count_by_the_space_and_the_names_that_they_take(folder):
    for i in range(50):
        (folder / str(i)).mkdir()
        (folder / str(i) / "tiny").write_bytes(b"x")
    assert DiskBudget(str(folder)).walk()[1] == 50 * 2 * BLOCK
    tidy = DiskBudget(str(folder))
    tidy.entry = 4 * BLOCK
    assert tidy.walk()[1] == 50 * 2 * 4 * BLOCK
    assert tidy.cost(10 * BLOCK + 1) == 11 * BLOCK


@pytest.mark.parametrize(("files", "bytes_each"), [(0, BLOCK), (10**9, BLOCK), (1000, 16_384), (10, INODE)])
def test_a_disk_has_room_for_so_many_files(tmp_path, monkeypatch, files, bytes_each):
    disk = type("Disk", (), {"f_frsize": 4096, "f_blocks": 4000, "f_files": files})
    monkeypatch.setattr(os, "statvfs", lambda path: disk, raising=False)
    assert bytes_per_file(str(tmp_path / "not" / "there")) == bytes_each


def left(tidy):
    return round(tidy.for_uploads() / BLOCK)


def test_results_count_at_once(folder, most):
    most(100 * SIZE)
    tidy = disk_budget()
    before = left(tidy)
    target = served_file("a.png")
    target.write_bytes(bytes(SIZE))
    assert left(tidy) == before - 101, "the file and its folder"
    target.write_bytes(bytes(2 * SIZE))
    assert left(tidy) == before - 201, "it grows"
    target.unlink()
    assert left(tidy) == before - 1
    picture = colour_photo()
    shown_file(picture, "shown")
    after = left(tidy)
    assert after < before - 1
    shown_file(picture, "shown")
    assert left(tidy) == after, "it was there"


def test_a_look_counts_nothing_twice(folder, most, monkeypatch):
    most(100 * SIZE)
    tidy = disk_budget()
    served_file("a.png").write_bytes(bytes(SIZE))
    copy = cached_copy(__file__)
    before = left(tidy)
    for minutes in (2, 4, 6):
        later = SimpleNamespace(time=time.time, monotonic=lambda after=minutes: time.monotonic() + 60 * after)
        monkeypatch.setattr(module, "time", later)
        assert left(tidy) == before - 1, "the folder of all results"
    time.sleep(0.02)
    cached_copy(copy)
    assert left(tidy) <= before - 1


def test_every_folder_has_a_budget_of_its_own(folder, monkeypatch):
    here = disk_budget()
    assert disk_budget() is here
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder / "other"))
    assert disk_budget() is not here


def test_half_an_upload_goes_after_an_hour(folder):
    fill(folder, "tmpabc", "tmpnew", "b.png")
    (folder / "a").mkdir()
    fill(folder, "a/tmpmine.png")
    past = time.time() - HALF_AGE - 1
    for name in ("tmpabc", "a/tmpmine.png", "b.png"):
        os.utime(folder / name, (past, past))
    assert clean(folder) == [str(folder / "tmpabc")]
    assert files(folder) == {"tmpnew", "b.png", "tmpmine.png"}


def test_the_budget_is_half_of_what_the_disk_has(folder, monkeypatch):
    monkeypatch.delenv("COLORIZER_CACHE_GB", raising=False)
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Disk", (), {"free": 600 if path == folder else 0}))
    assert budget(taken=400) == 500
    folder.rmdir()
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Disk", (), {"free": 600 * (path == folder.parent)}))
    assert budget(taken=0) == 300


@pytest.mark.parametrize("given", ["0", "-1", "much", "nan", "inf", "20 GB"])
def test_a_budget_is_a_number_of_gigabytes(monkeypatch, given):
    monkeypatch.setenv("COLORIZER_CACHE_GB", given)
    with pytest.raises(ValueError, match=re.escape(f"such as 20 or 0.5, not {given!r}")):
        launch()


def test_gradio_forgets_what_was_old_or_had_to_go(folder, monkeypatch):
    monkeypatch.setattr(disk_budget(), "_removed", [str(folder / "gone")])
    monkeypatch.setattr("colorizer.page.serving.disk_budget.clean", lambda folder: [str(folder / "old")])
    known = {str(folder / "gone"), str(folder / "old"), "new"}
    keep_clean([known])
    wait_for(lambda: len(known) == 1, seconds=5)
    assert known == {"new"}


def test_without_room_the_page_says_so_and_goes_on(weights, folder, most, tmp_path):
    colour_photo().save(tmp_path / "a.png")
    asked, shelf = PhotoRequest(str(tmp_path / "a.png"), "mobile-unet"), Shelf(weights)
    handlers = Handlers(shelf)
    fill(folder, "a")
    most(1000)
    for does in (show, full_size):
        with pytest.raises(gr.Error, match="disk is full"):
            does(handlers, asked)
    most(100_000_000)
    assert show(handlers, asked)["stage"]["panes"]
    assert full_size(handlers, asked)


def test_an_album_that_fills_the_room_keeps_what_is_done(weights, folder, most, tmp_path):
    paths = []
    for i in range(3):
        paths.append(str(tmp_path / f"{i}.png"))
        colour_photo(seed=i).save(paths[-1])
    most(100_000_000)
    steps = []
    for step in AlbumHandlers(Shelf(weights)).run(None, paths, "mobile-unet"):
        steps.append(step)
        if len(steps) > 1 and "view" in step and files(folder):
            most(1000)  # after the first photograph
    album = steps[0]["running"].album
    assert len(album.done) + len(album.failed) == 3
    assert album.done
    assert album.failed
    assert "could not be written" in str(album.failed[-1].error)
