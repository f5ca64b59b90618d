"""Nine errands of visitors, done to the end in few actions."""

import zipfile

import pytest
from conftest import colour_photo, write_photos
from PIL import Image
from pptx import Presentation

from benchmarks.visitors.errands import (
    Visitor,
    all_networks,
    another_look_on_a_phone,
    another_network,
    colour_a_scan,
    compare_two_networks,
    correct_one_thing,
    deck_of_them,
    many_scans,
    slide_for_tomorrow,
)

pytestmark = [pytest.mark.browser, pytest.mark.full]


@pytest.fixture
def scan(tmp_path):
    colour_photo(300, 200).save(tmp_path / "scan.png")
    return tmp_path / "scan.png"


@pytest.fixture
def visitor(page):
    return Visitor(page)


def test_a_scan_is_coloured_in_two_actions(visitor, scan):
    assert Image.open(colour_a_scan(visitor, scan)).size == (300, 200)
    assert visitor.actions == 2


def test_a_dress_becomes_red_in_four_actions(visitor, scan):
    assert Image.open(correct_one_thing(visitor, scan, 0.4, 0.5)).size == (300, 200)
    assert visitor.actions == 4


def test_a_slide_takes_three_actions(visitor, scan):
    assert len(Presentation(slide_for_tomorrow(visitor, scan)).slides) == 1
    assert visitor.actions == 3


@pytest.fixture
def box(tmp_path):
    (tmp_path / "box").mkdir()
    return sorted(write_photos(tmp_path / "box", 6, 60, 40).iterdir())


def test_a_box_of_scans_takes_four_actions(visitor, box):
    with zipfile.ZipFile(many_scans(visitor, box)) as archive:
        assert len([name for name in archive.namelist() if name.endswith(".png")]) == 6
    assert visitor.actions == 4


def test_a_deck_of_them_takes_four_actions_too(visitor, box):
    assert len(Presentation(deck_of_them(visitor, box)).slides) == 1 + 6  # a title first
    assert visitor.actions == 4


def test_another_network_takes_three_actions(visitor, scan):
    assert another_network(visitor, scan)
    assert visitor.actions == 3


def test_another_look_on_a_phone_takes_three_actions(visitor, scan):
    assert Image.open(another_look_on_a_phone(visitor, scan)).size == (300, 200)
    assert visitor.actions == 3


def test_all_networks_take_two_actions(visitor, scan):
    assert all_networks(visitor, scan) == 2 + 4
    assert visitor.actions == 2


def test_two_networks_are_compared_in_four_actions(visitor, scan):
    left, right = compare_two_networks(visitor, scan)
    assert {left, right} == {"mobile-unet", "resnet18-decoder"}
    assert visitor.actions == 4
