"""Whether a photograph looks like a negative."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from benchmarks.colour.negatives import negative
from colorizer import open_photo
from colorizer.files.shipped import example_photos, shipped
from colorizer.inference.negative import evidence, looks_negative

PHOTOS = example_photos(shipped("examples"))


@pytest.mark.parametrize("path", PHOTOS[:3], ids=[path.stem for path in PHOTOS[:3]])
def test_the_reverse_of_a_photo_is_evidence_of_the_reverse(path):
    photo = open_photo(path).convert("L").convert("RGB")
    one, reverse = evidence(photo), evidence(ImageOps.invert(photo))
    assert one @ reverse < -0.8 * one.norm() * reverse.norm()  # L of a reverse is not quite the reverse of L


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
    monkeypatch.setattr("colorizer.inference.negative._encoder", lambda: None)
    assert not looks_negative(open_photo(PHOTOS[0]))
