"""A tab that was left open: old files were cleaned away, or the server was started again, in a real Chromium."""

import shutil
from pathlib import Path

import pytest
from conftest import colour_photo
from playwright.sync_api import expect

from colorizer.page.session.shelf import Shelf

from . import visit
from .visit import example, look_at, natural_size, serve, upload

pytestmark = [pytest.mark.browser, pytest.mark.full]  # what is said then, tests/page/tabs/test_page.py tests too


@pytest.fixture(scope="module")
def served(weights, cache):
    """Gradio's page, its shelf of checkpoints, and its address."""
    built, build = [], visit.build_page

    def kept(*arguments):
        built.append(build(*arguments))
        return built[-1]

    shelf = Shelf(weights)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(visit, "build_page", kept)
        with serve(shelf) as address:
            yield built[-1], shelf, address


@pytest.fixture(scope="module")
def url(served):
    return served[2]


@pytest.fixture
def days_pass(served, cache):
    """Delete all files, even those that Gradio's own cleaning keeps, and forget all photographs."""

    def clean():
        for path in cache.iterdir():
            while path.exists():  # the page may be writing into it
                shutil.rmtree(path, ignore_errors=True)
        served[1]._photos._values.clear()

    return clean


@pytest.fixture
def coloured(coloured):
    """The page with a photograph in colour that can be downloaded."""
    expect(coloured.locator("#download")).to_be_enabled()
    return coloured


def expect_message(page, sentence, act):
    """Call `act` and check that one toast says this sentence."""
    toast = page.locator("[data-testid=toast-body]")
    act()
    expect(toast).to_contain_text(sentence)
    toast.get_by_test_id("toast-close").click()
    expect(toast).to_have_count(0)


def add_again(page, tmp_path):
    """Upload another photograph; the page must go on working."""
    page.get_by_role("tab", name="One photo").click()
    colour_photo(80, 60, seed=3).save(tmp_path / "again.png")
    page.get_by_label("Remove Image").first.click()
    upload(page, tmp_path / "again.png")
    page.wait_for_function("document.querySelector('#colour img')?.naturalWidth == 80")


def test_a_download_is_made_when_it_is_wanted(coloured, cache, days_pass):
    page = coloured
    assert not [*cache.rglob("*-colorized.png")]
    with page.expect_download() as download:
        page.locator("#download").click()
    assert Path(download.value.path()).stat().st_size > 1000
    expect(page.locator("[data-testid=toast-body]")).to_have_count(0)
    days_pass()
    expect_message(page, "The photo is no longer on the server; please add it again.", page.locator("#download").click)


def test_examples_outlast_all_cleaning(page, days_pass):
    days_pass()
    page.reload()
    examples = page.locator("#examples img")
    expect(examples).to_have_count(9)
    page.wait_for_function("[...document.querySelectorAll('#examples img')].every(img => img.naturalWidth > 0)")
    example(page, "coffee").click()
    assert natural_size(page, "colour") == [600, 400]
    days_pass()
    example(page, "china").click()
    expect(page.locator("#time")).to_contain_text("640")


def test_after_a_restart_the_page_says_what_to_do(coloured, served, tmp_path):
    page = coloured
    served[0].app.state_holder.session_data.clear()  # what a new server knows of old tabs
    restarted = "The server has been restarted and no longer knows this photo; please add it again."
    expect_message(page, restarted, lambda: page.get_by_text("Vivid", exact=True).click())
    expect_message(page, restarted, lambda: page.locator(".picker-plane").click())
    expect_message(page, restarted, lambda: look_at(page, "Other versions"))
    expect(page.locator("#shown")).to_be_visible()
    add_again(page, tmp_path)
