"""The presets, the palette, other versions and the map of guesses, as a visitor uses them in a real Chromium."""

import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from colorizer.colour.readout import PRESETS

from ..visit import choose_network, unfold
from .picker import changed

pytestmark = pytest.mark.browser


def test_four_looks_and_sliders_run_no_network(coloured, passes):
    page = coloured
    expect(page.locator("#preset img[src]")).to_have_count(len(PRESETS))
    labels, chosen = page.locator("#preset label"), page.locator("#preset label.selected")
    assert labels.all_inner_texts()[:3] == ["Faithful", "Natural", "Vivid"]
    assert labels.nth(3).inner_text() == "Warm evening"
    pictures = page.locator("#preset img").evaluate_all("images => images.map(image => image.src)")
    assert len(set(pictures)) == len(PRESETS)
    expect(chosen).to_have_text("Natural")
    changed(page, labels.nth(3).click)
    expect(page.locator("#preset input:checked")).to_have_value("warm")
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
    expect(page.locator("#figures")).to_contain_text("In colour (faithful)")
    assert passes == []


@pytest.mark.full
def test_a_palette_and_a_reference(coloured, passes, tmp_path):
    page = coloured
    unfold(page, "Colours like")
    changed(page, lambda: page.locator("#like").get_by_text("A palette").click())
    colours = page.locator(".palette-chip input")
    expect(colours.first).to_be_visible()  # one of the picture's own
    changed(page, lambda: colours.nth(0).fill("#e01010"))
    for _ in range(colours.count(), 5):
        changed(page, page.locator(".palette-add").click)
    changed(page, page.get_by_role("button", name="Remove colour 2").click)
    changed(page, page.locator(".palette-add").click)
    expect(page.locator(".palette-add")).to_be_disabled()
    expect(colours).to_have_count(5)
    expect(page.locator("#figures")).to_contain_text("a palette")
    changed(page, lambda: page.locator("#like").get_by_text("A picture").click())  # none yet: as if nothing
    expect(colours.first).to_be_hidden()
    (tmp_path / "bad.png").write_bytes(b"no picture")
    page.locator("#reference input[type=file]").set_input_files(tmp_path / "bad.png")
    expect(page.locator("[data-testid=toast-body]")).to_contain_text("not a picture")
    page.locator("#reference").get_by_label("Remove Image").click()
    Image.new("RGB", (30, 30), "red").save(tmp_path / "red.png")
    changed(page, lambda: page.locator("#reference input[type=file]").set_input_files(tmp_path / "red.png"))
    expect(page.locator("#figures")).to_contain_text("a picture")
    assert passes == []


@pytest.mark.full
def test_where_it_guesses(coloured, passes):
    page = coloured
    large = page.locator(".picker-photo")
    colours = large.get_attribute("src")
    toggle = page.get_by_role("button", name="Show where it guesses")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    expect(large).to_have_attribute("src", re.compile("a-uncertainty"))
    expect(page.locator(".picker-legend")).to_contain_text("Bright: many colours are about equally likely")
    page.locator(".picker-ring").click()
    expect(page.locator(".picker-swatch").first).to_be_visible()
    page.locator(".picker-close").click()
    toggle.click()
    expect(large).to_have_attribute("src", colours)
    expect(page.locator(".picker-legend")).to_be_hidden()
    assert passes == []
    changed(page, lambda: choose_network(page, "doubts"))
    expect(page.locator("#view label").last).to_have_text("Where it guesses")
    expect(page.locator(".picker-call")).to_be_hidden()
    expect(toggle).to_be_visible()
