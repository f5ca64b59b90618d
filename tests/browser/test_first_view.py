"""The parts in view at once, and whole, on a laptop and on a phone."""

import itertools
import re

import pytest
from conftest import colour_photo, wait_for
from playwright.sync_api import expect

from .one_photo.picker import click
from .tabs.show import enter
from .visit import each_tab, give_photo, look_closely, upload

pytestmark = pytest.mark.browser

COVERED = """node => {
    const { x, y, width, height } = node.getBoundingClientRect();
    return !node.contains(document.elementFromPoint(x + width / 2, y + height - 2));
}"""
CUT = "node => node.scrollWidth > node.clientWidth"


def test_examples_and_their_names_are_whole(page):
    expect(page.locator("#examples button img")).to_have_count(9)

    def whole():
        box, height = page.locator("#examples").bounding_box(), page.viewport_size["height"]
        ones = [example.bounding_box() for example in page.locator("#examples button").all()]
        foot = box["y"] + box["height"]
        within = all(box["y"] < one["y"] and one["y"] + one["height"] <= foot for one in ones)
        names = page.locator("#examples .caption-label").all()
        return within and foot <= height and not any(name.evaluate(CUT) for name in names)

    for width, height in ((1366, 768), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        wait_for(whole)


PLACES = ("#photo", "#examples", "#kept", "#waiting")


def test_whoever_comes_back_or_gave_a_bad_file_sees_where_a_photo_goes(page, tmp_path):
    give_photo(page, tmp_path)
    expect(page.locator("#kept .roll-open")).to_have_count(1)
    (tmp_path / "empty.jpg").write_bytes(b"")
    upload(page, tmp_path / "empty.jpg")
    expect(page.locator("#question")).to_contain_text("empty.jpg is empty")

    def all_seen():
        photo, *_, kept, waiting = boxes = [page.locator(name).bounding_box() for name in PLACES]
        above = all(one["y"] + one["height"] <= other["y"] for one, other in itertools.pairwise(boxes[:3]))
        return above and photo["height"] >= 90 and kept["y"] + kept["height"] <= waiting["y"] + waiting["height"]

    for width, height in ((1366, 768), (1024, 720)):
        page.set_viewport_size({"width": width, "height": height})
        wait_for(all_seen)
    for width, height in ((390, 844), (768, 600)):
        page.set_viewport_size({"width": width, "height": height})
        expect(page.locator("#question-text")).to_be_in_viewport(ratio=1)
        assert not page.locator("#question-text").evaluate(COVERED), width  # by the bar at the foot


FINGERS = {"size": (390, 844), "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("page", [FINGERS], indirect=True, ids=["phone"])
def test_no_word_on_a_phone_is_about_keys_or_dropping(page):
    expect(page.locator("#photo [data-testid=upload-text]")).to_have_text("Choose or take a photograph")
    for tab in each_tab(page):
        seen = page.get_by_role("tabpanel").filter(visible=True).inner_text()
        assert tab == "About" or not re.search(r"\b(drop|paste|keys?|Shift)\b", seen, re.IGNORECASE), tab
    assert page.locator(".tab-container").first.bounding_box()["y"] <= 64


@pytest.mark.parametrize("page", [{"size": (390, 844)}], indirect=True, ids=["phone"])
def test_a_phone_shows_what_is_wanted_next(page, tmp_path):
    give_photo(page, tmp_path)
    assert page.locator("#colour").bounding_box()["width"] > 340
    colour_photo(200, 260).convert("L").save(tmp_path / "b.png")
    upload(page, tmp_path / "b.png")
    expect(page.locator(".stage-panes figure")).to_have_count(2, timeout=30_000)
    # Of a portrait, too, the colours are large and first; the pane has its width when the picture is there.
    wait_for(lambda: page.locator("#colour").bounding_box()["width"] > 340)
    assert page.locator("#colour .stage-view").bounding_box()["y"] < page.locator("#gray").bounding_box()["y"]
    look_closely(page)
    click(page, 0.3, 0.4)
    expect(page.locator(".picker-panel")).to_be_visible()
    assert not page.locator(".picker-whole").evaluate(COVERED)  # by the bar at the foot
    wait_for(lambda: page.locator(".picker-photo").bounding_box()["y"] >= 0)  # what the colour is for is still seen
    page.keyboard.press("Escape")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert not page.locator("footer .settings").evaluate(COVERED)
    enter(page)
    picture = page.locator(".show-frame").bounding_box()
    for side in ("left", "right"):
        caption = page.locator(f".show-{side} b").bounding_box()
        assert caption["y"] + caption["height"] <= picture["y"] + 1  # no head is covered
    page.locator(".show-help").click()
    assert not page.get_by_role("dialog", name="Keys").evaluate(CUT)
