"""What a talk on the Show tab is made of, and what it asks of the server, in a real Chromium."""

import pytest
from conftest import colour_photo
from playwright.sync_api import expect

from colorizer.page.session.shelf import Shelf

from .show import FETCHED, add, divider, enter, name

pytestmark = pytest.mark.browser


@pytest.mark.full
@pytest.mark.parametrize("page", [{"fresh": True}], indirect=True, ids=["its own network"])
def test_the_next_one_is_there_and_needs_no_network(page):
    enter(page)
    for part in ("gray", "colorized"):
        page.wait_for_function(FETCHED.format(f"paris_1900-{part}.jpg"))
    page.context.set_offline(True)
    page.keyboard.press("n")
    expect(name(page)).to_have_text("World’s Fair")
    expect(page.locator(".show-frame")).to_be_visible()
    page.keyboard.press("p")
    expect(page.locator(".show-frame")).to_be_visible()
    page.context.set_offline(False)


@pytest.mark.full
def test_a_talk_of_ones_own(page, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"this is no photograph")
    colour_photo(200, 300, seed=1).save(tmp_path / "portrait.png")
    colour_photo(300, 100, seed=2).save(tmp_path / "wide.png")
    enter(page)
    page.get_by_label("Show the examples too").uncheck()
    files = [tmp_path / name for name in ("portrait.png", "broken.jpg", "wide.png")]
    add(page, files)
    expect(page.locator(".show-count")).to_have_text("1 of 3")
    expect(name(page)).to_have_text("Portrait")
    page.keyboard.press("n")
    expect(page.locator(".show-message")).to_contain_text("broken.jpg is not a picture")
    expect(page.locator(".show-message")).to_contain_text("The right arrow goes on")
    page.keyboard.press("n")
    expect(name(page)).to_have_text("Wide")
    expect(page.locator(".show-frame")).to_be_visible()
    box = page.locator(".show-frame").bounding_box()
    assert box["width"] / box["height"] == pytest.approx(3, rel=0.02)
    colour_photo(90, 60, seed=3).save(tmp_path / "later.png")
    add(page, [tmp_path / "later.png"])
    expect(name(page)).to_have_text("Later")  # what is new is shown
    expect(page.locator(".show-count")).to_have_text("4 of 4")
    for _ in range(4):
        page.locator("#film .film-drop").first.click()
    expect(page.locator("#film li")).to_have_count(0)
    expect(page.locator(".show-message")).to_contain_text("Add photographs below")


@pytest.mark.full
@pytest.mark.parametrize(
    "page", [{"looks": {"reduced_motion": "reduce"}}, {"looks": {"reduced_motion": "no-preference"}}], indirect=True
)
def test_it_plays_by_itself_and_stops_at_a_touch(page):
    enter(page)
    for _ in range(10):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Play automatically")).to_have_attribute("aria-pressed", "true")
    still = page.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches")
    at = "parseFloat(document.querySelector('.show-frame').style.getPropertyValue('--at'))"
    page.wait_for_function(f"{at} === 50" if still else f"50 < {at} && {at} < 100")
    page.keyboard.press("Shift+ArrowLeft")
    stopped = divider(page)
    page.wait_for_timeout(400)
    assert divider(page) == stopped
    expect(page.get_by_role("button", name="Play automatically")).to_have_attribute("aria-pressed", "false")


@pytest.mark.full
@pytest.mark.parametrize(
    "page",
    [{"size": (390, 800), "has_touch": True, "color_scheme": "dark", "query": "?__theme=dark"}],
    indirect=True,
)
def test_on_a_phone(page):
    page.get_by_role("tab", name="Show").tap()
    expect(page.locator(".show-frame")).to_be_visible()
    page.get_by_role("button", name="Next photograph").tap()
    expect(name(page)).to_have_text("World’s Fair")
    expect(page.locator(".show-frame")).to_be_visible()
    page.get_by_role("button", name="The photograph as it was").tap()
    expect(page.locator(".show-truth")).to_be_visible()
    page.get_by_role("button", name="The photograph as it was").tap()
    expect(page.locator(".show-truth")).to_be_hidden()
    box = page.locator(".show-frame").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] * 0.8, box["y"] + box["height"] / 2)
    assert divider(page) == pytest.approx(80, abs=2)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    for label in (".show-left b", ".show-right b"):
        inside = page.locator(label).bounding_box()
        assert inside["x"] >= box["x"]
        assert inside["x"] + inside["width"] <= box["x"] + box["width"]


@pytest.mark.full
def test_only_what_is_shown_and_the_next_are_coloured(page, monkeypatch):
    coloured, answer = [], Shelf.answer

    def noted(shelf, asked):
        coloured.append(asked.path.split("/")[-1])
        return answer(shelf, asked)

    monkeypatch.setattr(Shelf, "answer", noted)
    enter(page)
    page.wait_for_function(FETCHED.format("paris_1900-colorized.jpg"))
    page.wait_for_timeout(1000)
    assert coloured == ["louis_armstrong.jpg", "paris_1900.jpg"]
