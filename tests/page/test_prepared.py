"""The answers for the examples, made before anyone asks."""

import shutil

import numpy as np
import pytest
from conftest import colour_photo

from colorizer.files.shipped import OLD, example_photos
from colorizer.page.serving.served_files import cached_copy
from colorizer.page.session.shelf import Shelf


@pytest.fixture
def examples(tmp_path):
    (tmp_path / "photos").mkdir()
    for seed, name in enumerate(("astronaut", OLD[1], OLD[0])):
        colour_photo(60, 40, seed=seed).save(tmp_path / "photos" / f"{name}.jpg")
    return example_photos(tmp_path / "photos")


def test_old_photographs_come_first(examples):
    assert [path.stem for path in examples] == [OLD[0], OLD[1], "astronaut"]


def test_no_network_runs_for_an_example_until_its_weights_change(weights, examples, tmp_path, passes):
    folder = tmp_path / "weights"
    shutil.copytree(weights, folder)
    shelf = Shelf(folder)
    first, other = [card.name for card in shelf.cards()][:2]
    live = [shelf.colorize(cached_copy(path), first).image for path in examples]
    shelf = Shelf(folder)
    shelf.prepare([*examples, tmp_path / "missing.jpg"])
    del passes[:]
    for path, expected in zip(examples, live, strict=True):
        assert np.array_equal(shelf.colorize(cached_copy(path), first).image, expected)
    assert passes == []
    shelf.colorize(cached_copy(examples[0]), other)
    assert passes == [0]
    shutil.copy(shelf.card(other).path, shelf.card(first).path)
    shelf.colorize(cached_copy(examples[0]), first)
    assert passes == [0, 0], "colours of weights that are no longer there"
