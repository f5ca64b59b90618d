"""The Compare tab as a visitor uses it, in a real Chromium."""

import re
import time

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from conftest import colour_photo, representing
from PIL import Image
from playwright.sync_api import expect

from colorizer.page.session.shelf import Shelf

from ..test_accessibility import AXE, RULES
from ..visit import example, serve

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def url(kinds):
    with serve(kinds) as address:
        yield address


@pytest.mark.parametrize("page", representing([(1400, 1000), (390, 800)], [(390, 800)]), indirect=True)
def test_every_checkpoint_side_by_side(page, tmp_path):
    colour_photo(300, 200).save(tmp_path / "holiday.png")
    page.get_by_role("tab", name="Compare").click()
    page.locator("#compare-photo input[type=file]").set_input_files(tmp_path / "holiday.png")
    expect(page.locator("#compare-status")).to_contain_text("Checkpoints: 4,")
    labels = page.locator("#compare-grid .caption-label")
    expect(labels).to_have_count(6)
    expect(labels.filter(has_text="closest to this photo, by PSNR")).to_have_count(1)  # said at the end
    picture = page.locator("#compare-grid img").nth(2)
    picture.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelectorAll('#compare-grid img')[2].naturalWidth > 0")
    seen, caption = picture.bounding_box(), labels.nth(2).bounding_box()
    assert seen["width"] / seen["height"] == pytest.approx(1.5, rel=0.02)
    assert caption["y"] >= seen["y"] + seen["height"] - 1, "the caption covers the picture"
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    left, right = (page.locator(f"#compare-pair .stage-{side}") for side in ("left", "right"))
    expect(left).to_have_text("Original")
    expect(right).to_have_text("namer")
    for i, names in ((4, ("namer", "painter")), (3, ("painter", "mobile-unet"))):
        page.locator("#compare-grid .thumbnail-lg").nth(i).click()
        expect(left).to_have_text(names[0])
        expect(right).to_have_text(names[1])
        expect(page.locator("#compare-pair .stage-view")).to_be_in_viewport(ratio=0.95)
    choice = page.locator("#compare-pair").get_by_role("combobox", name="Left", exact=True)
    expect(choice).to_have_value("system:painter")
    choice.select_option("Grayscale")
    expect(left).to_have_text("Grayscale")
    expect(right).to_have_text("mobile-unet")
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate(AXE, RULES)
    assert not [each["id"] for each in found if each["impact"] in ("critical", "serious")]
    button = page.locator("#compare-download")
    expect(button).to_be_enabled()
    with page.expect_download() as download:
        button.click()
    assert download.value.suggested_filename == "holiday-compared.png"
    assert Image.open(download.value.path()).format == "PNG"


@pytest.fixture
def slowly(monkeypatch):
    """Every checkpoint is slow, as the first one is while torch is loaded."""
    colorizer = Shelf.colorizer

    def slow(shelf, name):
        time.sleep(0.7)
        return colorizer(shelf, name)

    monkeypatch.setattr(Shelf, "colorizer", slow)


@pytest.mark.full
def test_pictures_come_one_by_one_and_a_newer_photo_has_its_turn(page, slowly):
    page.get_by_role("tab", name="Compare").click()
    example(page, "astronaut", "compare-examples").click()
    expect(page.locator("#compare-status")).to_contain_text("2 of 4: mobile-unet")
    expect(page.locator("#compare-status progress")).to_have_attribute("max", "4")
    expect(page.locator("#compare-grid .caption-label").nth(2)).to_contain_text("namer")
    expect(page.locator("#compare-download")).to_be_disabled()
    example(page, "coffee", "compare-examples").click()  # the first is still under way
    first = page.locator("#compare-grid img").first
    expect(first).to_have_attribute("src", re.compile(r"coffee-gray\.jpg$"))
    expect(page.locator("#compare-status")).to_contain_text("Checkpoints: 4,")
    with page.expect_download() as download:
        page.locator("#compare-download").click()
    assert download.value.suggested_filename == "coffee-compared.png"
