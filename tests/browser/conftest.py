"""A page, and a browser that shows it."""

import os
import shutil
from pathlib import Path

import pytest
import torch
from playwright.sync_api import expect, sync_playwright

from benchmarks.visitors.browser import FLAGS, find_browser
from colorizer import build
from colorizer.checkpoints.file import save_checkpoint

from .visit import arrive, give_photo, look_closely, serve

ASKED = os.environ.get("SCREENSHOTS")
SCREENSHOTS = Path(ASKED or Path(__file__).parents[2] / "runs" / "screenshots")
"""Folder for pictures of the page at the end of each test that fails; of every test if $SCREENSHOTS is set."""

FAILED = pytest.StashKey[bool]()

expect.set_options(timeout=60_000)  # by default five seconds, which a busy machine may take for anything


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Let fixtures know whether their test failed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def networks(weights, tmp_path_factory):
    """A folder of untrained checkpoints with and without a distribution, with and without hints."""
    folder = tmp_path_factory.mktemp("kinds")
    shutil.copy(weights / "resnet18-decoder.safetensors", folder)
    torch.manual_seed(0)
    flagship = build("mobile-unet", width=0.25)
    flagship.prior = torch.softmax(-flagship.centres.norm(dim=1) / 20, dim=0)  # so that vividness means something
    save_checkpoint(folder / "mobile-unet.safetensors", flagship, working_size=64)
    save_checkpoint(folder / "doubts.safetensors", build("eccv16", width=0.125), working_size=64)
    save_checkpoint(folder / "hints.safetensors", build("siggraph17", width=0.125), working_size=64)
    return folder


@pytest.fixture(scope="session")
def shared_page(networks):
    """The address of a page over these networks, one for all modules."""
    with serve(networks) as address:
        yield address


@pytest.fixture(scope="module")
def url(shared_page):
    """The page that the tests of a module visit; a module may serve one of its own."""
    return shared_page


@pytest.fixture(scope="session")
def browser():
    path = find_browser()
    assert path, "no Chromium found; run `make browser`"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=FLAGS)


@pytest.fixture(scope="session")
def profiles(browser):
    """Browser contexts by address."""
    contexts = {}
    yield contexts
    for context in contexts.values():
        context.close()


@pytest.fixture
def profile(browser, profiles, url):
    """A browser context that all tests of a page share: files are loaded and compiled only once, which is most of the
    cost of opening a page. One tab stays open, or the browser would forget them."""
    if url not in profiles:
        profiles[url] = browser.new_context(accept_downloads=True)
        profiles[url].new_page().goto(url + "/robots.txt")
    return profiles[url]


@pytest.fixture
def page(browser, profile, url, request, tmp_path, monkeypatch):
    """A tab that shows the page and asks no other server for anything. The page runs in another folder than the
    repository: that must not matter.

    Nothing moves by itself, as a browser without a GPU paints the first picture's wipe for three seconds of a core.
    Parametrize it indirectly with (width, height), or with a dict: size, query ("?lang=it"), looks (options of
    Playwright's emulate_media, such as color_scheme), fresh (True for a browser that was never here), and options of
    Playwright's new_context such as locale, which make it fresh.
    """
    monkeypatch.chdir(tmp_path)
    asked = getattr(request, "param", {})
    asked = dict(asked) if isinstance(asked, dict) else {"size": asked}
    width, height = asked.pop("size", (1400, 1000))
    query, looks = asked.pop("query", ""), asked.pop("looks", {})
    fresh = asked.pop("fresh", bool(asked))
    context = browser.new_context(accept_downloads=True, **asked) if fresh else profile
    if not fresh:
        context.clear_cookies()
        context.pages[0].evaluate("localStorage.clear(); indexedDB.deleteDatabase('colorizer')")
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(**{"reduced_motion": "reduce", **looks})
    requests = []
    page.on("request", lambda r: requests.append(r.url))
    arrive(page, url + query)
    yield page
    if ASKED or request.node.stash[FAILED]:
        # A JPEG is made in half the time of a PNG.
        page.screenshot(path=SCREENSHOTS / f"{request.node.name}.jpg", full_page=True, quality=90)
    (context if fresh else page).close()
    assert all(r.startswith((url, "data:", "blob:")) for r in requests), "the page asked another server for something"


@pytest.fixture
def coloured(page, tmp_path):
    """The page with a photograph in colour, one large picture of it."""
    give_photo(page, tmp_path)
    look_closely(page)
    page.wait_for_function("document.querySelector('.picker-photo')?.naturalWidth > 0")
    return page
