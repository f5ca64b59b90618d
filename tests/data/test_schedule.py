"""The order in which training sees its pictures, and how processes share it."""

import itertools

import numpy as np
import pytest
from conftest import write_photos
from hypothesis import given
from hypothesis import strategies as st

from colorizer.data.crops import Schedule
from colorizer.data.files import (
    find_pictures,
    folders_of,
)


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
