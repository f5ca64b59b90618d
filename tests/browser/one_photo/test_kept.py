"""A visitor's work stays in their browser: the photo, its settings and its corrections."""

import os
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from ..visit import give_photo, look_closely, pull, wait_until_kept
from .picker import changed, click, free_colour, has_hue

pytestmark = pytest.mark.browser


CORRECTIONS = "work.request?.points.length"


@pytest.fixture
def corrected(page, tmp_path):
    """The page with a photo, another look and a correction, all of which the browser keeps."""
    give_photo(page, tmp_path)
    look_closely(page)
    page.wait_for_function("document.querySelector('.picker-photo')?.naturalWidth > 0")
    changed(page, lambda: page.locator("#preset input[value=vivid]").check(force=True))
    click(page, 0.3, 0.4)
    changed(page, lambda: free_colour(page, "#d01818"))
    wait_until_kept(page, CORRECTIONS)
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


def test_a_visitors_work_is_there_until_they_forget_it(corrected, tmp_path):
    """After a reload, in another tab, in the strip, and without the corrections that were taken back."""
    page = corrected
    pull(page, "save")
    page.locator("#deep input").check()
    saving = "JSON.stringify([work.request?.form.bits, work.request?.form.strip]) === '[16,false]'"
    wait_until_kept(page, saving)
    sent = []
    page.on("request", lambda request: sent.append(request.url) if "/upload?" in request.url else None)
    page.reload()
    expect_all_back(page)
    assert not sent, "the server has it"
    expect(page.locator("#deep input")).to_be_checked()
    expect(page.locator("#keep input")).to_be_checked()
    other = another_tab(page)
    row = other.locator("#kept .roll-open")
    expect(row).to_have_count(1)
    expect(other.locator("#colour img")).to_have_count(0)
    row.click()
    expect_all_back(other)
    other.close()

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
    wait_until_kept(page, "work.files?.length === 2")
    page.reload()
    expect(names).to_have_count(2)
    expect(names.last).to_contain_text("added0")
    names.first.click()
    expect_all_back(page)
    page.get_by_label("Remove Image").click()
    page.locator("#kept .roll-open").first.click()
    expect_all_back(page)
    for path in Path(os.environ["GRADIO_TEMP_DIR"]).rglob("a.png"):
        path.unlink()
    page.reload()
    expect_all_back(page)
    assert sent, "the server has it no more"
    changed(page, page.locator(".picker-clear").click)
    wait_until_kept(page, f"work.request && !({CORRECTIONS})")
    page.reload()
    page.locator(".picker-photo").wait_for()
    expect(page.locator("#preset input[value=vivid]")).to_be_checked()
    expect(page.locator(".picker-dot")).to_have_count(0)

    page.locator(".kept-all").click()  # in sight, beside the photo; it asks, and nobody says yes
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.locator(".kept-all").click()
    expect(page.locator("#waiting")).to_be_visible()
    assert asked == ["Forget everything\na.png"]
    expect(page.locator("#kept .roll-open")).to_have_count(0)
    expect(page.locator("#colour img")).to_have_count(0)


def test_photos_of_an_album_that_were_removed_stay_away(page, tmp_path):
    """Those that were chosen, those in an archive, and before the album is open."""
    photos, chosen = page.locator("#roll .roll-open"), page.locator("#many-chosen")
    removes = page.locator("#roll .roll-drop")
    for number in range(5):
        Image.new("L", (90, 60), 60 * number).save(tmp_path / f"{number}.png")
    with zipfile.ZipFile(tmp_path / "box.zip", "w") as archive:
        for number in (3, 4):
            archive.write(tmp_path / f"{number}.png", f"{number}.png")
    page.get_by_role("tab", name="Many photos").click()
    page.route("**/upload*", lambda route: None)  # it never arrives
    files = [*(tmp_path / f"{number}.png" for number in range(3)), tmp_path / "box.zip"]
    page.locator("#many-files input[type=file]").set_input_files(files)
    album = "work.key.endsWith('-album') && "
    wait_until_kept(page, album + "work.files.length === 4")  # as soon as they are chosen
    page.unroute_all()
    page.reload()
    expect(photos).to_have_text(["0", "1", "2", "3", "4"])
    expect(chosen).to_contain_text("Photographs to colour: 5")
    removes.nth(3).click()
    expect(chosen).to_contain_text("Photographs to colour: 4")
    removes.first.click()
    wait_until_kept(page, album + "work.files.length === 3 && work.gone?.length")
    page.get_by_role("tab", name="One photo").click()
    page.reload()
    expect(photos).to_have_text(["1", "2", "4"])
    removes.first.click()  # before its album is open
    wait_until_kept(page, album + "work.files.length === 2")
    page.get_by_role("tab", name="Many photos").click()
    expect(chosen).to_contain_text("Photographs to colour: 2")
    expect(photos).to_have_text(["2", "4"])
