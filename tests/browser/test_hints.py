"""Saying what colour something is, and what else may be asked, as a visitor does it in a real Chromium."""

import shutil
import threading

import numpy as np
import pytest
import torch
from conftest import colour_photo
from PIL import Image
from playwright.sync_api import expect
from skimage.color import rgb2lab

from colorizer import Colorizer, build
from colorizer.checkpoints.file import save_checkpoint
from colorizer.colour.hex import hex_to_ab
from colorizer.colour.readout import PRESETS
from colorizer.page.tabs.one_photo import uncertainty as doubt

from .visit import look_at, serve, unfold, upload

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def url(weights, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kinds")
    shutil.copy(weights / "resnet18-decoder.safetensors", folder)
    torch.manual_seed(0)
    flagship = build("mobile-unet", width=0.5)
    flagship.prior = torch.softmax(-flagship.centres.norm(dim=1) / 20, dim=0)  # so that vividness means something
    save_checkpoint(folder / "mobile-unet.safetensors", flagship, working_size=64)
    save_checkpoint(folder / "doubts.safetensors", build("eccv16", width=0.125), working_size=64)
    save_checkpoint(folder / "hints.safetensors", build("siggraph17", width=0.125), working_size=64)
    with serve(folder, tmp_path_factory.mktemp("elsewhere")) as address:
        yield address


def click(page, x, y):
    """Click the large picture at fractions of it, and wait for suggestions."""
    plane = page.locator(".picker-plane")
    box = plane.bounding_box()
    plane.click(position={"x": box["width"] * x, "y": box["height"] * y})
    expect(page.locator(".picker-swatch").first).to_be_visible(timeout=30_000)


def changed(page, act, image="#colour img"):
    """Do something that shows another picture, and wait until it is there."""
    before = page.locator(image).get_attribute("src")
    act()
    expect(page.locator(image)).not_to_have_attribute("src", before, timeout=30_000)


def pixel(page, x, y):
    """(L, a, b) of the predicted pane at fractions of it, as its file has it."""
    address = page.locator("#colour img").get_attribute("src")
    picture = Image.open(address.split("file=", 1)[1]).convert("RGB")
    return rgb2lab(np.asarray(picture))[int(y * picture.height), int(x * picture.width)]


def has_hue(page, x, y, colour):
    """Whether the predicted pane is of this hue there, and of some chroma."""
    _, a, b = pixel(page, x, y)
    wanted = np.arctan2(*hex_to_ab(colour)[::-1])
    return abs((np.arctan2(b, a) - wanted + np.pi) % (2 * np.pi) - np.pi) < 0.35 and np.hypot(a, b) > 8


def free_colour(page, colour):
    page.locator(".picker-free input").fill(colour)


def test_click_choose_undo_clear(coloured, passes):
    page = coloured
    expect(page.locator(".picker-call")).to_contain_text("Wrong colour?")
    expect(page.locator(".picker-undo")).to_be_disabled()
    click(page, 0.3, 0.4)
    swatches = page.locator(".picker-swatch")
    assert swatches.count() == 5
    assert all("suggestion" in swatches.nth(i).get_attribute("aria-label") for i in range(5))
    assert passes == []
    changed(page, lambda: free_colour(page, "#d01818"))
    dots = page.locator(".picker-dot")
    assert dots.count() == 1
    dot, plane = dots.first.bounding_box(), page.locator(".picker-plane").bounding_box()
    assert dot["x"] + dot["width"] / 2 == pytest.approx(plane["x"] + 0.3 * plane["width"], abs=1.5)
    assert dot["y"] + dot["height"] / 2 == pytest.approx(plane["y"] + 0.4 * plane["height"], abs=1.5)
    assert has_hue(page, 0.3, 0.4, "#d01818")
    expect(page.locator("#figures")).to_contain_text("hints: 1")
    click(page, 0.7, 0.6)
    changed(page, lambda: swatches.nth(3).click())
    expect(dots).to_have_count(2)
    expect(page.locator(".picker-status")).to_have_text("Colours chosen by you: 2")
    changed(page, page.locator(".picker-undo").click)
    expect(dots).to_have_count(1)
    assert has_hue(page, 0.3, 0.4, "#d01818")
    changed(page, page.locator(".picker-clear").click)
    expect(dots).to_have_count(0)
    assert passes == [1, 2]  # undone and cleared from what is remembered


def test_suggestions_for_one_photograph_are_not_offered_on_the_next(coloured, tmp_path):
    page = coloured
    click(page, 0.5, 0.5)
    changed(page, lambda: page.locator("#preset").get_by_text("Vivid").click())
    expect(page.locator(".picker-panel")).to_be_visible()  # the same photograph
    colour_photo(240, 180).save(tmp_path / "b.png")
    changed(page, lambda: upload(page, tmp_path / "b.png"))
    expect(page.locator(".picker-panel")).to_be_hidden()


def test_a_photograph_that_comes_again_has_its_suggestions_again(page, tmp_path):
    colour_photo(300, 200).save(tmp_path / "a.png")
    for _ in range(2):  # word for word what was said before
        upload(page, tmp_path / "a.png")
        page.wait_for_function("document.querySelector('.picker-photo')?.naturalWidth > 0", timeout=30_000)
        click(page, 0.5, 0.5)
        page.locator(".picker-close").click()
        page.get_by_label("Remove Image").click()
        expect(page.locator("#waiting")).to_be_visible()


@pytest.fixture
def suggesting(monkeypatch):
    """Suggestions wait until they may be given, and may fail."""
    may, spots = threading.Event(), []
    swatches = doubt.swatches

    def held(shelf, asked, x, y):
        spots.append(x)
        may.wait(20)
        if x < 0.2:
            raise ValueError("nothing comes to mind")
        return swatches(shelf, asked, x, y)

    monkeypatch.setattr(doubt, "swatches", held)
    yield may, spots
    may.set()


@pytest.mark.parametrize("first", [0.3, 0.1], ids=["answered", "failing"])
def test_a_place_clicked_while_another_is_asked_about_has_its_suggestions(coloured, suggesting, first):
    page, (may, spots) = coloured, suggesting
    plane = page.locator(".picker-plane")
    box = plane.bounding_box()
    plane.click(position={"x": box["width"] * first, "y": 5})
    while not spots:
        page.wait_for_timeout(50)
    plane.click(position={"x": box["width"] * 0.7, "y": box["height"] * 0.95})
    expect(page.locator(".picker-wait")).to_have_count(5)
    may.set()
    expect(page.locator(".picker-swatch")).to_have_count(5, timeout=10_000)
    assert spots[-1] == pytest.approx(0.7, abs=0.02)


def test_a_place_without_an_answer_takes_a_colour_all_the_same(coloured, suggesting):
    page, (may, _) = coloured, suggesting
    may.set()
    plane = page.locator(".picker-plane")
    plane.click(position={"x": plane.bounding_box()["width"] * 0.1, "y": 5})
    expect(page.locator("[data-testid=toast-body]")).to_contain_text("nothing comes to mind", timeout=10_000)
    expect(page.locator(".picker-wait")).to_have_count(0, timeout=10_000)
    changed(page, lambda: free_colour(page, "#d01818"))


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
    expect(page.locator(".picker-swatch").first).to_be_visible(timeout=10_000)  # but taken


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


def test_by_keyboard_alone(coloured):
    page = coloured
    plane = page.locator(".picker-plane")
    plane.focus()
    for key in ("ArrowLeft", "ArrowLeft", "Shift+ArrowUp"):
        plane.press(key)
    expect(page.locator(".picker-cross")).to_be_visible()
    expect(page.locator(".picker-status")).to_contain_text("46 % from the left, 40 % from the top")
    plane.press("Enter")
    expect(page.locator(".picker-swatch").first).to_be_focused(timeout=30_000)
    page.keyboard.press("Escape")
    expect(page.locator(".picker-panel")).to_be_hidden()
    expect(plane).to_be_focused()
    plane.press("Enter")
    expect(page.locator(".picker-swatch").first).to_be_focused(timeout=30_000)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    changed(page, lambda: page.keyboard.press("Enter"))
    expect(plane).to_be_focused()
    dot = page.locator(".picker-dot")
    assert dot.get_attribute("aria-label").startswith("Hint 1: ")
    dot.focus()
    changed(page, lambda: dot.press("Delete"))
    expect(dot).to_have_count(0)
    expect(plane).to_be_focused()
    for _ in range(2):
        plane.press("Enter")
        expect(page.locator(".picker-swatch").first).to_be_focused(timeout=30_000)
        page.keyboard.press("Tab")
        changed(page, lambda: page.keyboard.press("Enter"))
        plane.press("Shift+ArrowRight")
    changed(page, lambda: plane.press("Control+z"))
    expect(dot).to_have_count(1)


def test_hints_go_with_the_photo_and_stay_with_the_rest(coloured, tmp_path):
    page = coloured
    click(page, 0.4, 0.4)
    changed(page, lambda: free_colour(page, "#d01818"))
    changed(page, lambda: page.locator("#preset").get_by_text("Vivid").click())
    dot = page.locator(".picker-dot")
    expect(dot).to_have_count(1)
    assert has_hue(page, 0.4, 0.4, "#d01818")
    for name, visible in (("eccv16", False), ("siggraph17", True)):
        page.locator("#architecture input").click()
        changed(page, page.get_by_role("option", name=name).click)
        expect(dot).to_be_visible() if visible else expect(dot).to_be_hidden()
    expect(page.locator("#preset")).to_be_hidden()  # siggraph17 has no distribution, but hints all the same
    expect(page.locator("#figures")).to_contain_text("hints: 1")
    plane = page.locator(".picker-plane")
    plane.click(position={"x": 10, "y": 10})
    expect(page.locator(".picker-wait")).to_have_count(0, timeout=30_000)
    changed(page, lambda: free_colour(page, "#18a018"))
    expect(dot).to_have_count(2)
    colour_photo(80, 90, seed=5).save(tmp_path / "b.png")
    changed(page, lambda: upload(page, tmp_path / "b.png"))
    expect(dot).to_have_count(0)
    expect(page.locator("#figures")).not_to_contain_text("hints")


def test_presets_and_sliders_run_no_network(coloured, passes):
    page = coloured
    chosen = page.locator("#preset label.selected")
    expect(chosen).to_have_text("Natural")
    changed(page, lambda: page.locator("#preset").get_by_text("Vivid").click())
    unfold(page, "Fine control")
    vividness = page.locator("#vividness input[type=number]")
    expect(vividness).to_have_value(str(PRESETS["vivid"]["vividness"]))  # set while it could not be seen

    def slide():
        vividness.fill("0.2")
        vividness.press("Enter")

    changed(page, slide)
    expect(chosen).to_have_text("My own")
    changed(page, lambda: page.locator("#preset").get_by_text("Faithful", exact=True).click())
    expect(vividness).to_have_value("0")
    expect(page.locator("#figures")).to_contain_text("Predicted (faithful)")
    assert passes == []


def test_a_palette_and_a_reference(coloured, passes, tmp_path):
    page = coloured
    unfold(page, "Colours like")
    changed(page, lambda: page.locator("#like").get_by_text("A palette").click())
    colours = page.locator(".palette-chip input")
    assert colours.count() == 3
    changed(page, lambda: colours.nth(0).fill("#e01010"))
    changed(page, page.get_by_role("button", name="Remove colour 2").click)
    for _ in range(3):
        changed(page, page.locator(".palette-add").click)
    expect(page.locator(".palette-add")).to_be_disabled()
    expect(colours).to_have_count(5)
    expect(page.locator("#figures")).to_contain_text("a palette")
    changed(page, lambda: page.locator("#like").get_by_text("A picture").click())  # none yet: as if nothing
    expect(colours.first).to_be_hidden()
    (tmp_path / "bad.png").write_bytes(b"no picture")
    page.locator("#reference input[type=file]").set_input_files(tmp_path / "bad.png")
    expect(page.locator("[data-testid=toast-body]")).to_contain_text("not a picture", timeout=30_000)
    page.locator("#reference").get_by_label("Remove Image").click()
    Image.new("RGB", (30, 30), "red").save(tmp_path / "red.png")
    changed(page, lambda: page.locator("#reference input[type=file]").set_input_files(tmp_path / "red.png"))
    expect(page.locator("#figures")).to_contain_text("a picture")
    assert passes == []


def test_other_versions(coloured, passes):
    page = coloured
    look_at(page, "Other versions")
    captions = page.locator("#version-grid .caption-label")
    expect(captions).to_have_count(4, timeout=30_000)
    assert all("at the ring" in caption for caption in captions.all_inner_texts())
    assert passes == [1] * 4
    before = page.locator("#version-grid img").first.get_attribute("src")
    page.locator("#preset").get_by_text("Vivid").click()
    expect(page.locator("#version-grid img").first).not_to_have_attribute("src", before, timeout=30_000)
    changed(page, page.locator("#version-grid button").nth(1).click)
    expect(page.locator(".picker-dot")).to_have_count(1)
    expect(page.locator(".picker-plane")).to_be_visible()
    assert passes == [1] * 4


def test_where_it_guesses(coloured, passes):
    page = coloured
    large = page.locator(".picker-photo")
    colours = large.get_attribute("src")
    toggle = page.get_by_role("button", name="Show where it guesses")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    assert "a-doubt" in large.get_attribute("src")
    expect(page.locator(".picker-legend")).to_contain_text("Bright: many colours are about equally likely")
    page.locator(".picker-ring").click()
    expect(page.locator(".picker-swatch").first).to_be_visible(timeout=30_000)
    page.locator(".picker-close").click()
    toggle.click()
    assert large.get_attribute("src") == colours
    expect(page.locator(".picker-legend")).to_be_hidden()
    assert passes == []
    page.locator("#architecture input").click()
    changed(page, page.get_by_role("option", name="eccv16").click)
    expect(page.locator("#view label").first).to_have_text("Where it guesses")
    expect(page.locator(".picker-call")).to_be_hidden()
    expect(toggle).to_be_visible()


@pytest.mark.parametrize("page", [(390, 800)], indirect=True)
def test_on_a_phone(coloured):
    page = coloured
    for x, y in ((0.02, 0.05), (0.97, 0.95)):
        click(page, x, y)
        panel, large = (page.locator(name).bounding_box() for name in (".picker-panel", ".picker-photo"))
        assert panel["y"] >= large["y"] + large["height"]  # nothing of the picture is covered
        assert panel["x"] >= 0
        assert panel["x"] + panel["width"] <= 390
        inside = "([x, y]) => document.elementFromPoint(x, y).closest('.picker-panel') !== null"
        page.locator(".picker-panel").evaluate("panel => panel.scrollIntoView({ block: 'center' })")
        panel = page.locator(".picker-panel").bounding_box()
        for down in range(4, int(panel["height"]) - 4, 4):  # and nothing of what is below shows through
            assert page.evaluate(inside, [panel["x"] + 20, panel["y"] + down])
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    changed(page, page.locator(".picker-swatch").nth(2).click)
    expect(page.locator(".picker-dot")).to_have_count(1)
    tops = [page.locator(f"#{name}").bounding_box()["y"] for name in ("photo", "panes", "view", "preset", "download")]
    assert tops == sorted(tops)
    look_at(page, "Other versions")
    expect(page.locator("#version-grid .caption-label")).to_have_count(4, timeout=30_000)
    unfold(page, "Colours like")
    page.locator("#like").get_by_text("A palette").click()
    expect(page.locator(".palette-add")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_an_error_loses_nothing(coloured, monkeypatch):
    page = coloured
    click(page, 0.3, 0.4)
    changed(page, lambda: free_colour(page, "#d01818"))
    fine = Colorizer._predict

    def failing(self, photo, hints, size):
        raise ValueError("the network is out of order")

    monkeypatch.setattr(Colorizer, "_predict", failing)
    click(page, 0.7, 0.4)
    free_colour(page, "#1838d0")
    expect(page.locator("[data-testid=toast-body]")).to_contain_text("out of order", timeout=30_000)
    expect(page.locator(".picker-dot")).to_have_count(2)
    monkeypatch.setattr(Colorizer, "_predict", fine)
    changed(page, lambda: page.locator("#preset").get_by_text("Vivid").click())
    assert has_hue(page, 0.3, 0.4, "#d01818")
    assert has_hue(page, 0.7, 0.4, "#1838d0")
