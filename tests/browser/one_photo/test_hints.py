"""A visitor chooses the colours of spots, in a real Chromium."""

import re

import pytest
from conftest import wait_for
from playwright.sync_api import expect

from colorizer import Colorization

from ..fingers import Fingers
from ..keyboard import tab_to
from .picker import changed, click, free_colour, has_hue

pytestmark = pytest.mark.browser


def test_click_choose_undo_clear(coloured, passes):
    page = coloured
    expect(page.locator(".picker-call")).to_contain_text("Wrong colour?")
    expect(page.locator(".picker-undo")).to_be_disabled()
    click(page, 0.3, 0.4)
    swatches = page.locator(".picker-swatch")
    expect(swatches).to_have_count(5)
    assert all("suggestion" in swatches.nth(i).get_attribute("aria-label") for i in range(5))
    assert passes == []
    changed(page, lambda: free_colour(page, "#d01818"))
    dots = page.locator(".picker-dot")
    expect(dots).to_have_count(1)
    dot, plane = dots.first.bounding_box(), page.locator(".picker-plane").bounding_box()
    assert dot["x"] + dot["width"] / 2 == pytest.approx(plane["x"] + 0.3 * plane["width"], abs=1.5)
    assert dot["y"] + dot["height"] / 2 == pytest.approx(plane["y"] + 0.4 * plane["height"], abs=1.5)
    assert has_hue(page, 0.3, 0.4, "#d01818")
    expect(page.locator("#figures")).to_contain_text("1 correction")
    click(page, 0.7, 0.6)
    changed(page, lambda: swatches.nth(3).click())
    expect(dots).to_have_count(2)
    expect(page.locator(".picker-status")).to_have_text("Colours chosen by you: 2")
    changed(page, page.locator(".picker-undo").click)
    expect(dots).to_have_count(1)
    assert has_hue(page, 0.3, 0.4, "#d01818")
    changed(page, page.locator(".picker-clear").click)
    expect(dots).to_have_count(0)
    assert passes == []  # what is about things needs no other pass


@pytest.mark.full
def test_a_zoomed_picture_follows_the_keyboard_and_two_fingers(coloured):
    page = coloured
    plane, window, dot = (page.locator(name) for name in (".picker-plane", ".picker-stage", ".picker-dot"))
    click(page, 0.1, 0.9)
    changed(page, lambda: free_colour(page, "#d01818"))
    page.keyboard.press("Escape")
    for _ in range(4):
        page.locator(".stage-in").click()

    def in_view(node):
        box, seen = node.bounding_box(), window.bounding_box()
        across, down = box["x"] + box["width"] / 2 - seen["x"], box["y"] + box["height"] / 2 - seen["y"]
        return 0 < across < seen["width"] and 0 < down < seen["height"]

    assert not in_view(dot)
    plane.focus()
    for _ in range(5):
        plane.press("Shift+ArrowRight")
    wait_for(lambda: in_view(page.locator(".picker-cross")))
    tab_to(page, dot)
    wait_for(lambda: in_view(dot))
    wait_for(lambda: window.evaluate("node => [node.scrollLeft, node.scrollTop]") == [0, 0])

    before, fingers = plane.bounding_box(), Fingers(page)
    seen = window.bounding_box()
    x, y = seen["x"] + seen["width"] / 2, seen["y"] + seen["height"] / 2
    way = [(x - step, y + step) for step in (0, 10, 20, 30, 40)]
    fingers.go(way, [(across + 60, down) for across, down in way])
    there = pytest.approx([before["x"] - 40, before["y"] + 40], abs=2)
    wait_for(lambda: [plane.bounding_box()[side] for side in "xy"] == there)
    assert plane.bounding_box()["width"] == pytest.approx(before["width"], rel=0.01)
    expect(page.locator(".picker-panel")).to_be_hidden()
    expect(dot).to_have_count(1)


@pytest.mark.full
def test_a_dot_is_changed_and_removed(coloured):
    page = coloured
    click(page, 0.5, 0.5)
    changed(page, lambda: free_colour(page, "#d01818"))
    dot = page.locator(".picker-dot")
    dot.click()
    expect(page.locator(".picker-swatch").first).to_be_visible()
    changed(page, lambda: free_colour(page, "#1838d0"))
    expect(dot).to_have_count(1)
    assert has_hue(page, 0.5, 0.5, "#1838d0")
    dot.click()
    changed(page, page.get_by_role("button", name="Remove", exact=True).click)
    expect(dot).to_have_count(0)


@pytest.mark.full
def test_by_keyboard_alone(coloured):
    page = coloured
    plane = page.locator(".picker-plane")
    plane.focus()
    for key in ("ArrowLeft", "ArrowLeft", "Shift+ArrowUp"):
        plane.press(key)
    expect(page.locator(".picker-cross")).to_be_visible()
    expect(page.locator(".picker-status")).to_contain_text("46 % from the left, 40 % from the top")
    plane.press("Enter")
    expect(page.locator(".picker-swatch").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".picker-panel")).to_be_hidden()
    expect(plane).to_be_focused()
    plane.press("Enter")
    expect(page.locator(".picker-swatch").first).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    changed(page, lambda: page.keyboard.press("Enter"))
    expect(plane).to_be_focused()
    dot = page.locator(".picker-dot")
    expect(dot).to_have_accessible_name(re.compile("^Correction 1: "))
    dot.focus()
    changed(page, lambda: dot.press("Delete"))
    expect(dot).to_have_count(0)
    expect(plane).to_be_focused()
    for _ in range(2):
        plane.press("Enter")
        expect(page.locator(".picker-swatch").first).to_be_focused()
        page.keyboard.press("Tab")
        changed(page, lambda: page.keyboard.press("Enter"))
        plane.press("Shift+ArrowRight")
    changed(page, lambda: plane.press("Control+z"))
    expect(dot).to_have_count(1)


COVERS = """panel => {
    panel.scrollIntoView({ block: 'center' });
    const { x, y, height } = panel.getBoundingClientRect();
    const places = Array.from({ length: Math.floor((height - 8) / 4) }, (_, i) => y + 4 + 4 * i);
    return places.length > 9 && places.every((down) => panel.contains(document.elementFromPoint(x + 20, down)));
}"""


@pytest.mark.full
@pytest.mark.parametrize("page", [(390, 800)], indirect=True)
def test_on_a_phone(coloured):
    page = coloured
    for x, y in ((0.02, 0.05), (0.97, 0.95)):
        click(page, x, y)
        panel, large = (page.locator(name).bounding_box() for name in (".picker-panel", ".picker-photo"))
        assert panel["y"] >= large["y"] + large["height"]  # nothing of the picture is covered
        assert panel["x"] >= 0
        assert panel["x"] + panel["width"] <= 390
        assert page.locator(".picker-panel").evaluate(COVERS), "something of what is below shows through"
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.full
def test_an_error_loses_nothing(coloured, monkeypatch):
    page = coloured
    click(page, 0.3, 0.4)
    changed(page, lambda: free_colour(page, "#d01818"))
    click(page, 0.7, 0.4)
    fine = Colorization.with_readout

    def failing(self, *given, **named):
        raise ValueError("the colours are out of order")

    monkeypatch.setattr(Colorization, "with_readout", failing)
    free_colour(page, "#1838d0")
    expect(page.locator("[data-testid=toast-body]")).to_contain_text("out of order")
    expect(page.locator(".picker-dot")).to_have_count(2)
    monkeypatch.setattr(Colorization, "with_readout", fine)
    changed(page, lambda: page.locator("#preset").get_by_text("Vivid").click())
    assert has_hue(page, 0.3, 0.4, "#d01818")
    assert has_hue(page, 0.7, 0.4, "#1838d0")
