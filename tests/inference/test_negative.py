"""Whether a photograph looks like a negative."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from benchmarks.colour.negatives import negative
from colorizer import open_photo
from colorizer.files.shipped import example_photos, shipped
from colorizer.inference.negative import looks_negative, margin

PHOTOS = example_photos(shipped("examples"))


@pytest.mark.parametrize("path", PHOTOS[:3], ids=[path.stem for path in PHOTOS[:3]])
def test_what_speaks_for_a_photo_speaks_against_its_reverse(path):
    photo = open_photo(path).convert("L").convert("RGB")
    one, reverse = margin(photo), margin(ImageOps.invert(photo))
    assert reverse < 0 < one
    assert abs(one + reverse) < 0.5 * one  # L of a reverse is not quite the reverse of L


@pytest.mark.parametrize("value", [0, 128, 255])
def test_an_even_picture_is_no_negative(value):
    assert not looks_negative(Image.new("RGB", (40, 30), (value,) * 3))


@pytest.mark.parametrize("path", PHOTOS, ids=[path.stem for path in PHOTOS])
def test_examples_are_positives(path):
    assert not looks_negative(open_photo(path))


def test_most_negatives_of_the_examples_are_found():
    random = np.random.default_rng(0)
    found = [looks_negative(negative(open_photo(path), random)) for path in PHOTOS]
    assert sum(found) >= 0.75 * len(found)


def test_without_the_flagship_nothing_is_said(monkeypatch):
    monkeypatch.setattr("colorizer.inference.negative.encoder", lambda: None)
    assert not looks_negative(open_photo(PHOTOS[0]))
