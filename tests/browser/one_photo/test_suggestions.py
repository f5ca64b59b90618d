"""Suggestions for a spot that a visitor clicked, however late or not at all, in a real Chromium."""

import threading

import pytest
from conftest import colour_photo, wait_for
from playwright.sync_api import expect

from colorizer.inference.colorization import Colorization
from colorizer.inference.doubts import Doubt
from colorizer.page.tabs.one_photo import pictures

from ..visit import give_photo, look_closely, upload
from .picker import changed, click, free_colour

pytestmark = pytest.mark.browser


@pytest.mark.full
def test_suggestions_for_one_photograph_are_not_offered_on_the_next(coloured, tmp_path):
    page = coloured
    click(page, 0.5, 0.5)
    colour_photo(240, 180).save(tmp_path / "b.png")
    changed(page, lambda: upload(page, tmp_path / "b.png"))
    expect(page.locator(".picker-panel")).to_be_hidden()


@pytest.mark.full
def test_a_photograph_that_comes_again_has_its_suggestions_again(page, tmp_path):
    colour_photo(300, 200).save(tmp_path / "a.png")
    for _ in range(2):  # word for word what was said before
        upload(page, tmp_path / "a.png")
        look_closely(page)
        page.wait_for_function("document.querySelector('.picker-photo')?.naturalWidth > 0")
        click(page, 0.5, 0.5)
        page.locator(".picker-close").click()
        page.get_by_label("Remove Image").click()
        expect(page.locator("#waiting")).to_be_visible()


@pytest.fixture
def suggesting(monkeypatch):
    """Suggestions that wait until the test allows them, and fail near the left edge."""
    may, spots = threading.Event(), []
    swatches = pictures.swatches

    def held(answer, x, y):
        spots.append(x)
        may.wait(20)
        if x < 0.2:
            raise ValueError("nothing comes to mind")
        return swatches(answer, x, y)

    monkeypatch.setattr(pictures, "swatches", held)
    yield may, spots
    may.set()


@pytest.mark.full
@pytest.mark.parametrize("first", [0.3, 0.1], ids=["answered", "failing"])
def test_a_place_clicked_while_another_is_asked_about_has_its_suggestions(coloured, suggesting, first):
    page, (may, spots) = coloured, suggesting
    plane = page.locator(".picker-plane")
    box = plane.bounding_box()
    plane.click(position={"x": box["width"] * first, "y": 5})
    wait_for(lambda: spots)
    # Another place, wherever the panel is.
    at = {"clientX": box["x"] + box["width"] * 0.7, "clientY": box["y"] + box["height"] * 0.95}
    plane.dispatch_event("click", at)
    expect(page.locator(".picker-wait")).to_have_count(5)
    may.set()
    expect(page.locator(".picker-swatch")).to_have_count(5)
    assert spots[-1] == pytest.approx(0.7, abs=0.02)


@pytest.mark.full
def test_a_place_without_an_answer_takes_a_colour_all_the_same(coloured, suggesting):
    page, (may, _) = coloured, suggesting
    may.set()
    plane = page.locator(".picker-plane")
    plane.click(position={"x": plane.bounding_box()["width"] * 0.1, "y": 5})
    expect(page.locator("[data-testid=toast-body]")).to_contain_text("nothing comes to mind")
    expect(page.locator(".picker-wait")).to_have_count(0)
    changed(page, lambda: free_colour(page, "#d01818"))


@pytest.mark.full
@pytest.mark.parametrize("page", [{"fresh": True}], indirect=True, ids=["its own clock"])
def test_suggestions_that_are_late_are_not_waited_for(coloured, suggesting):
    page, (may, _) = coloured, suggesting
    page.clock.install()
    page.locator(".picker-plane").click()
    expect(page.locator(".picker-wait")).to_have_count(5)
    page.clock.fast_forward(16_000)
    expect(page.locator(".picker-swatches")).to_be_hidden()
    expect(page.locator(".picker-free")).to_be_visible()
    may.set()
    expect(page.locator(".picker-swatch").first).to_be_visible()  # but taken


def test_a_mark_stands_within_the_picture_and_its_colour_takes_one_click_to_take_and_one_to_undo(
    page, tmp_path, monkeypatch
):
    colours = tuple((float(20 * i), 40.0) for i in range(5))
    monkeypatch.setattr(Colorization, "doubts", lambda result: [Doubt(150.0, 0.0, 0.2, 30.0, colours)])
    give_photo(page, tmp_path)
    mark, offers = page.locator(".stage-mark"), page.locator(".stage-offer button")
    mark.click()
    expect(offers).to_have_count(5)
    seen, pane = (node.bounding_box() for node in (mark, page.locator(".stage-marks")))
    assert seen["y"] >= pane["y"]
    assert seen["height"] >= 24
    changed(page, offers.nth(3).click)
    expect(page.locator(".stage-taken")).to_have_count(1)
    changed(page, mark.click)
    expect(page.locator(".stage-taken")).to_have_count(0)
