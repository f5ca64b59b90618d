"""A file may have any name: the page shows it as text, and it never becomes a part of the page's HTML."""

import pytest
from conftest import colour_photo
from playwright.sync_api import expect

from .visit import each_tab, natural_size, unfold_all, upload

pytestmark = pytest.mark.browser
NAME = "<img src=x onerror=alert(1)>.png"


def test_no_name_becomes_a_part_of_the_page(page, tmp_path):
    said = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    colour_photo(90, 60).save(tmp_path / NAME)
    (tmp_path / f"no{NAME}").write_bytes(b"no picture")
    upload(page, tmp_path / NAME)
    natural_size(page, "colour")
    for _ in each_tab(page):
        unfold_all(page)
        if page.locator("#many-files").is_visible():
            page.locator("#many-files input[type=file]").set_input_files([tmp_path / NAME, tmp_path / f"no{NAME}"])
            page.locator("#many-button").click()
            expect(page.locator("#many-errors")).to_contain_text("no")
    assert page.locator("img[onerror], img[src=x]").count() == 0
    assert said == []
