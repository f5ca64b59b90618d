"""A photograph on the stage of the first tab."""

import pytest
from conftest import colour_photo
from playwright.sync_api import expect

from ..visit import natural_size, upload


@pytest.fixture
def shown(page, tmp_path):
    colour_photo(300, 200).save(tmp_path / "a.png")
    upload(page, tmp_path / "a.png")
    natural_size(page, "colour")
    expect(page.locator("#preset img")).to_have_count(4, timeout=30_000)
    return page
