"""The page without a mouse, on every tab: everything can be reached, shows its focus, and can be used."""

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from conftest import representing, wait_for
from PIL import Image
from playwright.sync_api import expect

from .keyboard import described, stops, tab_to
from .visit import each_state, example, give_photo, natural_size, unfold

pytestmark = pytest.mark.browser

ROOM = 8
"""How far around an element the test looks for its focus ring, in pixels."""
WHOLE = 0.6
"""Least share of each side of it: corners are round, and a link that shows itself with the focus moves others."""


def test_from_page_load_to_a_file_without_a_mouse(page):
    """An example, a preset, a hint and the download, by keys alone."""
    tab_to(page, example(page, "coffee"))
    page.keyboard.press("Enter")
    natural_size(page, "colour")
    tab_to(page, page.locator("#preset input:checked"))
    page.keyboard.press("ArrowRight")
    expect(page.locator("#preset label.selected")).to_have_text("Vivid")
    expect(page.locator("#figures")).to_contain_text("(vivid)")
    tab_to(page, page.locator("#view input:checked"))
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    tab_to(page, page.locator(".picker-plane"))
    for key in ("ArrowLeft", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".picker-swatch").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".picker-dot")).to_have_accessible_name(re.compile("48 % from the left, 48 % from the top"))
    expect(page.locator("#figures")).to_contain_text("1 correction")
    button = page.locator("#download")
    expect(button).to_be_enabled()
    tab_to(page, button)
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename == "coffee-colorized.png"
    with Image.open(Path(download.value.path())) as result:
        assert (result.format, result.size) == ("PNG", (600, 400))


@pytest.mark.full
def test_tabs_by_arrow_keys(page):
    tabs = page.get_by_role("tab").all()
    tab_to(page, tabs[0])
    for tab in [*tabs[1:], tabs[0]]:
        page.keyboard.press("ArrowRight")
        expect(tab).to_be_focused()
        expect(tab).to_have_attribute("aria-selected", "true")
    page.keyboard.press("End")
    expect(tabs[-1]).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Home")
    expect(tabs[0]).to_have_attribute("tabindex", "0")
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.matches('[role=tab]')"), "tabs are one stop, not many"


@pytest.mark.full
def test_after_a_click_on_a_tab_keys_are_for_what_it_opened(page):
    """Tests mainly the arrow keys of the presentation."""
    last = page.get_by_role("tab").last
    last.click()
    page.keyboard.press("ArrowLeft")
    expect(last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")  # from here on the keyboard is meant
    page.keyboard.press("ArrowLeft")
    expect(last).to_have_attribute("aria-selected", "false")


@pytest.mark.full
def test_choices_by_arrow_keys_however_fast(page, tmp_path):
    """The server's answer to each choice moves the sliders. They must end where the last choice puts them."""
    give_photo(page, tmp_path, (80, 50))
    unfold(page, "Fine control")
    page.locator("#preset input:checked").focus()
    for key in ("ArrowRight", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    expect(page.locator("#preset input:checked")).to_have_value("faithful")
    expect(page.locator("#preset input:checked")).to_be_focused()
    expect(page.locator("#figures")).to_contain_text("(faithful)")
    expect(page.locator("#vividness input[type=number]")).to_have_value("0")


def settled(page, asked):
    """Wait until the page has sent no request for a second."""
    count = -1
    while count != len(asked):
        count = len(asked)
        page.wait_for_timeout(1000)


@pytest.mark.full
def test_a_dropdown_that_is_passed_by_chooses_nothing(page):
    page.get_by_role("tab", name="Many photos").click()
    field = page.get_by_role("combobox", name="Network")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    tab_to(page, field)
    settled(page, asked)  # the page itself asks when it is opened
    asked.clear()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.wait_for_timeout(300)
    expect(page.get_by_role("listbox")).to_have_count(0)
    assert not asked
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(field).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option")).to_have_count(4)
    page.keyboard.press("Enter")
    expect(field).to_have_value(re.compile("resnet18-decoder"))


@pytest.mark.full
def test_the_whole_screen(page, tmp_path):
    give_photo(page, tmp_path, (80, 50))
    stage = page.locator("#stage-box")
    small = stage.bounding_box()["height"]
    button = page.get_by_role("button", name="Full screen")
    tab_to(page, button)
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    page.wait_for_function("document.querySelector('#stage-box').clientHeight === innerHeight")
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "false")
    wait_for(lambda: stage.bounding_box()["height"] == pytest.approx(small, abs=1))


def luminance(session, clip) -> np.ndarray:
    """Relative luminance (WCAG 2) of a part of the screen, (h, w)."""
    taken = session.send("Page.captureScreenshot", {"clip": {**clip, "scale": 1}, "optimizeForSpeed": True})
    srgb = np.asarray(Image.open(io.BytesIO(base64.b64decode(taken["data"]))).convert("RGB")) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


AROUND = """(node, room) => {
    node.scrollIntoView({ block: 'center', behavior: 'instant' });
    const seen = getComputedStyle(node).opacity === '0' ? node.parentElement : node;
    const { left, top, right, bottom } = seen.getBoundingClientRect();
    const [x, y] = [Math.max(left - room, 0), Math.max(top - room, 0)];
    const [width, height] = [Math.min(right + room, innerWidth) - x, Math.min(bottom + room, innerHeight) - y];
    return [{ x: x + scrollX, y: y + scrollY, width, height }, [left - x, top - y, right - x, bottom - y]];
}"""


def ring(session, node) -> float:
    """How much of an element's outline has pixels at it that change by a contrast of 3:1 or more when it has the focus:
    of the side that has least, or of all sides where that is less."""
    clip, box = node.evaluate(AROUND, ROOM)
    with_focus = luminance(session, clip)
    node.evaluate("node => node.blur()")
    without = luminance(session, clip)
    brighter, darker = np.maximum(with_focus, without), np.minimum(with_focus, without)
    changed = (brighter + 0.05) / (darker + 0.05) >= 3
    left, top, right, bottom = (round(side) for side in box)
    rows, columns = slice(top, bottom), slice(left, right)
    sides = (
        changed[: top + ROOM, columns].any(axis=0),
        changed[max(bottom - ROOM, 0) :, columns].any(axis=0),
        changed[rows, : left + ROOM].any(axis=1),
        changed[rows, max(right - ROOM, 0) :].any(axis=1),
    )
    outline = 2 * (right - left + bottom - top)
    return min(float(changed.sum() / outline), *(float(side.mean()) for side in sides))


THEMES = [{"looks": {"color_scheme": theme, "reduced_motion": "reduce"}} for theme in ("light", "dark")]


@pytest.mark.full
@pytest.mark.parametrize("page", representing(THEMES, THEMES[:1]), indirect=True, ids=["light", "dark"])
def test_where_the_keyboard_is_can_be_seen(page, tmp_path):
    """Judges the painted pixels: a ring that is cut off, or has the colour of its background, does not count."""
    give_photo(page, tmp_path, (640, 400))
    expect(page.locator("#download")).to_be_enabled()
    session = page.context.new_cdp_session(page)
    unseen = []
    for tab in each_state(page):
        reached = [(described(node), ring(session, node)) for node in stops(page)]
        assert len(reached) > 8, tab
        unseen += [f"{tab}: {share:.2f} {what}" for what, share in reached if share < WHOLE]
    assert not unseen, "\n".join(unseen)
