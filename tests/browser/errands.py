"""Five errands of visitors, each done in a real browser with as few actions as the page allows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from .visit import unfold

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

    def act(self, step: Callable[..., None], *values: object) -> None:
        """Do something that is one click, by a function of `visit`."""
        self.actions += 1
        step(self.page, *values)

    def open_tab(self, name: str) -> None:
        """Open a tab by its heading."""
        self.click(self.page.get_by_role("tab", name=name))

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


def correct_one_thing(visitor: Visitor, photo: Path, x: float, y: float) -> Path:
    """The thing at fractions of the photo in another colour, saved."""
    page = visitor.page
    visitor.give("#photo", photo)
    page.wait_for_function("document.querySelector('#colour img')?.naturalWidth > 0", timeout=PATIENCE)
    picture = page.locator("#colour .stage-view")
    box = picture.bounding_box()
    assert box
    visitor.click(picture, position={"x": x * box["width"], "y": y * box["height"]})
    before = page.locator("#colour img").get_attribute("src") or ""
    visitor.click(page.locator(".picker-swatch").nth(3))
    expect(page.locator("#colour img")).not_to_have_attribute("src", before, timeout=PATIENCE)
    return visitor.saved("#download")


def slide_for_tomorrow(visitor: Visitor, photo: Path) -> Path:
    """A PowerPoint slide with the photo in gray and in colour."""
    visitor.give("#photo", photo)
    visitor.page.locator("#export").wait_for(timeout=PATIENCE)
    visitor.act(unfold, "Save for a presentation")
    return visitor.saved("#export-deck")


def many_scans(visitor: Visitor, photos: Sequence[Path]) -> Path:
    """A box of scans, as a ZIP of their colours."""
    visitor.open_tab("Many photos")
    visitor.give("#many-files", photos)
    expect(visitor.page.locator("#many-chosen")).to_contain_text(f"{len(photos)}", timeout=PATIENCE)
    visitor.click("#many-button")
    done = f"Coloured: {len(photos)} of {len(photos)}"
    expect(visitor.page.locator("#many-status")).to_contain_text(done, timeout=PATIENCE)
    return visitor.saved("#many-zip")


def compare_two_networks(visitor: Visitor, photo: Path) -> tuple[str, str]:
    """What stands on either side of the divider between two networks' colours."""
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
