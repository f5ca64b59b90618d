"""What a visitor did stays in their browser: the photo, its settings and its corrections."""

import pytest
from conftest import wait_for
from playwright.sync_api import expect

from ..visit import give_photo, look_closely
from .picker import changed, click, free_colour, has_hue

pytestmark = pytest.mark.browser

FRESH = {"fresh": True}
KEPT = """() => new Promise((resolve) => {
  const opening = indexedDB.open('colorizer', 1);
  opening.onsuccess = () => {
    const all = opening.result.transaction('works').objectStore('works').getAll();
    all.onsuccess = () => resolve(all.result.some((work) => work.request.points.length));
  };
})"""
"""Whether the browser keeps a photo with corrections."""


def correct(page):
    """Choose a look and the colour of a place."""
    look_closely(page)
    page.wait_for_function("document.querySelector('.picker-photo')?.naturalWidth > 0")
    changed(page, lambda: page.locator("#preset input[value=vivid]").check(force=True))
    click(page, 0.3, 0.4)
    changed(page, lambda: free_colour(page, "#d01818"))
    wait_for(lambda: page.evaluate(KEPT))


def expect_all_back(page):
    expect(page.locator(".picker-dot")).to_have_count(1)
    expect(page.locator("#preset input[value=vivid]")).to_be_checked()
    page.wait_for_function("document.querySelector('.picker-photo')?.naturalWidth > 0")
    assert has_hue(page, 0.3, 0.4, "#d01818")


@pytest.mark.parametrize("page", [FRESH], indirect=True)
def test_a_reload_loses_nothing_and_another_tab_has_its_own_photo(page, tmp_path):
    give_photo(page, tmp_path)
    correct(page)
    page.reload()
    expect_all_back(page)
    other = page.context.new_page()
    other.goto(page.url)
    row = other.locator("#kept .film-open")
    expect(row).to_have_count(1)
    expect(other.locator("#colour img")).to_have_count(0)
    row.click()
    expect_all_back(other)


@pytest.mark.parametrize("page", [FRESH], indirect=True)
def test_everything_is_forgotten_on_request(page, tmp_path):
    give_photo(page, tmp_path)
    correct(page)
    page.reload()
    expect_all_back(page)
    other = page.context.new_page()
    other.goto(page.url)
    other.locator(".kept-all").click()
    other.locator("#kept .film-open").wait_for(state="detached")
    page.reload()
    expect(page.locator("#kept .film-open")).to_have_count(0)
    expect(page.locator("#colour img")).to_have_count(0)


@pytest.mark.parametrize("page", [FRESH], indirect=True)
def test_a_photo_that_was_removed_is_taken_up_again_and_goes_on(page, tmp_path):
    give_photo(page, tmp_path)
    correct(page)
    page.get_by_label("Remove Image").click()
    page.locator("#kept .film-open").click()
    expect_all_back(page)
    changed(page, page.locator(".picker-clear").click)
    wait_for(lambda: not page.evaluate(KEPT))
    expect(page.locator(".picker-dot")).to_have_count(0)
    page.reload()
    page.locator(".picker-photo").wait_for()
    expect(page.locator("#preset input[value=vivid]")).to_be_checked()
    expect(page.locator(".picker-dot")).to_have_count(0)
