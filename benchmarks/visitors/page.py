"""How long a visitor of the page waits."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.common import another, faster, flagship, middle, photograph, timed
from colorizer import Colorizer, Hint, open_photo
from colorizer.evaluation.comparison import markdown
from colorizer.page.serving.served_files import preview

from .browser import FLAGS, find_browser
from .errands import arrive
from .server import serving

ALL_SEEN = """() => ['gray', 'colour', 'truth'].every(name => {
  const image = document.querySelector(`#${name} img`);
  return image?.complete && image.naturalWidth > 0 && image.checkVisibility();
})"""
NEW_COLOURS = """before => {
  const image = document.querySelector('#colour img');
  return image?.src !== before && image?.complete && image.naturalWidth > 0;
}"""


PICKER_READY = """() => {
  const [image, photo] = ['#colour img', '.picker-photo'].map(name => document.querySelector(name));
  return photo?.complete && photo.naturalWidth > 0 && photo.src === image.src;
}"""


def measure(rounds: int = 5) -> str:
    """How long a visitor waits.

    It uploads a photograph of 12 megapixels in a real Chromium and waits for the three panes, then gives a hint and
    chooses a preset and waits for the new picture each time. In each round the package does the same without a page,
    and the ratios count.
    """
    seconds: dict[str, list[float]] = defaultdict(list)
    transferred: list[int] = []
    colorizer = flagship()
    with tempfile.TemporaryDirectory() as name, serving(Path(name) / "server") as server, sync_playwright() as driver:
        small, large = (photograph(size, Path(name) / f"{size}.jpg").read_bytes() for size in (1, 12))
        browser = driver.chromium.launch(executable_path=find_browser(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.on("response", lambda answer: transferred.append(int(answer.headers.get("content-length") or 0)))
        arrive(page, server.address)
        upload(page, another(small, 0, Path(name)))  # loads torch, fonts and scripts
        for number in range(1, rounds + 1):
            file = another(large, number, Path(name))
            alone(colorizer, file, seconds)
            transferred.clear()
            seconds["upload"].append(upload(page, file))
            bytes_seen = sum(transferred)
            seconds["hint"].append(hint(page))
            seconds["preset"].append(until_new(page, lambda: preset(page, "Vivid")))
            until_new(page, lambda: preset(page, "Natural"))
        browser.close()

    rows = [
        ("photograph of 12 MP to visible triptych", "upload", "open, network, join", "bare"),
        ("hint to new picture", "hint", "network fed at the preview's size", "pass"),
        ("", "hint", "network and join, of the preview", "small"),
        ("preset to new picture", "preset", "network and join, of the preview", "small"),
    ]
    lines = [(a, middle(seconds[w], 2), b, faster(seconds[w], seconds[to], 2)) for a, w, b, to in rows]
    share = bytes_seen / len(large)
    return (
        markdown(("on the page", "wait", "beside", "ratio"), lines)
        + f"\n\nMedians of {rounds}. The browser was sent {share:.0%} of the photograph's own bytes."
    )


def alone(colorizer: Colorizer, file: Path, seconds: dict[str, list[float]]) -> None:
    """Seconds that the package needs for the same work without a page."""

    seconds["bare"].append(timed(lambda: colorizer.colorize(open_photo(file)).image))
    photo = preview(open_photo(file))
    hints = [Hint(photo.width / 2, photo.height / 2, (40.0, 30.0))]
    seconds["small"].append(timed(lambda: colorizer.colorize(photo, hints).image))
    seconds["pass"].append(timed(lambda: colorizer.colorize(photo, hints, size=(photo.height, photo.width))))


def upload(page: Page, file: Path) -> float:
    """Seconds from choosing a file until three panes show it."""
    if page.locator("#shown").is_visible():
        page.locator('#view label:has(input[value="side"])').click()
        page.get_by_label("Remove Image").first.click()
        page.locator("#shown").wait_for(state="hidden")
    start = time.perf_counter()
    page.locator("#photo input[type=file]").set_input_files(file)
    page.wait_for_function(ALL_SEEN, timeout=120_000)
    return time.perf_counter() - start


def hint(page: Page) -> float:
    """Seconds from choosing a colour for a point until the new picture."""
    page.locator('#view label:has(input[value="picture"])').click()
    page.wait_for_function(PICKER_READY, timeout=60_000)  # a new photograph closes the colour picker
    page.locator(".picker-plane").click(position={"x": 200, "y": 150})
    swatch = page.locator(".picker-swatches button").last
    swatch.wait_for(timeout=60_000)
    return until_new(page, swatch.click)


def preset(page: Page, name: str) -> None:
    """Choose how bold the guess is."""
    page.locator("#preset").get_by_text(name, exact=True).click()


def until_new(page: Page, act: Callable[[], object]) -> float:
    """Seconds from an action until its new picture."""
    before = page.locator("#colour img").get_attribute("src")
    before = page.evaluate("address => new URL(address, document.baseURI).href", before)
    start = time.perf_counter()
    act()
    page.wait_for_function(NEW_COLOURS, arg=before, timeout=120_000)
    return time.perf_counter() - start
