"""The HTML file that a visitor sends to others, opened from a disk in a real Chromium."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from conftest import colour_photo, representing
from playwright.sync_api import expect

from colorizer.figures.slide import Exhibit
from colorizer.figures.web_page import write_web_page

from .conftest import ASKED, SCREENSHOTS
from .test_accessibility import AXE, RULES

pytestmark = pytest.mark.browser

PHONE = {"size": (390, 844), "color_scheme": "dark", "reduced_motion": "reduce", "has_touch": True}
DESK = {"size": (1400, 900), "color_scheme": "light", "reduced_motion": "reduce"}


def panes(size, count, seed=0):
    photo = colour_photo(*size, seed=seed)
    return [("Grayscale", photo.convert("L")), ("Predicted", photo), ("Original", photo.rotate(180))][:count]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """One photo, and several."""
    folder = tmp_path_factory.mktemp("sent")
    about = ["The colours are invented.", f"SHA-256 of the checkpoint: {'0123456789abcdef' * 4}"]

    def photo(name, size, count):
        return Exhibit(name, panes(size, count, len(name)), "Colours are a guess by alpha, 2026-11-23", "Maria", about)

    write_web_page([photo("Harbour, 1912", (1500, 1000), 3)], folder / "one.html")
    wide, tall = photo("Panorama", (1600, 400), 2), photo("Grandmother", (800, 1200), 3)
    write_web_page([photo("Harbour", (1500, 1000), 2), tall, wide], folder / "many.html", "Family")
    return folder


@pytest.fixture
def opened(browser, files, request):
    """Opens a file without a network; what it asks for, and what its own rules forbid it, are faults."""
    asked = dict(request.param)
    width, height = asked.pop("size")
    context = browser.new_context(viewport={"width": width, "height": height}, offline=True, bypass_csp=False, **asked)
    page = context.new_page()
    requests, faults = [], []
    page.on("request", lambda r: requests.append(r.url))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))

    def opens(name, first=""):
        """first: a script that runs before the file's own."""
        if first:
            page.add_init_script(first)
        page.goto((files / name).as_uri())
        page.evaluate("Promise.all([...document.images].map(image => image.decode()))")
        return page

    yield opens
    if ASKED:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{request.node.name}.jpg", quality=90)
    context.close()
    assert not faults
    assert all(url.startswith(("file:", "data:")) for url in requests)


def at(page):
    """Where the divider is that is in sight, in percent from the left."""
    return page.locator(".photo:visible .stage").evaluate("stage => parseFloat(stage.style.getPropertyValue('--at'))")


def findings(page):
    """axe's. Its script comes through the debugger, since the page runs no script but its own."""
    page.evaluate(AXE_SCRIPT)
    return [(finding["id"], finding["nodes"]) for finding in page.evaluate(AXE, RULES)]


@pytest.mark.parametrize("opened", representing([DESK, PHONE], [PHONE]), indirect=True, ids=["desk", "phone"])
def test_one_photo(opened):
    page = opened("one.html")
    stage, size = page.locator(".stage").bounding_box(), page.viewport_size
    assert stage["x"] >= 0
    assert stage["x"] + stage["width"] <= size["width"]
    assert page.get_by_text("Colours are a guess").bounding_box()["y"] < size["height"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert at(page) == 50
    page.keyboard.press("Tab")
    divider = page.get_by_role("slider", name="Divider between the left and the right picture")
    expect(divider).to_be_focused()
    for key, to in (("ArrowRight", 52), ("Shift+ArrowLeft", 42), ("Home", 0), ("End", 100)):
        page.keyboard.press(key)
        assert at(page) == to
    middle = stage["y"] + stage["height"] / 2
    if size["width"] == 390:
        page.touchscreen.tap(stage["x"] + stage["width"] * 0.3, middle)
        assert at(page) == pytest.approx(30, abs=2)
    page.mouse.move(stage["x"] + stage["width"] * 0.3, middle)
    page.mouse.down()
    page.mouse.move(stage["x"] + stage["width"] * 0.7, middle, steps=4)
    page.mouse.up()
    assert at(page) == pytest.approx(70, abs=2)
    expect(page.locator(".left b")).to_have_text("Grayscale")
    page.get_by_role("radio", name="Original").check()
    expect(page.locator(".left b")).to_have_text("Original")
    expect(page.get_by_alt_text("Original: Harbour, 1912")).to_be_visible()
    expect(page.get_by_alt_text("Grayscale: Harbour, 1912")).to_be_hidden()
    assert not findings(page)
    page.get_by_text("How these colours were made").click()
    expect(page.get_by_text("SHA-256")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not findings(page)


@pytest.mark.parametrize("opened", representing([DESK, PHONE], [DESK]), indirect=True, ids=["desk", "phone"])
def test_several_photos(opened):
    page = opened("many.html")
    name, bar = page.locator("h2:visible"), page.get_by_role("navigation")
    assert not findings(page)
    for go, there in (
        (lambda: page.keyboard.press("ArrowRight"), "Grandmother"),
        (lambda: page.keyboard.press("PageDown"), "Panorama"),
        (lambda: page.keyboard.press(" "), "Harbour"),
        (lambda: page.keyboard.press("End"), "Panorama"),
        (lambda: page.keyboard.press("ArrowLeft"), "Grandmother"),
        (lambda: page.get_by_role("button", name="Next photograph").click(), "Panorama"),
        (lambda: page.get_by_role("button", name="Previous photograph").click(), "Grandmother"),
    ):
        go()
        expect(name).to_have_text(there)
    expect(bar).to_contain_text("2 of 3")
    page.locator(".photo:visible [type=range]").focus()
    page.keyboard.press("ArrowRight")  # the divider's own now
    assert at(page) == 52
    expect(name).to_have_text("Grandmother")
    box, size = bar.bounding_box(), page.viewport_size
    assert box["y"] + box["height"] <= size["height"] + 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


NOTE_THE_DIVIDER = """
  window.dividers = [];
  new MutationObserver((changes) => changes.forEach(({ target }) => {
    if (target.matches('.stage')) window.dividers.push(target.style.getPropertyValue('--at'));
  })).observe(document, { attributeFilter: ['style'], subtree: true });
"""
"""Where the divider was, one after the other."""


@pytest.mark.parametrize("opened", [{**DESK, "reduced_motion": "no-preference"}], indirect=True, ids=["moving"])
def test_the_colours_are_uncovered_once(opened):
    page = opened("one.html", NOTE_THE_DIVIDER)
    expect(page.locator(".stage")).to_have_attribute("style", "--at: 50%;")
    assert any(50 < float(at.removesuffix("%")) < 100 for at in page.evaluate("window.dividers"))
