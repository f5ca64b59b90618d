"""The site in three browsers, its colours beside Python's."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Error, Page, sync_playwright

from benchmarks.common import EXAMPLES, Measured, flagship, say
from benchmarks.visitors.browser import FLAGS, find_browser
from colorizer import Colorizer, Hint, open_photo
from colorizer.colour.readout import preset
from colorizer.evaluation.comparison import markdown

from .serving import arrive, give, in_colour, make_site, poll, said_in, saved, served, view

BROWSERS = {"Chromium": "chromium", "Firefox": "firefox", "WebKit": "webkit"}
PHOTOS = ("china", "camera", "astronaut", "coffee")
LEVELS, SHARE = 2, 0.001
"""At most this share of the samples may differ by more than these levels."""


def measure(only: str = "") -> Measured:
    """The site in Chromium, in Firefox and in WebKit, which Safari has too.

    It makes the site, opens it in each that is there (`playwright install firefox webkit`), colours the same photos
    there and in Python, and compares every sample of the saved PNG. It also corrects a photo after a click on its
    colours, saves a JPEG, and opens the site again, which has to work without the server. The exit code is 1 if colours
    differ. only: one of the browsers.
    """
    colorizer = flagship()
    rows, worst = [], 0.0
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        site = make_site(Path(name))
        for browser in [only] if only else BROWSERS:
            kind = getattr(playwright, BROWSERS[browser])
            options = {"executable_path": find_browser(), "args": FLAGS} if browser == "Chromium" else {}
            try:
                driven = kind.launch(**options)
            except Error as error:
                say(f"{browser} is left out: {error.message.splitlines()[0]}")
                continue
            unlikes = visit(driven.new_page(accept_downloads=True), site, colorizer, Path(name))
            share, most = (max(column) for column in zip(*unlikes, strict=True))
            rows.append((browser, driven.version, str(len(unlikes)), f"{share:.4%}", str(most)))
            worst = max(worst, share)
            driven.close()
    differ = f"samples that differ by more than {LEVELS} levels, at most"
    heading = ("browser", "version", "photographs", differ, "largest difference, levels")
    return Measured((markdown(heading, rows),), worst <= SHARE, whole=len(rows) == len(BROWSERS))


def visit(page: Page, site: Path, colorizer: Colorizer, folder: Path) -> list[tuple[float, int]]:
    """All that a visitor does; `unlike` of every photograph. folder: for files."""
    with served(site) as server:
        arrive(page, server.url)
        unlikes = []
        for name in PHOTOS:
            photo = open_photo(EXAMPLES / f"{name}.jpg")
            photo.save(folder / f"{name}.png")
            give(page, folder / f"{name}.png")
            unlikes.append(unlike(page, folder, colorizer.colorize(photo, **preset("natural")).image))
        photo = open_photo(EXAMPLES / "china.jpg")
        give(page, folder / "china.png")
        correct(page)
        saved(page, "png", folder / "corrected.png")
        said = said_in(folder / "corrected.png")[1]["hints"]
        hints = [Hint(h["x"], h["y"], tuple(h["ab"]), reach=h["reach"]) for h in said]
        unlikes.append(unlike(page, folder, colorizer.colorize(photo, hints, **preset("natural")).image))
        Image.open(saved(page, "jpg", folder / "out.jpg")).load()
        poll(page, server.kept)
    arrive(page, server.url)  # the server is gone
    give(page, folder / "china.png")
    return unlikes


def correct(page: Page) -> None:
    """Give a thing another colour."""
    view(page, "side")
    box = page.locator("#colour .stage-view").bounding_box()
    assert box
    page.mouse.click(box["x"] + 0.4 * box["width"], box["y"] + 0.5 * box["height"])
    page.locator(".picker-shade").nth(9).click()
    in_colour(page)


def unlike(page: Page, folder: Path, expected: Image.Image) -> tuple[float, int]:
    """The share of samples of the saved PNG that differ by more than LEVELS, and the largest difference."""
    with Image.open(saved(page, "png", folder / "out.png")) as got:
        away = np.abs(np.asarray(got, np.int16) - np.asarray(expected, np.int16))
    return float((away > LEVELS).mean()), int(away.max())
