"""A note to a correction goes with the photo, in a real Chromium."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from conftest import colour_photo
from playwright.sync_api import expect

from ..visit import pull
from .picker import changed, click, free_colour

pytestmark = pytest.mark.browser


def test_a_note_stays_with_its_photo_and_goes_into_the_album(coloured, tmp_path):
    page, note = coloured, coloured.locator(".picker-note")
    click(page, 0.3, 0.4)
    changed(page, lambda: free_colour(page, "#d01818"))
    pull(page, "correct")
    note.fill("Aunt Maria remembers: red")
    note.press("Tab")
    colour_photo(80, 90, seed=5).save(tmp_path / "b.png")
    page.locator("#roll-row input[type=file]").set_input_files(tmp_path / "b.png")
    photos = page.locator("#roll .roll-open")
    expect(photos).to_have_count(2, timeout=30_000)
    for number, notes in ((1, 0), (0, 1)):
        changed(page, photos.nth(number).click)
        expect(note).to_have_count(notes)
    expect(note).to_have_value("Aunt Maria remembers: red")
    page.get_by_role("tab", name="Many photos").click()
    page.locator("#many-button").click()
    expect(page.locator("#many-status")).to_contain_text("Coloured: 2 of 2", timeout=60_000)
    with page.expect_download(timeout=60_000) as download:
        page.locator("#many-zip").click()
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as archive:
        photos = json.loads(archive.read("manifest.json"))["photos"]
    hints = [json.loads(photo["settings"]).get("hints") for photo in photos]
    assert [hint["note"] for hint in hints[0]] == ["Aunt Maria remembers: red"]
    assert hints[1] is None
