"""The page's weight, and nine errands of visitors, each done in a real browser with as few actions as it allows."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright

from benchmarks.common import Measured, another, middle, photograph
from colorizer.evaluation.comparison import markdown

from .browser import FLAGS, find_browser
from .server import serving

SCANS, DECK = 60, 10
PHONE: ViewportSize = {"width": 390, "height": 844}
FIRST_SEEN = """() => [performance.getEntriesByName('first-contentful-paint')[0].startTime,
  performance.getEntriesByName(document.querySelector('#waiting img').src)[0].responseEnd]"""
PATIENCE = 300_000
"""Milliseconds to wait for a result."""


@dataclass
class Visitor:
    """Someone at the page, whose actions are counted and timed. An action is a click, or the choice of files."""

    page: Page
    actions: int = 0
    began: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """Since the errand began, waiting included; nobody thinks or looks for a button here."""
        return time.perf_counter() - self.began

    def give(self, where: str, files: Path | Sequence[Path]) -> None:
        """Choose files for the input in the component `where`."""
        self.actions += 1
        self.page.locator(f"{where} input[type=file]").set_input_files(files)

    def click(self, what: str | Locator, **options: object) -> None:
        """Click an element as soon as it can be clicked."""
        self.actions += 1
        there = self.page.locator(what) if isinstance(what, str) else what
        there.click(timeout=PATIENCE, **options)  # type: ignore[arg-type]

    def open_tab(self, name: str) -> None:
        """Open a tab by its heading."""
        self.click(self.page.get_by_role("tab", name=name))

    def coloured(self, photo: Path) -> str:
        """Give a photo to the first tab, and wait for it in colour; returns the picture's address."""
        self.give("#photo", photo)
        self.page.wait_for_function("document.querySelector('#colour img')?.naturalWidth > 0", timeout=PATIENCE)
        return self.page.locator("#colour img").get_attribute("src") or ""

    def coloured_anew(self, before: str) -> None:
        """Wait for another picture in colour than that of the address `before`."""
        expect(self.page.locator("#colour img")).not_to_have_attribute("src", before, timeout=PATIENCE)

    def saved(self, button: str) -> Path:
        """The file that a button saves."""
        expect(self.page.locator(button)).to_be_enabled(timeout=PATIENCE)
        with self.page.expect_download(timeout=PATIENCE) as download:
            self.click(button)
        return Path(download.value.path())


def colour_a_scan(visitor: Visitor, photo: Path) -> Path:
    """A scan in, its colours saved."""
    visitor.give("#photo", photo)
    return visitor.saved("#download")


def correct_one_thing(visitor: Visitor, photo: Path, x: float = 0.4, y: float = 0.5) -> Path:
    """The thing at fractions of the photo in another colour, saved."""
    before = visitor.coloured(photo)
    picture = visitor.page.locator("#colour .stage-view")
    box = picture.bounding_box()
    assert box
    visitor.click(picture, position={"x": x * box["width"], "y": y * box["height"]})
    visitor.click(visitor.page.locator(".picker-swatch").nth(3))
    visitor.coloured_anew(before)
    return visitor.saved("#download")


def slide_for_tomorrow(visitor: Visitor, photo: Path) -> Path:
    """A PowerPoint slide with the photo in gray and in colour."""
    visitor.coloured(photo)
    visitor.click("#desk [data-part=save]")
    return visitor.saved("#export-deck")


def another_network(visitor: Visitor, photo: Path) -> str:
    """The name of another network, whose colours the page then shows."""
    before = visitor.coloured(photo)
    visitor.click("#desk [data-part=network]")
    other = visitor.page.locator("#checkpoint label:not(.selected)").first
    name = other.inner_text()
    visitor.click(other)
    visitor.coloured_anew(before)
    return name


def another_look_on_a_phone(visitor: Visitor, photo: Path) -> Path:
    """A scan in vivid colours, saved on a phone, where the buttons are elsewhere."""
    visitor.page.set_viewport_size(PHONE)
    before = visitor.coloured(photo)
    visitor.click("#preset label:has(input[value=vivid])")
    visitor.coloured_anew(before)
    return visitor.saved("#download")


def all_networks(visitor: Visitor, photo: Path) -> int:
    """How many pictures stand beside each other: in gray, in its own colours, and in those of all networks."""
    page = visitor.page
    visitor.open_tab("Compare")
    visitor.give("#compare-photo", photo)
    expect(page.locator("#compare-status")).to_contain_text("Checkpoints:", timeout=PATIENCE)
    return page.locator("#compare-grid .thumbnail-lg").count()


def many_scans(visitor: Visitor, photos: Sequence[Path], saves: str = "#many-zip") -> Path:
    """A box of scans, as a ZIP of their colours, or what another button saves."""
    visitor.open_tab("Many photos")
    visitor.give("#many-files", photos)
    expect(visitor.page.locator("#many-chosen")).to_contain_text(f"{len(photos)}", timeout=PATIENCE)
    visitor.click("#many-button")
    done = f"Coloured: {len(photos)} of {len(photos)}"
    expect(visitor.page.locator("#many-status")).to_contain_text(done, timeout=PATIENCE)
    return visitor.saved(saves)


def deck_of_them(visitor: Visitor, photos: Sequence[Path]) -> Path:
    """A PowerPoint deck with a slide for each scan."""
    return many_scans(visitor, photos, "#many-deck")


def compare_two_networks(visitor: Visitor, photo: Path) -> tuple[str, str]:
    """The captions on either side of the divider between two networks' colours."""
    page = visitor.page
    visitor.open_tab("Compare")
    visitor.give("#compare-photo", photo)
    expect(page.locator("#compare-status")).to_contain_text("Checkpoints:", timeout=PATIENCE)
    sides = [page.locator(f"#compare-pair .stage-{side}") for side in ("left", "right")]
    for number in (2, 3):  # after gray and the original
        name = page.locator("#compare-grid .caption-label").nth(number).inner_text().partition("\n")[0]
        visitor.click(page.locator("#compare-grid .thumbnail-lg").nth(number))
        expect(page.locator("#compare-pair")).to_contain_text(name, timeout=PATIENCE)
    left, right = (side.inner_text() for side in sides)
    return left, right


ERRANDS: dict[str, Callable[[Visitor, Any], object]] = {
    "colour a scan": colour_a_scan,
    "a red dress": correct_one_thing,
    "a slide for tomorrow": slide_for_tomorrow,
    f"{SCANS} scans": many_scans,
    f"a deck of {DECK}": deck_of_them,
    "another network": another_network,
    "vivid, on a phone": another_look_on_a_phone,
    "all networks": all_networks,
    "two networks compared": compare_two_networks,
}


def measure(rounds: int = 3) -> Measured:
    """The page's weight, and the cost of nine errands for a visitor.

    Each is done in a real Chromium, with the project's weights and photos that the server has not seen.
    """
    with tempfile.TemporaryDirectory() as name, serving(Path(name) / "server") as server, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_browser(), args=FLAGS)
        weight = first_visit(browser, server.address, rounds)
        return Measured((weight, cost(browser, server.address, Path(name), rounds)))


def first_visit(browser: Browser, address: str, rounds: int) -> str:
    """A Markdown table: requests and bytes of a first visit, and seconds until something is seen, and the first
    picture."""
    requests: list[int] = []
    sizes: list[int] = []
    seen: list[list[float]] = []
    for _ in range(rounds):
        context = browser.new_context(viewport={"width": 1400, "height": 900})
        page = context.new_page()
        answers: list[Any] = []
        page.on("requestfinished", lambda request, answers=answers: answers.append(request))
        arrive(page, address)
        page.wait_for_function("document.querySelector('#waiting img').complete")
        page.wait_for_timeout(3000)  # what comes late; the page keeps one connection open, so it is never idle
        requests.append(len(answers))
        sizes.append(sum(answer.sizes()["responseBodySize"] for answer in answers))
        seen.append(page.evaluate(FIRST_SEEN))
        context.close()
    paint, picture = (statistics.median(column) / 1000 for column in zip(*seen, strict=True))
    heading = ("requests", "megabytes as sent", "first letters", "first picture")
    number, megabytes = statistics.median(requests), statistics.median(sizes) / 1e6
    return markdown(heading, [(f"{number:.0f}", f"{megabytes:.2f}", f"{paint:.1f} s", f"{picture:.1f} s")])


def cost(browser: Browser, address: str, folder: Path, rounds: int) -> str:
    """A Markdown table: actions and seconds of each errand."""
    jpeg = photograph(1, folder / "photograph.jpg").read_bytes()
    new = (another(jpeg, number, folder) for number in count())
    rows = []
    for name, errand in ERRANDS.items():
        actions, seconds = 0, []
        for _ in range(rounds):
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            arrive(page, address)
            visitor = Visitor(page)
            several = {many_scans: SCANS, deck_of_them: DECK}.get(errand)
            errand(visitor, [*islice(new, several)] if several else next(new))
            actions = visitor.actions
            seconds.append(visitor.seconds)
            page.close()
        rows.append((name, str(actions), middle(seconds)))
    return markdown(("errand", "actions", "until the file is there, or the divider"), rows)


def arrive(page: Page, address: str) -> None:
    """Open the page and wait until a photo can be given to it."""
    page.goto(address)
    page.locator("#photo input[type=file]").wait_for(state="attached", timeout=60_000)
