"""Batches of crops from packed and decoded pictures, on the CPU and on a device."""

import itertools
import time

import numpy as np
import pytest
import torch
from conftest import colour_photo
from hypothesis import given
from hypothesis import strategies as st

from colorizer.data.crops import Crops, batches, draws, random_boxes
from colorizer.data.device import DeviceCrops, fits
from colorizer.data.files import (
    find_pictures,
)
from colorizer.data.packed import pack
from colorizer.data.schedule import Schedule


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
    """Pictures of several shapes, packed, and the same pictures decoded each time. Packing reduces the first one."""
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
