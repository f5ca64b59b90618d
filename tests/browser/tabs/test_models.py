"""The Models tab as a visitor uses it, in a real Chromium."""

import re
import shutil
from pathlib import Path

import pytest
from conftest import representing
from playwright.sync_api import expect

from colorizer import build
from colorizer.checkpoints.file import save_checkpoint

from ..visit import serve

pytestmark = pytest.mark.browser

MEASURED = {
    "psnr": 24.0, "gray_psnr": 22.0, "delta_e": 10.0, "gray_delta_e": 12.0, "colourfulness": 20.0,
    "gray_colourfulness": 0.0, "true_colourfulness": 40.0, "pictures": 7,
}  # fmt: skip


@pytest.fixture(scope="module")
def url(weights, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cards")
    for path in weights.glob("*.safetensors"):
        shutil.copy(path, folder)
    history = [{"pictures_seen": n, "psnr": 22 + n / 1e4, "gray_psnr": 22.0} for n in (1000, 9000, 20000)]
    painter = {"title": "<i>Paints</i> {{value}}", "metrics": MEASURED, "history": history}
    save_checkpoint(folder / "painter.safetensors", build("conv-fc", width=0.25), **painter)
    better = {**MEASURED, "psnr": 25.0, "delta_e": 11.0}
    save_checkpoint(folder / "namer.safetensors", build("conv-autoencoder"), metrics=better, recipe={"batch": 16})
    (folder / "cut.safetensors").write_bytes(b"cut")
    with serve(folder) as address:
        yield address


@pytest.fixture
def models(page):
    """The page with the tab open."""
    assert page.locator(".model").count() == 0  # nothing is made before it is looked at
    page.get_by_role("tab", name="Models").click()
    expect(page.locator(".model")).to_have_count(5)
    return page


def expect_first(page, *names):
    """Check the names in the first rows of the table."""
    rows = page.locator(".models-table tbody th")
    for number, name in enumerate(names):
        expect(rows.nth(number)).to_have_text(name)


@pytest.mark.parametrize(
    "page",
    representing([(1400, 1000), (390, 800), {"size": (1400, 1000), "color_scheme": "dark"}], [(390, 800)]),
    indirect=True,
)
def test_overview_and_cards(models):
    page = models
    expect_first(page, "namer", "painter")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.locator(".models-table").get_by_role("link", name="painter").click()
    card = page.locator(".model[data-name=painter]")
    expect(card).to_have_attribute("open", "")
    expect(card.locator("> summary")).to_be_focused()
    expect(card).to_contain_text("<i>Paints</i> {{value}}")
    expect(card.get_by_role("img")).to_have_attribute("aria-label", re.compile("24.00 dB after 20.000 pictures, .2.00"))
    seen = card.locator("svg").bounding_box()
    assert seen["width"] > 250
    expect(card).to_be_in_viewport()
    expect(page.locator(".model.broken")).to_contain_text("cut.safetensors is not a readable")
    colours = "e => [getComputedStyle(e).stroke, getComputedStyle(e.closest('.model')).backgroundColor]"
    line, ground = card.locator("path[style*='--predicted']").first.evaluate(colours)
    assert line not in ("none", ground)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.full
def test_headings_sort_by_mouse_and_keyboard(models):
    page = models
    heading = page.locator(".models-table thead th", has_text="ΔE2000")
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    expect_first(page, "painter", "namer")  # those never measured stay last
    heading.get_by_role("button").press("Enter")
    expect(heading).to_have_attribute("aria-sort", "descending")
    expect_first(page, "namer", "painter")
    page.locator(".models-table thead button").first.click()
    expect_first(page, "mobile-unet", "namer", "painter", "resnet18-decoder")
    expect(page.locator(".models-table [aria-sort]")).to_have_count(1)


@pytest.mark.full
def test_weights_are_downloaded(models, tmp_path):
    page = models
    for _ in range(2):
        with page.expect_download() as download:
            page.locator(".model[data-name=namer] [data-weights]").click()
        assert download.value.suggested_filename == "namer.safetensors"
        copy = Path(download.value.path())
        assert copy.stat().st_size > 10_000
        assert b"colorizer/1" in copy.read_bytes()[:4000]
