"""The order in which training sees its pictures, how processes share it, and crops of packed and decoded pictures."""

import itertools
import time

import numpy as np
import pytest
import torch
from conftest import colour_photo, write_photos
from hypothesis import given
from hypothesis import strategies as st

from colorizer.data.crops import Crops, Schedule, batches, draws, random_boxes
from colorizer.data.files import (
    find_pictures,
    folders_of,
)
from colorizer.data.packed import pack


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
        reduced, whole = ours.batch([(0, 0, 24)])[0], theirs.batch([(0, 0, 24)])[0]
        assert (reduced.int() - whole.int()).abs().float().mean() < 2
    assert ours.batch(keys)[1].tolist() == 4 * [-1, 5, -1, -1, -1, -1]


def test_a_crop_does_not_depend_on_its_batch(wide_and_high):
    keys = [(epoch, index, 16) for epoch in range(3) for index in range(7)]
    for crops in (Crops(wide_and_high[0], 1), Crops(wide_and_high[1], 1)):
        together, _ = crops.batch(keys)
        assert torch.equal(torch.cat([crops.batch([key])[0] for key in keys]), together)


def test_any_number_of_threads_makes_the_same_batches(wide_and_high):
    packed, _ = wide_and_high
    schedule = Schedule(7, 3, (8, 16))
    keys = list(itertools.islice(schedule, 8))
    expected = [Crops(packed, smallest=1.0).batch(part) for part in keys]
    for workers in (0, 3):
        made = batches(Crops(packed, smallest=1.0), schedule, workers, "cpu")
        assert all(torch.equal(crops, wanted) for (crops, _), (wanted, _) in zip(made, expected, strict=False))


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
