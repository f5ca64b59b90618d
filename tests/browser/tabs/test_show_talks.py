"""The photos of a talk on the Show tab, and its requests to the server, in a real Chromium."""

import pytest
from playwright.sync_api import expect

from colorizer.page.session.shelf import Shelf

from .show import FETCHED, divider, enter, name

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
