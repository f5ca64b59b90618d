import itertools
import os
import tarfile
import time
import zipfile

import numpy as np
import pytest
import torch
from conftest import colour_photo, write_photos
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from colorizer.data.crops import Crops, batches, draws, random_boxes
from colorizer.data.device import DeviceCrops, fits
from colorizer.data.files import (
    DataError,
    Picture,
    classes_of,
    find_pictures,
    folders_of,
    open_training_photo,
    overlap,
    split,
)
from colorizer.data.packed import pack
from colorizer.data.schedule import Schedule
from colorizer.errors import PhotoError


@pytest.fixture
def folder(tmp_path):
    """Nine pictures at several depths, and other files next to them."""
    for i in range(9):
        path = tmp_path / "set" / f"class{i % 3}" / ("deep" if i % 2 else "") / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        colour_photo(50 + i, 40, seed=i).save(path)
    (tmp_path / "set/notes.txt").write_text("no picture")
    (tmp_path / "set/.hidden.png").write_bytes(b"")
    return tmp_path / "set"


def test_folders_and_archives_hold_the_same(folder, tmp_path):
    with tarfile.open(tmp_path / "set.tar", "w") as tar, zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for path in sorted(folder.rglob("*.png"), reverse=True):
            tar.add(path, path.relative_to(folder).as_posix())
            archive.write(path, path.relative_to(folder).as_posix())
    found = find_pictures([folder])
    assert [p.name for p in found] == sorted(p.name for p in found)
    assert len(found) == 9
    for source in ("set.tar", "set.zip"):
        packed = find_pictures([tmp_path / source])
        assert [(p.name, p.read()) for p in packed] == [(p.name, p.read()) for p in found]
    single = folder / "class0/0.png"
    assert find_pictures([single])[0].read() == single.read_bytes()


def test_sources_that_cannot_be_used(tmp_path):
    with pytest.raises(DataError, match="is not a folder"):
        find_pictures([tmp_path / "nowhere"])
    with pytest.raises(DataError, match="no picture in"):
        find_pictures([tmp_path])
    for name in ("bad.tar", "bad.zip"):
        (tmp_path / name).write_bytes(b"neither")
        with pytest.raises(DataError, match="cannot be read"):
            find_pictures([tmp_path / name])


def test_split_depends_only_on_the_name():
    pictures = [Picture(f"{i}.jpg", "") for i in range(2000)]
    train, held_out = split(pictures, 0.1)
    assert not {p.name for p in train} & {p.name for p in held_out}
    assert len(train) + len(held_out) == 2000
    assert 150 < len(held_out) < 250
    assert split(pictures[::2], 0.1)[1] == [p for p in held_out if p in set(pictures[::2])]


def test_an_archive_is_opened_once_and_reopened_after_a_change(folder, tmp_path, monkeypatch):
    path = tmp_path / "set.zip"
    opened = []
    whole = zipfile.ZipFile
    monkeypatch.setattr(zipfile, "ZipFile", lambda *a: opened.append(a) or whole(*a))
    for content in ("0.png", "1.png"):
        with whole(path, "w") as archive:
            for i in range(5):
                archive.write(next(folder.rglob(content)), f"{i}.png")
        os.utime(path, ns=(0, int(content[0])))
        found = find_pictures([path])
        opened.clear()
        assert {picture.read() for picture in found} == {next(folder.rglob(content)).read_bytes()}
        assert len(opened) == 1


def test_pictures_that_cannot_be_reached_or_unpacked_are_unreadable(folder, tmp_path):
    (folder / "gone.png").symlink_to(tmp_path / "nowhere.png")
    with zipfile.ZipFile(tmp_path / "bad.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.png", bytes(5000))
    encoded = bytearray((tmp_path / "bad.zip").read_bytes())
    encoded[40] ^= 0xFF
    (tmp_path / "bad.zip").write_bytes(encoded)
    pictures = find_pictures([folder, tmp_path / "bad.zip"])
    for picture in (p for p in pictures if p.name in ("gone.png", "a.png")):
        with pytest.raises(PhotoError, match=f"{picture.name} cannot be read"):
            open_training_photo(picture)
    assert overlap(pictures, pictures) == [p for p in pictures if p.name not in ("gone.png", "a.png")]
    assert Crops(pictures, labels={})[0, len(pictures) - 1, 8][0].shape == (3, 8, 8)


def test_unreadable_and_gray_pictures_are_skipped(folder):
    (folder / "class0/0.png").write_bytes(b"broken")
    Image.new("RGB", (20, 20), (100, 101, 100)).save(folder / "class1/1.png")
    pictures = find_pictures([folder])
    crops = Crops(pictures)
    for i in range(len(pictures)):
        assert crops[0, i, 16][0].shape == (3, 16, 16)
    assert {picture.name for picture in crops.skipped} <= {"class0/0.png", "class1/1.png"}
    assert "class0/0.png" in {picture.name for picture in crops.skipped}
    only_gray = Crops([Picture("g", str(folder / "class1/1.png"))])
    with pytest.raises(DataError, match="unreadable or gray"):
        only_gray[0, 0, 16]


def test_crops_follow_from_seed_epoch_and_index(folder):
    pictures = find_pictures([folder])
    assert torch.equal(Crops(pictures, 1)[2, 3, 16][0], Crops(pictures, 1)[2, 3, 16][0])
    assert not torch.equal(Crops(pictures, 1)[2, 3, 16][0], Crops(pictures, 1)[3, 3, 16][0])
    assert not torch.equal(Crops(pictures, 1)[2, 3, 16][0], Crops(pictures, 2)[2, 3, 16][0])
    assert Crops(pictures)[0, 0, 24][0].dtype == torch.uint8


def test_schedule_shows_every_picture_once_per_epoch_and_can_resume():
    whole = iter(Schedule(10, 4, (16, 32), seed=5))
    batches = [next(whole) for _ in range(15)]
    for epoch in range(6):
        shown = [index for batch in batches for e, index, _ in batch if e == epoch]
        assert sorted(shown) == list(range(10))
    assert all(len({size for _, _, size in batch}) == 1 for batch in batches)
    assert {batch[0][2] for batch in batches} == {16, 32}
    later = iter(Schedule(10, 4, (16, 32), seed=5, start=7))
    assert [next(later) for _ in range(8)] == batches[7:]


@given(
    sizes=st.lists(st.integers(1, 20), min_size=1, max_size=6),
    balance=st.sampled_from([0.0, 0.3, 0.7, 1.0]),
    seed=st.integers(0, 5),
)
def test_balanced_schedules_show_groups_in_proportion_and_go_through_each(sizes, balance, seed):
    groups = np.repeat(np.arange(len(sizes)), sizes)
    count, epochs = len(groups), 5
    schedule = Schedule(count, 1, (8,), seed, groups=groups, balance=balance)
    keys = [key for (key,) in itertools.islice(schedule, epochs * count)]
    assert len(set(keys)) == len(keys)  # no crop comes twice
    weights = np.array(sizes, float) ** (1 - balance)
    for number, size in enumerate(sizes):
        seen = np.bincount([index for _, index, _ in keys], minlength=count)[groups == number]
        assert seen.max() - seen.min() <= 1
        assert abs(seen.sum() / epochs - weights[number] / weights.sum() * count) <= len(sizes)
        assert seen.sum() >= epochs or count < len(sizes)
        assert size == len(seen)
    later = Schedule(count, 1, (8,), seed, start=7, groups=groups, balance=balance)
    assert list(itertools.islice(later, 5)) == list(
        itertools.islice(Schedule(count, 1, (8,), seed, groups=groups, balance=balance), 7, 12)
    )


def test_folders_of_the_same_name_are_one(tmp_path):
    for folder, count in (("a/cats", 2), ("b/cats", 1), ("b", 2)):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        write_photos(tmp_path / folder, count, 40, 40)
    pictures = find_pictures([tmp_path / "a", tmp_path / "b"])
    numbers = folders_of(pictures)
    assert len(set(numbers)) == 2
    assert len({n for p, n in zip(pictures, numbers, strict=True) if p.name.startswith("cats")}) == 1


@given(world=st.integers(1, 4), size=st.integers(1, 3), count=st.integers(1, 30), start=st.integers(0, 5))
def test_the_parts_of_all_ranks_are_the_batch_of_one_process(world, size, count, start):
    batch = world * size
    whole = list(itertools.islice(Schedule(count, batch, (8, 16), 3, start), 3))
    ranks = [iter(Schedule(count, batch, (8, 16), 3, start, rank, world)) for rank in range(world)]
    for keys in whole:
        assert keys == [key for rank in ranks for key in next(rank)]


def test_a_batch_that_cannot_be_divided_evenly_is_refused():
    with pytest.raises(ValueError, match="batch of 10 cannot be shared by 3 processes; choose a multiple of 3"):
        Schedule(10, 10, (8,), world=3)


@given(
    width=st.integers(1, 3000),
    height=st.integers(1, 3000),
    smallest=st.floats(0.05, 1),
    numbers=st.tuples(*[st.floats(0, 1, exclude_max=True)] * 4),
)
def test_boxes_lie_in_the_picture_and_are_no_smaller_than_asked(width, height, smallest, numbers):
    boxes = random_boxes(np.array([[width, height]]), smallest, np.array([numbers]))
    left, top, right, bottom = boxes[0]
    assert left >= 0
    assert top >= 0
    assert right <= width * (1 + 1e-9)
    assert bottom <= height * (1 + 1e-9)
    assert min(right - left, bottom - top) >= smallest * min(width, height) * (1 - 1e-9)
    if smallest == 1:
        assert boxes[0] == pytest.approx([0, 0, width, height])


def test_draws_are_even_and_differ_by_seed_epoch_and_index_but_not_by_size():
    keys = [(epoch, index, 8) for epoch in range(20) for index in range(500)]
    numbers = draws(7, keys)
    assert numbers.min() >= 0
    assert numbers.max() < 1
    assert len(np.unique(numbers)) == numbers.size
    for column in numbers.T:
        assert np.histogram(column, 10, (0, 1))[0] == pytest.approx(np.full(10, 1000), abs=150)  # 5 deviations
    assert np.abs(np.corrcoef(numbers.T) - np.eye(4)).max() < 0.05
    assert not np.isin(draws(8, keys[:100]), numbers).any()
    assert np.array_equal(draws(7, [(3, 4, 8)]), draws(7, [(3, 4, 99)]))


@pytest.fixture(scope="module")
def wide_and_high(tmp_path_factory):
    """Packed pictures of several shapes, and the same decoded each time; the first is reduced when it is packed."""
    folder = tmp_path_factory.mktemp("shapes")
    for i, (width, height) in enumerate([(90, 120), (50, 37), (37, 64), (21, 21), (300, 30), (64, 64), (40, 50)]):
        colour_photo(width, height, seed=i).save(folder / f"{i}.png")
    pictures = find_pictures([folder])
    return pack(pictures, 64, folder / "cache", say=lambda line: None), pictures


def test_packed_and_decoded_pictures_give_the_same_crops(wide_and_high):
    packed, pictures = wide_and_high
    labels = {pictures[2]: 5}
    for smallest in (0.4, 1.0):
        ours, theirs = (Crops(source, 3, smallest, labels) for source in (packed, pictures))
        keys = [(epoch, index, 24) for epoch in range(4) for index in range(1, 7)]
        for mine, decoded in zip(ours.batch(keys), theirs.batch(keys), strict=True):
            assert torch.equal(mine, decoded)
        reduced, whole = ours[0, 0, 24][0], theirs[0, 0, 24][0]
        assert (reduced.int() - whole.int()).abs().float().mean() < 2
    assert ours.batch(keys)[1].tolist() == 4 * [-1, 5, -1, -1, -1, -1]


def test_a_crop_does_not_depend_on_its_batch(wide_and_high):
    keys = [(epoch, index, 16) for epoch in range(3) for index in range(7)]
    for crops in (Crops(wide_and_high[0], 1), Crops(wide_and_high[1], 1), DeviceCrops(wide_and_high[0], "cpu", 1)):
        together, _ = crops.batch(keys)
        assert torch.equal(torch.cat([crops.batch([key])[0] for key in keys]), together)


@pytest.mark.parametrize("smallest", [0.3, 1.0])
@pytest.mark.parametrize("size", [8, 24, 80])
def test_crops_made_on_the_device_are_the_same(wide_and_high, size, smallest, monkeypatch):
    monkeypatch.setattr("colorizer.data.device._PIXELS", 20_000)  # so that a batch is worked on in several groups
    packed, pictures = wide_and_high
    labels = {pictures[3]: 2}
    keys = [(epoch, index, size) for epoch in range(5) for index in range(7)]
    on_device, labels_there = DeviceCrops(packed, "cpu", 3, smallest, labels).batch(keys)
    crops, labels_here = Crops(packed, 3, smallest, labels).batch(keys)
    assert on_device.shape == (35, 3, size, size)
    assert on_device.dtype == torch.uint8
    assert (on_device.int() - crops.int()).abs().max() <= 2  # Pillow rounds between rows and columns
    assert torch.equal(labels_there, labels_here)


def test_processes_and_threads_make_the_same_batches(wide_and_high):
    packed, pictures = wide_and_high
    schedule = Schedule(7, 3, (8, 16))
    keys = list(itertools.islice(schedule, 8))
    expected = [Crops(packed, smallest=1.0).batch(part) for part in keys]
    makers = [(Crops(packed, smallest=1.0), workers) for workers in (0, 3)]
    for crops, workers in [*makers, (DeviceCrops(packed, "cpu", smallest=1.0), 0)]:
        for (made, _), (crop, _) in zip(batches(crops, schedule, workers, "cpu"), expected, strict=False):
            assert (made.int() - crop.int()).abs().max() <= (2 if isinstance(crops, DeviceCrops) else 0)
    decoded = [[made for made, _ in itertools.islice(batches(Crops(pictures), schedule, n), 4)] for n in (0, 1)]
    assert all(torch.equal(one, other) for one, other in zip(*decoded, strict=True))


def test_pictures_stay_on_a_device_with_enough_memory(wide_and_high, monkeypatch):
    packed = wide_and_high[0]
    assert not fits(packed, "cpu")
    for free, room in ((2 * packed.nbytes, True), (2 * packed.nbytes - 2, False)):
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device, free=free: (free, 10**12))
        assert fits(packed, "cuda") == room


def test_batches_are_made_while_the_caller_is_busy():
    made = []

    class Slow:
        def batch(self, keys):
            time.sleep(0.05)
            made.append(keys)
            return torch.zeros(1), torch.zeros(1)

    found = batches(Slow(), Schedule(4, 2, (8,)), 0)
    next(found)
    time.sleep(0.3)
    assert 2 <= len(made) <= 4  # ahead, but not by more than it was told
    found.close()
    count = len(made)
    time.sleep(0.2)
    assert len(made) == count  # nothing goes on when nobody asks


@pytest.mark.parametrize("workers", [0, 1])
def test_unusable_data_gives_one_sentence(tmp_path, workers):
    Image.new("RGB", (20, 20), (100, 101, 100)).save(tmp_path / "gray.png")
    crops = Crops(find_pictures([tmp_path]))
    with pytest.raises(DataError, match=r"^Every picture in the training set is unreadable or gray; .*learn from\.$"):
        next(batches(crops, Schedule(1, 1, (8,)), workers))


def test_a_class_is_the_folder_a_picture_is_in():
    pictures = [Picture(name, name) for name in ("a/coast/1.png", "b/coast/2.png", "forest/1.png", "3.png")]
    names, labels = classes_of(pictures)
    assert names == ["coast", "forest"]
    assert [labels.get(picture, -1) for picture in pictures] == [0, 0, 1, -1]


def test_overlap_is_found_by_content(folder, tmp_path):
    train = find_pictures([folder])
    (tmp_path / "x.png").write_bytes(train[2].read())
    colour_photo(seed=77).save(tmp_path / "y.png")
    held_out = find_pictures([tmp_path / "x.png", tmp_path / "y.png"])
    assert [picture.name for picture in overlap(train, held_out)] == ["x.png"]


def test_names_that_are_not_utf_8_can_be_split():
    odd = [Picture(f"{i}\udce9.jpg", "x") for i in range(40)]
    train, held_out = split(odd, 0.5)
    assert len(train) + len(held_out) == 40
    assert train
    assert held_out
