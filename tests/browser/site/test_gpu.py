"""The site's network on a GPU. Here the processor pretends to be one, which takes minutes in place of milliseconds."""

import pytest

from benchmarks.site.serving import arrive, give, in_colour, poll, said_in, saved, served, view
from benchmarks.visitors.browser import FLAGS, find_browser
from colorizer import Hint, open_photo
from colorizer.colour.readout import preset

from ..one_photo.picker import click
from ..visit import EXAMPLES
from .test_colours import SHARE, unlike

pytestmark = [pytest.mark.browser, pytest.mark.full]
PATIENCE = 900
"""Seconds for some passes of the network."""


@pytest.fixture(scope="module")
def software(browser):
    """A browser whose WebGPU is a program."""
    browser = browser.browser_type.launch(executable_path=find_browser(), args=[*FLAGS, "--enable-unsafe-webgpu"])
    yield browser
    browser.close()


def visited(browser, url):
    """The site, after it decided about the GPU, and what it warned of."""
    page = browser.new_page()
    warnings = []
    page.on("console", lambda said: warnings.append(said.text))  # Chromium itself says that there is no adapter
    arrive(page, url)
    poll(page, "'gpu' in document.body.dataset", PATIENCE)
    return page, warnings


def asked_for_gpu(site):
    return [path for path in site.asked if "jspi" in path]


@pytest.mark.parametrize("kind", ["none", "software"])
def test_without_a_true_gpu_its_files_are_not_loaded(site, request, kind):
    with served(site.server.RequestHandlerClass.keywords["directory"]) as own:
        page, warnings = visited(request.getfixturevalue("software" if kind == "software" else "browser"), own.url)
        adapter = page.evaluate("navigator.gpu?.requestAdapter().then(Boolean)")
        assert bool(adapter) == (kind == "software")
        poll(page, own.kept)
        assert page.evaluate("document.body.dataset.gpu") == "false"
        assert not asked_for_gpu(own)
        assert set(warnings) <= {"No available adapters."}
        page.close()


def test_a_gpu_gives_the_colours_of_python(software, site, colorizer, tmp_path):
    photo = open_photo(EXAMPLES / "china.jpg")
    photo.save(tmp_path / "china.png")
    page, warnings = visited(software, site.url + "?gpu=always")
    assert page.evaluate("document.body.dataset.gpu") == "true"
    assert len(asked_for_gpu(site)) == 3
    kept = page.evaluate(
        "caches.keys().then(async ([name]) => (await (await caches.open(name)).keys()).map(({ url }) => url))"
    )
    assert len([url for url in kept if "jspi" in url]) == 3, "the next visit asks for nothing"
    page.set_default_timeout(PATIENCE * 1000)
    page.locator("#choose").set_input_files(tmp_path / "china.png")
    poll(page, "document.querySelector('#colour img')?.naturalWidth > 0", PATIENCE)
    expected = colorizer.colorize(photo, **preset("natural")).image
    away, most = unlike(saved(page, "png", tmp_path / "got.png"), expected)
    assert away <= SHARE, most

    view(page, "picture")
    click(page, 0.8, 0.75)
    page.locator(".picker-whole").click()
    page.locator(".picker-shade").nth(13).click()
    poll(page, "!document.querySelector('#stage-box').classList.contains('busy')", PATIENCE)
    got = saved(page, "png", tmp_path / "hinted.png")
    hints = [Hint(each["x"], each["y"], tuple(each["ab"]), reach=each["reach"]) for each in said_in(got)[1]["hints"]]
    away, most = unlike(got, colorizer.colorize(photo, hints, **preset("natural")).image)
    assert away <= SHARE, most
    assert not warnings, "the processor did not step in"
    page.close()


def test_a_gpu_that_goes_away_is_replaced(software, site, tmp_path):
    page, warnings = visited(software, site.url + "?gpu=always")
    lost = software.new_browser_cdp_session()
    lost.send("Browser.crashGpuProcess")
    give(page, EXAMPLES / "camera.jpg")
    in_colour(page)
    assert warnings
    page.close()
