"""Files for a presentation: one click makes one and saves it."""

from pathlib import Path

import pptx
import pytest
from conftest import representing
from film_files import frames_of
from PIL import Image
from playwright.sync_api import Page, expect

from ..visit import give_photo, unfold

pytestmark = pytest.mark.browser

PHONE = {"size": (390, 800), "looks": {"color_scheme": "dark"}}


def save(page: Page, kind: str) -> tuple[str, Path]:
    """Click a button once; returns the name and path of the file that the browser saves."""
    with page.expect_download(timeout=60_000) as download:
        page.locator(f"#export-{kind}").click()
    return download.value.suggested_filename, Path(download.value.path())


@pytest.mark.full
@pytest.mark.parametrize("page", representing([(1400, 1000), PHONE], [PHONE]), indirect=True)
def test_one_click_makes_and_saves(page, tmp_path):
    give_photo(page, tmp_path, (320, 200), name="holiday.png")
    unfold(page, "Save for a presentation")
    name, path = save(page, "slide")
    assert name == "holiday-slide.png"
    with Image.open(path) as slide:
        assert slide.size == (1920, 1080)
        assert "mobile-unet" in slide.info["Description"]
    name, path = save(page, "slide-4k")
    assert name == "holiday-slide-4k.png"
    assert Image.open(path).size == (3840, 2160)
    name, path = save(page, "film")
    assert name == "holiday-film.mp4"
    assert len(frames_of(path)) == 222  # 7.4 s
    name, path = save(page, "deck")
    assert name == "holiday.pptx"
    assert len(pptx.Presentation(path).slides) == 1
    expect(page.locator("#making")).to_contain_text("holiday.pptx is ready")
    assert save(page, "page")[0] == "holiday.html"
    name, path = save(page, "deck")
    with page.expect_download() as again:
        page.locator("#made").click()
    assert Path(again.value.path()).read_bytes() == path.read_bytes()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
