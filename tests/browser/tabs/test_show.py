"""The Show tab as a lecturer uses it, in a real Chromium."""

import itertools
import re

import pytest
from conftest import colour_photo, wait_for
from playwright.sync_api import expect

from ..visit import give_photo, wait_until_kept
from .show import add, colourful, divider, enter, fills_the_screen, name

pytestmark = pytest.mark.browser


def check_sizes(page):
    """Check that the stage fits the window, whatever its size."""
    for width, height in ((1400, 900), (1366, 768), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function("""() => {
            const { top, bottom } = document.querySelector('.show-stage').getBoundingClientRect();
            return top >= 0 && bottom <= innerHeight && scrollY === 0;
        }""")


def test_keys_and_sizes(page, tmp_path):
    give_photo(page, tmp_path, name="my_photo.png")
    enter(page)
    expect(name(page)).to_have_text("My photo")
    expect(page.locator(".show-count")).to_have_text("1 of 1")
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
    wait_for(lambda: colourful(page, "truth"))
    assert not colourful(page, "gray")
    page.keyboard.up("w")
    expect(was).to_be_hidden()
    stage = page.locator(".show-stage")
    page.keyboard.press("t")

    def beside_each_other():
        panes = [page.locator(f".show-{layer} img").bounding_box() for layer in ("gray", "colour", "truth")]
        shaped = all(pane["width"] / pane["height"] == pytest.approx(1.5, rel=0.05) for pane in panes)
        return shaped and all(left["x"] + left["width"] <= right["x"] for left, right in itertools.pairwise(panes))

    wait_for(beside_each_other, seconds=5)  # the frame grows in a frame of its own
    expect(was).to_be_visible()
    expect(slider).to_be_hidden()
    expect(page.locator(".show-blink")).to_be_hidden()
    keys = page.get_by_role("dialog", name="Keys")
    page.keyboard.press("?")
    expect(keys).to_contain_text("full screen")
    expect(keys.locator("dd:visible", has_text="held")).to_have_count(0)  # nothing lies under anything here
    expect(keys.locator("dd:visible", has_text="move the divider")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    expect(was).to_be_hidden()
    for key, mark in (("d", "show-light"), ("c", "show-bare")):
        page.keyboard.press(key)
        expect(stage).to_have_class(re.compile(mark))
        page.keyboard.press(key)
        expect(stage).not_to_have_class(re.compile(mark))
    page.keyboard.press("?")
    expect(keys.locator("dd:visible", has_text="held")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    check_sizes(page)


SEEN = """new MutationObserver(() => {
  const shown = document.querySelector('.show-frame:not([hidden])') && document.querySelector('.show-name').textContent;
  if (shown) (window.seen ??= new Set()).add(shown);
}).observe(document, { childList: true, subtree: true, characterData: true, attributes: true })"""
"""Notes what stands on the stage, if only for a moment."""


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
    expect(page.locator(".show-frame")).to_be_visible()
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


@pytest.mark.full
def test_full_screen(page):
    enter(page)
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement !== null")
    assert fills_the_screen(page)
    stage, size = page.locator(".show-stage"), page.viewport_size
    wait_for(lambda: stage.bounding_box() == {"x": 0, "y": 0, **size})
    for caption in (".show-left b", ".show-right b", ".show-name", ".show-guess"):
        assert float(page.locator(caption).evaluate("node => parseFloat(getComputedStyle(node).fontSize)")) >= (
            0.04 * size["height"]
        )
    bar = page.locator(".show-bar")
    page.mouse.move(300, 300)
    page.mouse.move(340, 300)
    expect(bar).to_have_css("opacity", "1")
    expect(bar).to_have_css("opacity", "0")
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
    expect(name(page)).to_have_text("Portrait")
    expect(page.locator(".show-frame")).to_be_visible()
    page.keyboard.press("f")
    page.wait_for_function(
        "document.fullscreenElement !== null && innerWidth === document.body.parentElement.clientWidth"
    )
    wide = page.viewport_size["width"] == 1920

    def in_their_places():
        """Beside the picture, or above it."""
        picture, left, right = (page.locator(f".show-{name}").bounding_box() for name in ("frame", "left b", "right b"))
        if wide:
            return left["x"] + left["width"] <= picture["x"] and right["x"] >= picture["x"] + picture["width"]
        return left["y"] + left["height"] <= picture["y"] + 1 and left["x"] + left["width"] <= right["x"] + 1

    wait_for(in_their_places)
    if wide:
        assert float(page.locator(".show-left b").evaluate("b => parseFloat(getComputedStyle(b).fontSize)")) >= 43
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


def test_a_photo_that_cannot_be_read_never_comes_up_and_stands_in_the_list_with_its_reason(page, tmp_path):
    colour_photo(60, 40).save(tmp_path / "last.png")
    whole = (tmp_path / "last.png").read_bytes()
    (tmp_path / "torn.png").write_bytes(whole[: len(whole) // 2])  # only its pixels say so
    (tmp_path / "words.jpg").write_text("Dear grandmother")
    enter(page)
    page.evaluate("""() => {
        window.seen = new Set();
        const stage = document.querySelector('.show-stage');
        new MutationObserver(() => seen.add(stage.querySelector('.show-message').textContent))
            .observe(stage, { subtree: true, childList: true, characterData: true });
    }""")
    add(page, [tmp_path / "words.jpg", tmp_path / "torn.png", tmp_path / "last.png"])
    expect(name(page)).to_have_text("Last")
    expect(page.locator(".show-count")).to_have_text("1 of 1")
    expect(page.locator(".show-frame")).to_be_visible()
    expect(page.locator("#roll .roll-unread")).to_contain_text(["words.jpg is not", "torn.png is damaged"])
    assert not [said for said in page.evaluate("[...seen]") if "cannot be shown" in said]


def test_a_talk_begins_with_its_first_photo_and_goes_to_those_that_are_added_to_it(page, tmp_path):
    for name_of_photo, size in (("first.png", (300, 200)), ("second.png", (150, 220))):
        give_photo(page, tmp_path, size, name_of_photo)
        expect(page.locator("#time")).to_contain_text(f"{size[0]} × {size[1]}")
        enter(page)
        expect(name(page)).to_have_text("First")
        page.get_by_role("tab", name="One photo").click()
    enter(page)
    expect(page.locator(".show-count")).to_have_text("1 of 2")
    colour_photo(60, 40, seed=3).save(tmp_path / "third.png")
    add(page, [tmp_path / "third.png"])
    expect(name(page)).to_have_text("Third")
    expect(page.locator(".show-count")).to_have_text("3 of 3")
    wait_until_kept(page, "work.files?.length === 3")
    page.add_init_script(SEEN)
    page.reload()
    expect(page.locator(".show-frame")).to_be_visible()
    expect(page.locator(".show-count")).to_contain_text("of 3")
    assert set(page.evaluate("[...window.seen]")) <= {"First", "Second", "Third"}, "no example, not for a moment"
