"""The Show tab as a lecturer uses it, in a real Chromium."""

import re

import pytest
from conftest import colour_photo
from playwright.sync_api import expect

from colorizer.page.session.shelf import Shelf

from ..visit import look_closely, natural_size, upload

pytestmark = pytest.mark.browser


FETCHED = "performance.getEntriesByType('resource').some(entry => entry.name.endsWith('{}'))"


def enter(page):
    """Open the tab and wait for its first photograph."""
    page.get_by_role("tab", name="Show").click()
    expect(page.locator(".show-frame")).to_be_visible(timeout=60_000)


def add(page, files):
    """Add photographs to the show."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add photographs for the show").click()
    chooser.value.set_files(files)


def divider(page):
    """Where the divider is, in percent from the left."""
    return float(page.locator(".show-frame").evaluate("frame => parseFloat(frame.style.getPropertyValue('--at'))"))


def name(page):
    return page.locator(".show-name")


def fills_the_screen(page):
    return page.evaluate("document.fullscreenElement?.classList.contains('show-stage') ?? false")


def colourful(page, layer):
    """Whether the picture in a layer of the stage has colours."""
    return page.locator(f".show-{layer} img").evaluate("""picture => {
        const canvas = new OffscreenCanvas(20, 20), context = canvas.getContext('2d');
        context.drawImage(picture, 0, 0, 20, 20);
        const { data } = context.getImageData(0, 0, 20, 20);
        return data.some((value, i) => i % 4 === 0 && Math.abs(value - data[i + 2]) > 30);
    }""")


def test_keys(page, tmp_path):
    colour_photo(300, 200).save(tmp_path / "my_photo.png")
    upload(page, tmp_path / "my_photo.png")
    natural_size(page, "colour")
    enter(page)
    expect(name(page)).to_have_text("My photo")
    expect(page.locator(".show-count")).to_have_text("1 of 10")
    assert divider(page) == 50
    for key, at in (("Shift+ArrowRight", 55), ("Shift+ArrowLeft", 50), ("Shift+ArrowLeft", 45)):
        page.keyboard.press(key)
        assert divider(page) == at
    slider = page.get_by_role("slider", name="Divider between the left and the right picture")
    slider.focus()
    for key, at in (("ArrowRight", 47), ("End", 100), ("ArrowLeft", 98), ("Home", 0), ("ArrowUp", 2)):
        slider.press(key)  # moved once: the slider's own way of hearing the key stays out of it
        assert divider(page) == at
    expect(name(page)).to_have_text("My photo")
    was = page.locator(".show-truth")
    expect(was).to_be_hidden()
    page.keyboard.down("w")
    expect(was).to_be_visible()
    expect(page.locator(".show-was")).to_have_text("Original")
    assert colourful(page, "truth")
    assert not colourful(page, "gray")
    page.keyboard.up("w")
    expect(was).to_be_hidden()
    stage = page.locator(".show-stage")
    for key, mark in (("d", "show-light"), ("c", "show-bare")):
        page.keyboard.press(key)
        expect(stage).to_have_class(re.compile(mark))
        page.keyboard.press(key)
        expect(stage).not_to_have_class(re.compile(mark))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("full screen")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


@pytest.mark.full
def test_next_and_previous(page):
    enter(page)
    order = ["Trumpeter", "World’s Fair", "Sphinx"]
    expect(name(page)).to_have_text(order[0])
    for forward, back in (("ArrowRight", "ArrowLeft"), (" ", "Backspace"), ("PageDown", "PageUp"), ("Enter", "p")):
        page.keyboard.press(forward)
        expect(name(page)).to_have_text(order[1])
        page.keyboard.press(back)
        expect(name(page)).to_have_text(order[0])
    page.keyboard.press("n")
    page.keyboard.press("n")
    expect(name(page)).to_have_text(order[2])
    page.keyboard.press("PageUp")
    expect(name(page)).to_have_text(order[1])
    expect(page.locator(".show-frame")).to_be_visible(timeout=30_000)
    page.keyboard.down("w")
    expect(page.locator(".show-was")).to_have_text("Grayscale")  # it never had colours
    page.keyboard.up("w")
    page.keyboard.press("End")
    expect(name(page)).to_have_text("Coffee")
    page.keyboard.press("Home")
    expect(name(page)).to_have_text(order[0])
    page.keyboard.press("p")
    expect(name(page)).to_have_text("Coffee")


@pytest.mark.full
def test_a_black_screen(page):
    enter(page)
    screen = page.get_by_role("button", name="Black screen. Any key")
    for key in ("b", "."):
        page.keyboard.press(key)
        expect(screen).to_be_visible()
        black, stage = screen.bounding_box(), page.locator(".show-stage").bounding_box()
        assert (black["width"], black["height"]) == (stage["width"] - 2, stage["height"] - 2)  # within its border
        page.keyboard.press("ArrowRight")  # brings it back, and does nothing else
        expect(screen).to_be_hidden()
        expect(name(page)).to_have_text("Trumpeter")
    page.get_by_role("button", name="Black screen", exact=True).click()
    screen.click()
    expect(screen).to_be_hidden()


@pytest.mark.parametrize("page", [(1400, 900), (1366, 768), (390, 844)], indirect=True)
def test_the_stage_fits_the_window(page):
    enter(page)
    page.locator(".show-stage").scroll_into_view_if_needed()
    box, size = page.locator(".show-stage").bounding_box(), page.viewport_size
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= size["height"]
    assert page.evaluate("scrollY") == 0


@pytest.mark.full
@pytest.mark.parametrize("page", [{"fresh": True}], indirect=True, ids=["its own network"])
def test_the_next_one_is_there_and_needs_no_network(page):
    enter(page)
    page.wait_for_function(FETCHED.format("paris_1900-colorized.jpg"))
    page.wait_for_timeout(300)  # until it is decoded
    page.context.set_offline(True)
    page.keyboard.press("n")
    expect(name(page)).to_have_text("World’s Fair")
    expect(page.locator(".show-frame")).to_be_visible(timeout=500)
    page.keyboard.press("p")
    expect(page.locator(".show-frame")).to_be_visible(timeout=500)
    page.context.set_offline(False)


@pytest.mark.full
def test_full_screen(page):
    enter(page)
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement !== null")
    assert fills_the_screen(page)
    stage, size = page.locator(".show-stage").bounding_box(), page.viewport_size
    assert (stage["width"], stage["height"]) == (size["width"], size["height"])
    for caption in (".show-left b", ".show-right b", ".show-name", ".show-guess"):
        assert float(page.locator(caption).evaluate("node => parseFloat(getComputedStyle(node).fontSize)")) >= (
            0.04 * size["height"]
        )
    bar = page.locator(".show-bar")
    page.mouse.move(300, 300)
    page.mouse.move(340, 300)
    expect(bar).to_have_css("opacity", "1")
    expect(bar).to_have_css("opacity", "0", timeout=6000)
    expect(page.locator(".show-stage")).to_have_css("cursor", "none")
    page.mouse.move(400, 320)
    expect(bar).to_have_css("opacity", "1")
    page.get_by_role("button", name="Leave full screen").click()
    page.wait_for_function("document.fullscreenElement === null")
    page.keyboard.press(" ")  # not the button that was clicked last
    expect(name(page)).to_have_text("World’s Fair")
    assert not fills_the_screen(page)


@pytest.mark.full
@pytest.mark.parametrize("page", [(1920, 1080), (390, 800)], indirect=True)
def test_captions_of_a_portrait_are_beside_it_where_there_is_room(page, tmp_path):
    colour_photo(200, 350).save(tmp_path / "portrait.png")
    enter(page)
    add(page, [tmp_path / "portrait.png"])
    expect(name(page)).to_have_text("Portrait", timeout=30_000)
    expect(page.locator(".show-frame")).to_be_visible(timeout=30_000)
    page.keyboard.press("f")
    page.wait_for_function(
        "document.fullscreenElement !== null && innerWidth === document.body.parentElement.clientWidth"
    )
    picture = page.locator(".show-frame").bounding_box()
    left, right = (page.locator(f".show-{side} b").bounding_box() for side in ("left", "right"))
    if page.viewport_size["width"] == 1920:
        assert left["x"] + left["width"] <= picture["x"]
        assert right["x"] >= picture["x"] + picture["width"]
        assert float(page.locator(".show-left b").evaluate("b => parseFloat(getComputedStyle(b).fontSize)")) >= 43
    else:
        assert left["x"] >= picture["x"]
        assert right["y"] >= left["y"] + left["height"] - 1
    page.get_by_role("slider", name="Divider between the left and the right picture").focus()
    page.keyboard.press("End")
    expect(page.locator(".show-right")).to_be_hidden()
    page.keyboard.press("Home")
    expect(page.locator(".show-left")).to_be_hidden()
    expect(page.locator(".show-right")).to_be_visible()


@pytest.mark.full
def test_keys_are_left_alone_elsewhere(page):
    enter(page)
    page.keyboard.press("Shift+ArrowRight")
    assert divider(page) == 55
    page.get_by_role("tab", name="One photo").click()
    page.keyboard.press("f")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("n")
    assert not fills_the_screen(page)
    page.get_by_role("tab", name="Show").click()
    expect(name(page)).to_have_text("Trumpeter")
    assert divider(page) == 55
    page.locator(".show-next").focus()
    page.keyboard.press(" ")  # presses the button
    expect(name(page)).to_have_text("World’s Fair")
    expect(page.locator(".show-truth")).to_be_hidden()
    checkbox = page.get_by_label("Show the examples too")
    checkbox.focus()
    checkbox.press(" ")
    expect(page.locator(".show-message")).to_contain_text("Add photographs below")


@pytest.mark.full
def test_a_talk_of_ones_own(page, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"this is no photograph")
    colour_photo(200, 300, seed=1).save(tmp_path / "portrait.png")
    colour_photo(300, 100, seed=2).save(tmp_path / "wide.png")
    enter(page)
    page.get_by_label("Show the examples too").uncheck()
    files = [tmp_path / name for name in ("portrait.png", "broken.jpg", "wide.png")]
    add(page, files)
    expect(page.locator(".show-count")).to_have_text("1 of 3", timeout=30_000)
    expect(name(page)).to_have_text("Portrait")
    page.keyboard.press("n")
    expect(page.locator(".show-message")).to_contain_text("broken.jpg is not a picture", timeout=30_000)
    expect(page.locator(".show-message")).to_contain_text("The right arrow goes on")
    page.keyboard.press("n")
    expect(name(page)).to_have_text("Wide")
    expect(page.locator(".show-frame")).to_be_visible(timeout=30_000)
    box = page.locator(".show-frame").bounding_box()
    assert box["width"] / box["height"] == pytest.approx(3, rel=0.02)
    colour_photo(90, 60, seed=3).save(tmp_path / "later.png")
    add(page, [tmp_path / "later.png"])
    expect(name(page)).to_have_text("Later", timeout=30_000)  # what is new is shown
    expect(page.locator(".show-count")).to_have_text("4 of 4")
    for _ in range(4):
        page.locator("#film .film-drop").first.click()
    expect(page.locator("#film li")).to_have_count(0, timeout=30_000)
    expect(page.locator(".show-message")).to_contain_text("Add photographs below")


@pytest.mark.full
def test_hints_and_presets_of_the_first_tab(page, tmp_path):
    colour_photo(300, 200).save(tmp_path / "a.png")
    upload(page, tmp_path / "a.png")
    natural_size(page, "colour")
    look_closely(page)
    page.locator(".picker-plane").click(position={"x": 60, "y": 60})
    page.locator(".picker-swatch").first.click(timeout=30_000)
    expect(page.locator("#figures")).to_contain_text("corrections: 1", timeout=30_000)
    enter(page)
    expect(page.locator(".show-right")).to_have_text("With your corrections")
    expect(page.locator("#show-settings")).to_contain_text("natural")
    first = page.locator(".show-colour img").get_attribute("src")
    page.get_by_role("tab", name="One photo").click()
    page.locator("#preset").get_by_text("Vivid", exact=True).click()
    page.get_by_role("tab", name="Show").click()
    expect(page.locator("#show-settings")).to_contain_text("vivid")
    expect(page.locator(".show-colour img")).not_to_have_attribute("src", first, timeout=30_000)


@pytest.mark.full
@pytest.mark.parametrize(
    "page", [{"looks": {"reduced_motion": "reduce"}}, {"looks": {"reduced_motion": "no-preference"}}], indirect=True
)
def test_it_plays_by_itself_and_stops_at_a_touch(page):
    enter(page)
    for _ in range(10):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Play by itself")).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(1500)
    still = page.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches")
    assert divider(page) == 50 if still else 50 < divider(page) < 100
    page.keyboard.press("Shift+ArrowLeft")
    stopped = divider(page)
    page.wait_for_timeout(400)
    assert divider(page) == stopped
    expect(page.get_by_role("button", name="Play by itself")).to_have_attribute("aria-pressed", "false")


@pytest.mark.full
@pytest.mark.parametrize(
    "page",
    [{"size": (390, 800), "has_touch": True, "color_scheme": "dark", "query": "?__theme=dark"}],
    indirect=True,
)
def test_on_a_phone(page):
    page.get_by_role("tab", name="Show").tap()
    expect(page.locator(".show-frame")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Next photograph").tap()
    expect(name(page)).to_have_text("World’s Fair")
    expect(page.locator(".show-frame")).to_be_visible(timeout=30_000)
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
    coloured, colorize = [], Shelf.colorize

    def noted(shelf, file, *arguments):
        coloured.append(file.path.split("/")[-1])
        return colorize(shelf, file, *arguments)

    monkeypatch.setattr(Shelf, "colorize", noted)
    enter(page)
    page.wait_for_function(FETCHED.format("paris_1900-colorized.jpg"))
    page.wait_for_timeout(1000)
    assert coloured == ["louis_armstrong.jpg", "paris_1900.jpg"]
