"""Whether a photograph looks like a negative."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

from benchmarks.colour.negatives import negative, prints, trained
from colorizer import open_photo
from colorizer.files.shipped import example_photos, shipped
from colorizer.inference.negative import SIDE, looks_negative, margin, positive

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


def test_it_learns_to_tell_positives_from_negatives():
    """Seen is a sign that only positives have, among others that say nothing."""
    seen = torch.randn(600, 2, 8, generator=torch.Generator().manual_seed(1))
    seen[:, 0, 3] += 1.5
    seen[:, 1, 3] -= 1.5
    weights = {name: tensor.float() for name, tensor in trained(seen[:400]).items()}
    one, reverse = positive(seen[400:], weights).unbind(1)
    assert (one > reverse).float().mean() > 0.9


def test_prints_have_all_tones_and_stay_positives():
    """What is light in the middle of a photo is light in its print."""
    photo = torch.zeros(40, 3, SIDE, SIDE)
    photo[:, :, SIDE // 4 : -SIDE // 4, SIDE // 4 : -SIDE // 4] = 1
    photo += 0.02 * torch.rand(photo.shape, generator=torch.Generator().manual_seed(0))
    made = prints(photo, torch.Generator().manual_seed(0))
    assert made.shape == (40, 1, SIDE, SIDE)
    assert made.amin(dim=(1, 2, 3)).max() == 0
    assert made.amax(dim=(1, 2, 3)).min() == 1
    middle = made[..., 54:74, 54:74].mean(dim=(1, 2, 3))
    assert (middle > 0.6).float().mean() > 0.9
