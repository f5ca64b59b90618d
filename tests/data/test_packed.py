import errno
import multiprocessing
import os
import shutil
import signal
import stat
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from conftest import colour_photo
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from colorizer.data import packed as module
from colorizer.data.crops import random_boxes
from colorizer.data.files import DataError, find_pictures, open_training_photo, scaled_down
from colorizer.data.packed import pack, side_for


def silent(line):
    """Nobody is told."""


@pytest.fixture(autouse=True)
def one_by_one(monkeypatch):
    """One picture to a thread."""
    monkeypatch.setattr(module, "GROUP", 1)


@pytest.fixture
def pictures(tmp_path):
    """Ten photographs."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(10):
        colour_photo(30 + i, 20 + 2 * i, seed=i).save(folder / f"{i}.png")
    return find_pictures([folder])


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def files_in(cache):
    return {path.name: path.stat().st_mtime_ns for path in cache.rglob("*") if path.is_file()}


def test_pixels_are_those_of_the_pictures(pictures, cache):
    packed = pack(pictures, 64, cache, silent)
    assert packed.pictures == pictures
    for i, picture in enumerate(pictures):
        assert np.array_equal(packed.image(i), np.asarray(open_training_photo(picture)))
    assert not packed.image(0).flags.writeable


def test_large_pictures_are_reduced_and_small_ones_never_enlarged(tmp_path, cache):
    for name, size in {"wide": (200, 50), "high": (45, 90), "small": (20, 60), "line": (300, 2)}.items():
        colour_photo(*size, seed=1).save(tmp_path / f"{name}.png")
    packed = pack(find_pictures([tmp_path]), 32, cache, silent)
    shapes = {picture.name: packed.image(i).shape for i, picture in enumerate(packed.pictures)}
    assert shapes == {
        "high.png": (64, 32, 3),
        "line.png": (2, 300, 3),
        "small.png": (60, 20, 3),
        "wide.png": (32, 128, 3),
    }


@given(
    sizes=st.lists(st.integers(8, 400), min_size=1, max_size=3),
    smallest=st.floats(0.05, 1),
    picture=st.tuples(st.integers(1, 4000), st.integers(1, 4000)),
    numbers=st.tuples(*[st.floats(0, 1, exclude_max=True)] * 4),
)
def test_no_crop_needs_more_pixels_than_are_stored(sizes, smallest, picture, numbers):
    side = side_for(sizes, smallest)
    assert side % 32 == 0
    assert side < max(sizes) / smallest + 32
    stored = np.array([scaled_down(Image.new("L", picture), side).size])
    left, top, right, bottom = random_boxes(stored, smallest, np.array([numbers]))[0]
    if min(picture) > side:
        assert min(right - left, bottom - top) >= max(sizes) * (1 - 1e-9)
    else:
        assert (stored == picture).all()


def test_unusable_pictures_are_left_out_counted_and_named(pictures, tmp_path, cache):
    folder = tmp_path / "photos"
    (folder / "1.png").write_bytes(b"broken")
    (folder / "gone.png").symlink_to(tmp_path / "nowhere")
    for i in range(7):
        Image.new("L", (20, 20), 9 * i).save(folder / f"gray{i}.png")
    rgba = colour_photo(30, 30).convert("RGBA")
    rgba.save(folder / "alpha.png")
    rgba.convert("P").save(folder / "palette.gif")
    rgba.convert("RGB").convert("CMYK").save(folder / "print.jpg")
    said: list[str] = []
    for _ in range(2):  # made, then found
        packed = pack(find_pictures([folder]), 64, cache, said.append)
        assert packed.skipped == {"unreadable": ["1.png", "gone.png"], "gray": [f"gray{i}.png" for i in range(7)]}
        assert [p.name for p in packed.pictures if not p.name[0].isdigit()] == ["alpha.png", "palette.gif", "print.jpg"]
        assert {packed.image(i).shape[2] for i in range(len(packed.pictures))} == {3}
    assert said[0].startswith("packing 21 pictures into")
    assert said[1:3] == said[3:]
    assert said[1] == "left out, unreadable: 2 of 21 pictures (1.png, gone.png)"
    assert said[2] == (
        "left out, gray: 7 of 21 pictures (gray0.png, gray1.png, gray2.png, gray3.png, gray4.png and 2 more)"
    )


def test_a_cache_is_used_again_for_the_same_content_and_settings_only(pictures, tmp_path, cache):
    first = pack(pictures, 64, cache, silent)
    made = files_in(cache)
    moved = tmp_path / "elsewhere"
    shutil.copytree(tmp_path / "photos", moved)
    assert pack(find_pictures([moved]), 64, cache, silent).folder == first.folder
    assert files_in(cache) == made
    assert pack(pictures, 32, cache, silent).folder != first.folder
    assert pack(pictures[:-1], 64, cache, silent).folder != first.folder
    before = os.stat(moved / "3.png")
    encoded = bytearray((moved / "3.png").read_bytes())
    encoded[-1] ^= 1
    (moved / "3.png").write_bytes(encoded)  # as long and as old as it was
    os.utime(moved / "3.png", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert pack(find_pictures([moved]), 64, cache, silent).folder != first.folder


@pytest.mark.parametrize(
    ("name", "content"), [("pictures.pixels", b"cut"), ("pictures.pixels", None), ("index.npz", b"{")], ids=str
)
def test_damage_is_noticed_and_repaired(pictures, cache, name, content):
    packed = pack(pictures, 64, cache, silent)
    expected = [packed.image(i).copy() for i in range(10)]
    file = packed.folder / name
    del packed
    file.unlink() if content is None else file.write_bytes(content)
    again = pack(pictures, 64, cache, silent)
    assert all(np.array_equal(again.image(i), pixels) for i, pixels in enumerate(expected))
    whole = files_in(cache)
    pack(pictures, 64, cache, silent)
    assert files_in(cache) == whole


def test_missing_pixels_give_one_sentence(pictures, cache):
    packed = pack(pictures, 64, cache, silent)
    shutil.rmtree(packed.folder)
    with pytest.raises(DataError, match=r"are gone .* start again"):
        packed.image(0)


def test_a_killed_build_begins_anew_and_its_temporary_files_are_removed(pictures, cache, monkeypatch):
    def killed():
        monkeypatch.setattr(module, "scaled_down", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        pack(pictures, 64, cache, silent, threads=1)

    process = multiprocessing.get_context("fork").Process(target=killed)
    process.start()
    process.join(20)
    assert process.exitcode == -signal.SIGKILL
    (left,) = cache.rglob(".part-*")
    os.utime(left, (time.time() - 7200,) * 2)
    assert pack(pictures, 64, cache, silent).pictures == pictures
    assert set(files_in(cache)) == {"pictures.pixels", "index.npz"}


def test_builds_at_once_do_not_harm_each_other(pictures, cache):
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: pack(pictures, 64, cache, silent, threads=2), range(4)))
    assert len(files_in(cache)) == 2
    for packed in made:
        assert all(np.array_equal(packed.image(i), made[0].image(i)) for i in range(10))


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_a_full_or_read_only_disk_gives_one_sentence(pictures, cache, monkeypatch, code):
    def fsync(number):
        if stat.S_ISREG(os.fstat(number).st_mode):
            raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(DataError, match=r"cannot be written to .*; make room there or choose another folder"):
        pack(pictures, 64, cache, silent)
    assert files_in(cache) == {}
