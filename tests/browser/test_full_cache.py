"""An upload when the cache is full, as a visitor sees it."""

from functools import cache

import pytest
from conftest import colour_photo
from playwright.sync_api import expect

from colorizer.page.serving import disk_budget

from .visit import natural_size, upload

pytestmark = pytest.mark.browser


@pytest.fixture
def no_room(monkeypatch):
    monkeypatch.setenv("COLORIZER_CACHE_GB", "1e-9")
    monkeypatch.setattr(disk_budget, "_budget_of", cache(disk_budget.DiskBudget))  # which looks at once
    return monkeypatch


@pytest.mark.parametrize("page", [{"query": "?lang=it"}], indirect=True)
def test_without_room_an_upload_is_refused_and_the_page_goes_on(page, no_room, tmp_path):
    colour_photo(300, 200).save(tmp_path / "a.png")
    expect(page.get_by_role("tab", name="Una foto")).to_be_visible()
    upload(page, tmp_path / "a.png")
    said = page.get_by_test_id("toast-text")
    expect(said).to_contain_text("Al momento il server non ha spazio per altri file")
    expect(page.locator("#working")).to_be_hidden()
    no_room.delenv("COLORIZER_CACHE_GB")
    no_room.setattr(disk_budget, "_budget_of", cache(disk_budget.DiskBudget))
    upload(page, tmp_path / "a.png")
    assert natural_size(page, "colour") == [300, 200]
