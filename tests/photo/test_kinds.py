"""Toned prints are no originals; colour photographs are. `benchmarks.toned_prints` measures how often."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from conftest import colour_photo, representing
from PIL import Image

from benchmarks.toned_prints import TONES, print_of
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


@pytest.mark.parametrize("tone", representing(TONES, ["plain", "cyanotype"]))
def test_most_prints_are_recognized(tone):
    """Prints that are uneven, yellowed, stained, spotted and mounted, as decades leave them."""
    made = [print_of(open_photo(path), tone, seed) for path in EXAMPLES for seed in range(8)]
    wrong = sum(map(has_own_colours, made))
    assert wrong <= len(made) * 0.25


def gray() -> np.ndarray:
    return np.asarray(PHOTO.convert("L"), float)[..., None]


def test_a_tone_that_changes_over_the_paper_is_no_colour():
    L, across = gray(), np.linspace(0, 1, 120)[None, :, None]
    uneven = np.clip(L * (1 - across * np.array([0.0, 0.12, 0.35])), 0, 255).astype(np.uint8)
    assert not has_own_colours(Image.fromarray(uneven))


def test_a_cyanotype_is_no_colour():
    L = gray() / 255
    dark, paper = np.array([20, 50, 110.0]), np.array([240, 238, 222.0])
    assert not has_own_colours(Image.fromarray((dark + L * (paper - dark)).round().astype(np.uint8)))


def on_a_mount(L: np.ndarray, mount: list[int]) -> np.ndarray:
    """A plain print on a mount of another colour, uint8 (H, W, 3). L: (H, W, 1), 0 to 255."""
    framed = np.zeros((*L.shape[:2], 3), np.uint8) + np.array(mount, np.uint8)
    framed[10:-10, 10:-10] = (L * [1, 0.96, 0.88])[10:-10, 10:-10].astype(np.uint8)
    return framed


def test_a_mount_is_no_colour():
    assert not has_own_colours(Image.fromarray(on_a_mount(gray(), [150, 110, 80])))


def test_a_stain_is_no_colour():
    """One that covers a tenth of a sepia print, with an edge."""
    sepia = gray() * [1, 0.88, 0.7] * 0.8 + [30, 26, 20]
    y, x = np.mgrid[:90, :120]
    sepia[np.hypot(x - 90, y - 25) < 18] *= [0.92, 0.8, 0.64]
    assert not has_own_colours(Image.fromarray(sepia.astype(np.uint8)))


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
@pytest.mark.parametrize("size", [(64, 64), (8, 8), (300, 9)])
def test_an_even_picture_is_judged_without_a_warning(colour, size):
    """Nothing varies in it, and a covariance of nothing is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not has_own_colours(Image.new("RGB", size, colour))
