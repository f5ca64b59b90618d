"""Visible marks: where they are, what they leave alone, and that they can be seen."""

import numpy as np
import pytest
from conftest import colour_photo
from PIL import Image

from colorizer.figures.mark import marked


@pytest.mark.parametrize("size", [(640, 400), (300, 900), (90, 60), (14, 14)])
def test_a_symbol_in_the_corner(size):
    photo = colour_photo(*size)
    result = marked(photo, "corner")
    assert result.size == size
    changed = np.argwhere((np.asarray(result) != np.asarray(photo)).any(axis=-1))
    side = max(12, min(size) // 20)
    assert side - 3 <= np.ptp(changed[:, 0]) + 1 <= side
    assert changed[:, 0].min() >= size[1] - side - max(3, min(size) // 60)
    assert changed[:, 1].min() >= size[0] - side - max(3, min(size) // 60)


@pytest.mark.parametrize("ground", ["black", "gray", "white"])
def test_the_symbol_is_seen_on_any_ground_and_has_colours(ground):
    photo = Image.new("RGB", (600, 400), ground)
    corner = np.asarray(marked(photo, "corner").crop((560, 360, 600, 400))).astype(int)
    assert np.abs(corner - np.asarray(photo)[0, 0]).max() > 100
    assert np.ptp(corner, axis=-1).max() > 60


@pytest.mark.parametrize("size", [(640, 400), (300, 900), (90, 60)])
def test_a_strip_below_covers_nothing(size):
    photo = colour_photo(*size)
    result = np.asarray(marked(photo, "strip"))
    assert (result[: size[1]] == np.asarray(photo)).all()
    strip = result[size[1] :]
    assert len(strip) >= 22
    assert np.ptp(strip) > 150, "words are to be read"


def test_gray_pictures_and_other_marks():
    assert marked(colour_photo().convert("L"), "corner").mode == "RGB"
    with pytest.raises(ValueError, match="a mark is one of corner, strip, not 'star'"):
        marked(colour_photo(), "star")
