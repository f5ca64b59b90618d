"""Whether a photograph looks like a negative."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from benchmarks.negatives import negative
from colorizer import open_photo
from colorizer.files.shipped import example_photos, shipped
from colorizer.inference.negative import SIDE, Positiveness, looks_negative

PHOTOS = example_photos(shipped("examples"))


@given(st.integers(0, 1000), st.floats(0.1, 10), st.floats(-50, 50))
def test_the_reverse_of_a_picture_scores_the_reverse_whatever_its_contrast(seed, contrast, lightness):
    torch.manual_seed(0)
    network = Positiveness().eval()
    L = torch.rand(1, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(seed)) * 100
    score = network(L)
    torch.testing.assert_close(network(100 - L), -score, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(network(contrast * L + lightness), score, atol=1e-3, rtol=1e-3)


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
