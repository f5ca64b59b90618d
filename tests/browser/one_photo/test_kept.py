"""A visitor's work stays in their browser: the photo, its settings and its corrections."""

import zipfile

import numpy as np
import pytest
from conftest import wait_for
from PIL import Image
from playwright.sync_api import expect

from ..visit import give_photo, look_closely, pull, unfold
from .picker import changed, click, free_colour, has_hue, pixel

pytestmark = pytest.mark.browser

FRESH = {"fresh": True}
KEPT = """() => new Promise((resolve) => {
  const opening = indexedDB.open('colorizer', 1);
  opening.onsuccess = () => {
    const all = opening.result.transaction('works').objectStore('works').getAll();
    all.onsuccess = () => resolve(all.result.some((work) => work.request?.points.length));
  };
})"""
"""Whether the browser keeps a photo with corrections."""


@pytest.fixture
def corrected(page, tmp_path):
    """The page with a photo, another look and a correction, all of which the browser keeps."""
    give_photo(page, tmp_path)
    look_closely(page)
    page.wait_for_function("document.querySelector('.picker-photo')?.naturalWidth > 0")
    changed(page, lambda: page.locator("#preset input[value=vivid]").check(force=True))
    click(page, 0.3, 0.4)
    changed(page, lambda: free_colour(page, "#d01818"))
    wait_for(lambda: page.evaluate(KEPT))
    return page


def another_tab(page):
    """A further tab of the same browser."""
    other = page.context.new_page()
    other.goto(page.url)
    return other


def expect_all_back(page):
    expect(page.locator(".picker-dot")).to_have_count(1)
    expect(page.locator("#preset input[value=vivid]")).to_be_checked()
    page.wait_for_function("document.querySelector('.picker-photo')?.naturalWidth > 0")
    assert has_hue(page, 0.3, 0.4, "#d01818")


@pytest.mark.parametrize("page", [FRESH], indirect=True)
def test_a_reload_loses_nothing_and_another_tab_has_its_own_photo(corrected):
    page = corrected
    pull(page, "save")
    page.locator("#deep input").check()
    saving = "JSON.stringify([work.request?.form.bits, work.request?.form.strip]) === '[16,false]'"
    wait_for(lambda: page.evaluate(KEPT.replace("work.request?.points.length", saving)))
    page.reload()
    expect_all_back(page)
    expect(page.locator("#deep input")).to_be_checked()
    expect(page.locator("#keep input")).to_be_checked()
    other = another_tab(page)
    row = other.locator("#kept .roll-open")
    expect(row).to_have_count(1)
    expect(other.locator("#colour img")).to_have_count(0)
    row.click()
    expect_all_back(other)


@pytest.mark.parametrize("page", [FRESH], indirect=True)
def test_the_strip_is_as_it_was_after_a_reload(corrected, tmp_path):
    page = corrected
    for number in range(2):
        Image.new("L", (90, 60), 60 * number).save(tmp_path / f"added{number}.png")
    added = [tmp_path / f"added{number}.png" for number in range(2)]
    page.locator("#roll-row input[type=file]").set_input_files(added)
    names = page.locator("#roll .roll-open")
    expect(names).to_have_count(3)
    page.locator("#roll .roll-drop").last.click()
    expect(names).to_have_count(2)
    page.get_by_label("Remove Image").click()
    expect(page.locator("#waiting")).to_be_visible()
    wait_for(lambda: page.evaluate(KEPT.replace("work.request?.points.length", "work.files?.length === 2")))
    page.reload()
    expect(names).to_have_count(2)
    expect(names.last).to_contain_text("added0")
    names.first.click()
    expect_all_back(page)


@pytest.mark.parametrize("page", [FRESH], indirect=True)
def test_photos_of_an_album_that_were_removed_stay_away(page, tmp_path):
    photos, removes = page.locator("#roll .roll-open"), page.locator("#roll .roll-drop")
    kept = KEPT.replace("work.request?.points.length", "work.key.endsWith('-album') && work.files.length === NUMBER")
    for number in range(3):
        Image.new("L", (90, 60), 60 * number).save(tmp_path / f"{number}.png")
    page.get_by_role("tab", name="Many photos").click()
    page.locator("#many-files input[type=file]").set_input_files([tmp_path / f"{number}.png" for number in range(3)])
    expect(photos).to_have_count(3)
    removes.first.click()
    wait_for(lambda: page.evaluate(kept.replace("NUMBER", "2")))
    page.reload()
    expect(page.locator("#many-chosen")).to_contain_text("Photographs to colour: 2")
    expect(photos).to_have_text(["1", "2"])
    page.get_by_role("tab", name="One photo").click()
    page.reload()
    expect(photos).to_have_count(2)
    removes.first.click()  # before its album is open
    wait_for(lambda: page.evaluate(kept.replace("NUMBER", "1")))
    page.get_by_role("tab", name="Many photos").click()
    expect(page.locator("#many-chosen")).to_contain_text("Photographs to colour: 1")
    expect(photos).to_have_text(["2"])


@pytest.mark.parametrize("page", [FRESH], indirect=True)
def test_a_photo_that_was_removed_from_an_archive_stays_away(page, tmp_path):
    photos, chosen = page.locator("#roll .roll-open"), page.locator("#many-chosen")
    with zipfile.ZipFile(tmp_path / "box.zip", "w") as archive:
        for number in range(2):
            Image.new("L", (90, 60), 60 * number).save(tmp_path / f"{number}.png")
            archive.write(tmp_path / f"{number}.png", f"{number}.png")
    page.get_by_role("tab", name="Many photos").click()
    page.locator("#many-files input[type=file]").set_input_files(tmp_path / "box.zip")
    expect(photos).to_have_count(2)
    page.locator("#roll .roll-drop").first.click()
    expect(chosen).to_contain_text("Photographs to colour: 1")
    wait_for(lambda: page.evaluate(KEPT.replace("work.request?.points.length", "work.gone?.length === 1")))
    page.reload()
    expect(chosen).to_contain_text("Photographs to colour: 1")
    expect(photos).to_have_text(["1"])


@pytest.mark.parametrize("page", [FRESH], indirect=True)
def test_everything_is_forgotten_on_request(corrected):
    page = corrected
    page.reload()
    expect_all_back(page)
    page.locator(".kept-all").click()  # in sight, beside the photo; it asks, and nobody says yes
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator(".kept-all").click()
    expect(page.locator("#waiting")).to_be_visible()
    expect(page.locator("#kept .roll-open")).to_have_count(0)
    expect(page.locator("#colour img")).to_have_count(0)


@pytest.mark.parametrize("page", [FRESH], indirect=True)
def test_a_photo_that_was_removed_is_taken_up_again_and_goes_on(corrected):
    page = corrected
    page.get_by_label("Remove Image").click()
    page.locator("#kept .roll-open").click()
    expect_all_back(page)
    changed(page, page.locator(".picker-clear").click)
    wait_for(lambda: not page.evaluate(KEPT))
    expect(page.locator(".picker-dot")).to_have_count(0)
    page.reload()
    page.locator(".picker-photo").wait_for()
    expect(page.locator("#preset input[value=vivid]")).to_be_checked()
    expect(page.locator(".picker-dot")).to_have_count(0)


@pytest.mark.parametrize("page", [FRESH], indirect=True)
def test_the_picture_whose_colours_a_photo_prefers_comes_back(page, tmp_path):
    give_photo(page, tmp_path)
    unfold(page, "Colours like")
    page.locator("#like").get_by_text("A picture").click()
    Image.new("RGB", (30, 30), "red").save(tmp_path / "red.png")
    changed(page, lambda: page.locator("#reference input[type=file]").set_input_files(tmp_path / "red.png"))
    like_red = pixel(page, 0.5, 0.5)
    wait_for(lambda: page.evaluate(KEPT.replace("work.request?.points.length", "work.reference && work.request?.like")))
    page.reload()
    page.wait_for_function("document.querySelector('#colour img')?.naturalWidth > 0")
    expect(page.locator("#figures")).to_contain_text("a picture")
    expect(page.locator("#reference img[src*='red.png']")).to_have_count(1)
    wait_for(lambda: np.allclose(pixel(page, 0.5, 0.5), like_red, atol=1))
    changed(page, page.locator("#reference").get_by_label("Remove Image").click)
    wait_for(lambda: page.evaluate(KEPT.replace("work.request?.points.length", "work.request && !work.reference")))
