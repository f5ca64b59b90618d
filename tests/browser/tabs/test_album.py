"""The tab for many photographs as a visitor uses it, in a real Chromium."""

import io
import re
import threading
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from conftest import colour_photo, representing, slow_passes, wait_for, write_photos
from film_files import frames_of, moving_picture, packets_of, write_film
from PIL import Image
from playwright.sync_api import expect
from pptx import Presentation

from colorizer.films.job import Job, _colour
from colorizer.page.tabs.album import run as album_run

from ..one_photo.picker import changed, click, free_colour
from ..visit import arrive, give_photo, natural_size, upload, wait_until_kept

pytestmark = pytest.mark.browser
PHONE = {"size": (390, 800), "looks": {"color_scheme": "dark"}}


@pytest.fixture
def album(tmp_path):
    """Two photographs, and a ZIP with a third, a broken one and one that points outside."""
    for i, size in enumerate([(300, 200), (200, 300), (240, 240)]):
        colour_photo(*size, seed=i).save(tmp_path / f"{i}.png")
    with zipfile.ZipFile(tmp_path / "old.zip", "w") as archive:
        archive.write(tmp_path / "2.png", "beach/2.png")
        archive.writestr("beach/broken.jpg", b"no photograph")
        archive.writestr("../out.png", b"x")
    return [tmp_path / name for name in ("0.png", "1.png", "old.zip")]


@pytest.fixture
def slowly(monkeypatch):
    """Slow passes of the network, and a record of them. The page reports each one."""
    monkeypatch.setattr(album_run, "SELDOM", 0)
    return slow_passes(monkeypatch, 0.6)


def add(page, files, count):
    """Add files and wait until the page has counted the photos in them: before, there is nothing to colour."""
    page.get_by_role("tab", name="Many photos").click()
    page.locator("#many-files input[type=file]").set_input_files(files)
    expect(page.locator("#many-chosen")).to_contain_text(f"Photographs to colour: {count}")


def downloaded(page, name):
    with page.expect_download(timeout=60_000) as download:
        page.locator(name).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def read(archive, name):
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return opened.read(name)


@pytest.mark.parametrize("page", representing([(1400, 1000), PHONE], [PHONE]), indirect=True)
def test_an_album_in_and_out(page, album):
    """An archive for the first tab is taken to this one; what is added at the foot goes there, too."""
    upload(page, album[-1])
    expect(page.locator("#many-status")).to_contain_text("ZIP files are coloured here")
    expect(page.locator("#many-chosen")).to_contain_text("Photographs to colour: 2")
    page.locator("#roll-row input[type=file]").set_input_files(album[:2])
    expect(page.locator("#many-chosen")).to_contain_text("Photographs to colour: 4")
    expect(page.locator("#many-chosen summary")).to_have_text("Left out: 1")
    page.locator("#many-button").click()
    expect(page.locator("#many-status")).to_contain_text("Coloured: 3 of 4")
    expect(page.locator("#many-waiting")).to_be_hidden()
    expect(page.locator("#many-view li")).to_have_count(3)
    errors = page.locator("#many-errors tbody tr")
    expect(errors).to_have_count(2)
    expect(errors.nth(0)).to_contain_text("../out.png points outside of the archive")
    expect(errors.nth(1)).to_contain_text("beach/broken.jpg is not a picture")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    name, content = downloaded(page, "#many-zip")
    assert name == "album-colorized.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {"0-colorized.png", "1-colorized.png", "beach/2-colorized.png"} < set(archive.namelist())
    name, content = downloaded(page, "#many-sheet")
    assert name == "album-colorized-sheet.png"
    assert Image.open(io.BytesIO(content)).width == 2400
    name, content = downloaded(page, "#many-deck")
    assert name == "album-colorized.pptx"
    assert len(Presentation(io.BytesIO(content)).slides) == 4
    assert downloaded(page, "#many-page")[0] == "album-colorized.html"


@pytest.mark.full
def test_a_click_shows_one_large_and_the_keyboard_goes_on(page, album):
    add(page, album[:2], 2)
    page.locator("#many-button").click()
    expect(page.locator("#many-status")).to_contain_text("Coloured: 2 of 2")
    dialog = page.locator(".album-large")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="0.png: show it large").press("Enter")
    expect(dialog).to_be_visible()
    expect(dialog.locator(".album-caption")).to_contain_text("0.png 300 × 200 pixels")
    page.wait_for_function("document.querySelector('.album-colour').naturalWidth === 300")
    seen = dialog.bounding_box()
    assert seen["y"] + seen["height"] / 2 == pytest.approx(500, abs=2)
    page.keyboard.press("ArrowLeft")
    stage = page.locator(".album-stage")
    expect(stage).to_have_css("--at", "49%")
    expect(dialog.get_by_role("button", name="Previous")).to_be_disabled()
    dialog.get_by_role("button", name="Next").press("Enter")
    expect(dialog.locator(".album-caption b")).to_have_text("1.png")
    expect(dialog.get_by_role("button", name="Next")).to_be_disabled()
    page.keyboard.press("p")
    expect(dialog.locator(".album-caption b")).to_have_text("0.png")
    page.keyboard.press("n")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.wait_for_function("document.activeElement.title === '1.png'")


@pytest.mark.full
def test_who_leaves_stops_their_album(browser, url, tmp_path, slowly):
    files = [*write_photos(tmp_path, 60, 60, 40).iterdir()]  # more than can be coloured before it is noticed
    visitor = browser.new_context()
    page = visitor.new_page()
    arrive(page, url)
    add(page, files, len(files))
    page.locator("#many-button").click()
    expect(page.locator("#many-view li").first).to_be_visible()
    visitor.close()

    def at_rest():
        """The server notices that a visitor has left when it reports the next photograph."""
        ran = len(slowly)
        time.sleep(2)
        return len(slowly) == ran

    wait_for(at_rest)
    assert len(slowly) < len(files)


@pytest.fixture
def held(monkeypatch):
    """Films wait until they are stopped, or this event is set; then they are coloured in this process.
    tests/films/test_job.py is about theirs."""
    free = threading.Event()

    def run(job, stop):
        yield 0.0
        while not free.wait(0.01):
            yield 0.1
            if stop():
                return None
        return _colour(job)

    monkeypatch.setattr(Job, "run", run)
    return free


def test_a_film_from_the_first_tab_to_its_download(page, tmp_path, held):
    film = write_film(tmp_path / "reel.mp4", moving_picture(6, (64, 48)), codec="libx264", sound="aac")
    upload(page, film)
    assert natural_size(page, "colour") == [64, 48]
    page.locator("#preset input[value=vivid]").check(force=True)
    page.locator("#film-button").click()
    status, stop = page.locator("#many-status"), page.locator("#many-stop")
    expect(status).to_contain_text("Colouring the film: reel.mp4 …")
    expect(page.locator("#many-input").get_by_label("Look", exact=True)).to_have_value("Vivid")
    stop.click()
    expect(status).to_contain_text("Stopped. Coloured: 0 of 1")
    expect(page.locator("#many-films")).to_be_hidden()
    page.get_by_role("button", name="Continue with the rest: 1").click()
    expect(stop).to_be_visible()
    held.set()
    expect(status).to_contain_text("Coloured: 1 of 1")
    name, content = downloaded(page, "#many-films a")
    assert name == "reel-colorized.mp4"
    (tmp_path / name).write_bytes(content)
    assert packets_of(tmp_path / name) == packets_of(film)
    frames = frames_of(tmp_path / name)
    assert len(frames) == 6
    assert all(np.ptp(frame.astype(int), axis=2).mean() > 5 for frame in frames), "all are in colour"


def test_the_look_of_the_first_tab_is_offered_until_another_is_chosen(page, tmp_path):
    give_photo(page, tmp_path)
    look, tab = page.locator("#many-input").get_by_label("Look", exact=True), page.get_by_role("tab")
    page.locator("#preset input[value=vivid]").check(force=True)
    tab.get_by_text("Many photos").click()
    expect(look).to_have_value(re.compile("Vivid"))
    look.click()
    page.get_by_role("option", name="Faded").click()
    tab.get_by_text("One photo").click()
    page.locator("#preset input[value=warm]").check(force=True)
    tab.get_by_text("Many photos").click()
    expect(look).to_have_value(re.compile("Faded"))


def test_an_album_is_there_after_a_reload_and_has_the_corrections(page, album):
    add(page, album[:2], 2)
    page.locator("#many-button").click()
    done, first = page.locator("#many-status"), page.locator("#many-view li img").first
    expect(done).to_contain_text("Coloured: 2 of 2")
    before = read(downloaded(page, "#many-zip")[1], "0-colorized.png")
    wait_until_kept(page, "work.key.endsWith('-album') && work.files.length === 2")
    page.reload()
    expect(done).to_contain_text("Coloured: 2 of 2")
    expect(page.locator("#many-view li")).to_have_count(2)
    expect(page.locator("#many-chosen")).to_contain_text("Photographs to colour: 2")
    page.locator("#many-view li button").first.click()
    page.locator(".album-correct").click()
    page.wait_for_function("document.querySelector('.picker-photo')?.naturalWidth > 0")
    click(page, 0.5, 0.5)
    changed(page, lambda: free_colour(page, "#1830d0"))
    page.locator("#album-chip").click()
    old = first.get_attribute("src")
    expect(first).not_to_have_attribute("src", old)
    expect(done).to_contain_text("Coloured: 2 of 2")
    assert read(downloaded(page, "#many-zip")[1], "0-colorized.png") != before


@pytest.mark.full
def test_an_album_goes_on_after_a_reload_and_colours_nothing_twice(page, tmp_path, slowly):
    add(page, [*write_photos(tmp_path, 8, 60, 40).iterdir()], 8)
    page.locator("#many-button").click()
    expect(page.locator("#many-view li")).to_have_count(2)
    page.reload()
    expect(page.locator("#many-status")).to_contain_text("Coloured: 8 of 8")
    assert len(slowly) == 8
