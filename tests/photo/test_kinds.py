"""Toned prints are no originals; colour photographs are. `python -m benchmarks toned_prints` measures how often."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from conftest import colour_photo
from hostile import encode
from PIL import Image

from colorizer import open_photo
from colorizer.files.shipped import OLD
from colorizer.photo.kinds import has_own_colours, looks_gray

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.jpg"))
PHOTO = colour_photo(120, 90)


def test_examples_in_colour_are_recognized():
    """A cat that is brown all over, too. A toned print has no colours of its own."""
    seen = {path.stem: has_own_colours(open_photo(path)) for path in EXAMPLES}
    assert {name for name, own in seen.items() if not own} == set(OLD)
    assert len(OLD) > len(seen) / 2


def gray() -> np.ndarray:
    return np.asarray(PHOTO.convert("L"), float)[..., None]


def uneven(L: np.ndarray) -> np.ndarray:
    return L * (1 - np.linspace(0, 1, 120)[None, :, None] * np.array([0.0, 0.12, 0.35]))


def cyanotype(L: np.ndarray) -> np.ndarray:
    dark, paper = np.array([20, 50, 110.0]), np.array([240, 238, 222.0])
    return (dark + L / 255 * (paper - dark)).round()


def mounted(L: np.ndarray) -> np.ndarray:
    """On a mount of another colour."""
    framed = np.tile([150.0, 110.0, 80.0], (*L.shape[:2], 1))
    framed[10:-10, 10:-10] = (L * [1, 0.96, 0.88])[10:-10, 10:-10]
    return framed


def stained(L: np.ndarray) -> np.ndarray:
    """A tenth of a sepia print, with an edge."""
    sepia = L * [1, 0.88, 0.7] * 0.8 + [30, 26, 20]
    y, x = np.mgrid[:90, :120]
    sepia[np.hypot(x - 90, y - 25) < 18] *= [0.92, 0.8, 0.64]
    return sepia


def toned(L: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """In a tone that fades towards white."""
    return L + strength * np.array([40, 10, -40]) * (255 - L) / 255


PRINTS = {
    "plain": lambda L: L.repeat(3, 2),
    "faintly toned": lambda L: toned(L, 0.3),
    "toned": toned,
    "strongly toned": lambda L: toned(L, 1.5),
    "uneven": uneven,
    "cyanotype": cyanotype,
    "mounted": mounted,
    "stained": stained,
}
"""The changes to a print: its pixels (H, W, 3), of its lightness (H, W, 1), both 0 to 255."""


def printed(name: str) -> Image.Image:
    return Image.fromarray(PRINTS[name](gray()).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("name", PRINTS)
def test_a_print_has_no_colours_of_its_own(name):
    assert not has_own_colours(printed(name))


def test_a_print_keeps_its_kind_as_a_jpeg_and_colours_show_through_a_tone():
    assert not has_own_colours(open_photo(encode(printed("toned").resize((640, 480)), "JPEG", quality=60)))
    assert has_own_colours(PHOTO)
    assert has_own_colours(Image.blend(PHOTO, printed("toned"), 0.3))


def test_small_things_in_colour_are_colours():
    """A red scarf on a gray photograph."""
    scarf = np.repeat(gray(), 3, axis=2)
    scarf[20:60, 20:60] = scarf[20:60, 20:60] * [1, 0.3, 0.3]
    scarf[50:80, 70:100] = scarf[50:80, 70:100] * [0.4, 0.9, 0.4]
    assert has_own_colours(Image.fromarray(scarf.astype(np.uint8)))


def test_a_faint_tone_looks_gray_and_a_stain_does_not():
    faint, toned, stained = (np.repeat(gray(), 3, axis=2) for _ in range(3))
    faint[..., 2] *= 0.96
    toned[..., 2] *= 0.85
    stained[:15, :15, 2] *= 0.7
    prints = (gray().repeat(3, 2), faint, toned, stained)
    assert [looks_gray(Image.fromarray(each.astype(np.uint8))) for each in prints] == [True, True, False, False]


@pytest.mark.parametrize("colour", [(0, 0, 0), (120, 130, 90), (250, 30, 20), (255, 255, 255)])
@pytest.mark.parametrize("size", [(64, 64), (8, 8), (300, 9), (1, 1)])
def test_an_even_picture_is_judged_without_a_warning(colour, size):
    """Nothing varies in it, and a covariance of nothing is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not has_own_colours(Image.new("RGB", size, colour))
