"""Title, year and credit of scans that say them, in a real Chromium: however a photo comes, and never over what a
visitor wrote."""

import pytest
from conftest import colour_photo
from playwright.sync_api import expect

from colorizer.photo.caption import Caption, captioned
from colorizer.photo.metadata import Metadata
from colorizer.photo.save import save_photo

from .visit import natural_size, upload

pytestmark = pytest.mark.browser


@pytest.fixture
def scans(tmp_path):
    """Three scans that say what they show."""
    paths = [tmp_path / f"scan-{title}.jpg" for title in ("Anna", "Berta", "Clara")]
    for seed, path in enumerate(paths):
        said = captioned(Metadata(), Caption(path.stem[5:], f"190{seed}", "City archive"))
        save_photo(colour_photo(120, 80, seed=seed), path, metadata=said)
    return paths


def field(page, name, number):
    """A field of the list of captions, of a photo by its number."""
    return page.locator(f"#many-captions tbody tr:nth-child({number + 2}) input[data-name={name}]")


def test_a_scan_says_what_it_shows_however_it_comes(page, scans):
    titles = page.locator("#roll .roll-open span")
    upload(page, scans[0])
    natural_size(page, "colour")
    expect(titles).to_have_text(["Anna, 1900"])
    page.locator("#roll-row input[type=file]").set_input_files(scans[1])
    expect(titles).to_have_text(["Anna, 1900", "Berta, 1901"])
    page.get_by_role("tab", name="Many photos").click()
    page.locator("#many-captions summary").click()
    expect(field(page, "year", 1)).to_have_value("1901")
    field(page, "title", 1).fill("My aunt")
    field(page, "title", 1).press("Tab")
    expect(titles.nth(1)).to_have_text("My aunt, 1901")
    page.locator("#many-files input[type=file]").set_input_files(scans[2])
    expect(titles).to_have_text(["Anna, 1900", "My aunt, 1901", "Clara, 1902"])
    expect(field(page, "title", 1)).to_have_value("My aunt")
    expect(field(page, "credit", 2)).to_have_value("City archive")
