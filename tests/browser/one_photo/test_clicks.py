"""Clicks on the colours, side by side, and what is none: two clicks, a drag, fingers that zoom or move."""

import re

import pytest
from conftest import wait_for
from playwright.sync_api import expect

from ..fingers import Fingers
from ..visit import look_at

pytestmark = pytest.mark.browser

LONGER_THAN_TWO_CLICKS = 500
"""Milliseconds, after which a click has been taken for one."""

DOUBLE_CLICK = """view => {
    const box = view.getBoundingClientRect();
    const event = (kind, type, detail) => view.dispatchEvent(new kind(type, { bubbles: true, cancelable: true, detail,
        clientX: box.x + box.width / 2, clientY: box.y + box.height / 2, pointerId: 1, isPrimary: true, button: 0 }));
    for (const detail of [1, 2]) {
        event(PointerEvent, "pointerdown", 0);
        event(PointerEvent, "pointerup", 0);
        event(MouseEvent, "click", detail);
    }
    event(MouseEvent, "dblclick", 2);
}"""
"""In the middle, both clicks at once: on a busy machine Playwright's come too late after each other."""


def expect_side_by_side(page):
    """Check that nothing was taken for a click."""
    page.wait_for_timeout(LONGER_THAN_TWO_CLICKS)
    expect(page.locator("#view input:checked")).to_have_value("side")


def test_a_click_on_the_colours_is_about_what_is_there_and_zooming_or_moving_is_no_click(shown):
    page = shown
    fingers, whole, view = Fingers(page), page.locator(".stage-whole"), page.locator("#colour .stage-view")
    box = view.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    fingers.go([(x - 20, y)], [(x + 20, y)])  # two that only rest
    expect_side_by_side(page)
    fingers.go([(x - 20, y), (x - 40, y), (x - 60, y)], [(x + 20, y), (x + 40, y), (x + 60, y)])
    expect(whole).to_have_text("300 %")
    expect_side_by_side(page)
    fingers.go([(x - 60, y)] * 3, [(x + 60, y), (x + 30, y), (x, y)])  # one of them stays where it is
    expect(whole).to_have_text("150 %")
    expect_side_by_side(page)
    picture = page.locator("#colour img")
    before = picture.bounding_box()
    fingers.go([(x, y), (x - 10, y), (x - 25, y)])
    wait_for(lambda: picture.bounding_box()["x"] == pytest.approx(before["x"] - 25, abs=1))
    expect_side_by_side(page)
    fingers.go([(x, y)])
    expect(page.locator("#view input:checked")).to_have_value("picture")
    expect(page.locator(".picker-swatch").first).to_be_visible()
    page.keyboard.press("Escape")
    look_at(page, "Side by side")
    whole.click()

    middle = {"x": box["width"] / 2, "y": box["height"] / 2}
    gray = page.locator("#gray .stage-view")
    gray.click(position=middle)
    view.evaluate(DOUBLE_CLICK)
    expect(page.locator(".stage-whole")).to_have_text("250 %")
    page.mouse.move(box["x"] + middle["x"], box["y"] + middle["y"])
    page.mouse.down()
    page.mouse.move(box["x"] + middle["x"] - box["width"] / 4, box["y"] + middle["y"], steps=4)
    page.mouse.up()
    page.wait_for_timeout(LONGER_THAN_TWO_CLICKS)
    expect(page.locator("#view input:checked")).to_have_value("side")
    view.click(position=middle)  # the middle was moved a quarter of the view, a tenth of the picture, to the left
    expect(page.locator("#view input:checked")).to_have_value("picture")
    expect(page.locator(".picker-swatch").first).to_be_visible()
    page.locator(".picker-swatch").nth(3).click()
    expect(page.locator(".picker-dot")).to_have_accessible_name(re.compile("60 % from the left, 50 % from the top"))
