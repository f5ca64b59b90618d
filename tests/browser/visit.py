"""What a visitor does on the page, and serving a page to them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect

from colorizer.page import app_options, build_page
from colorizer.page.look.theme import CSS, HEAD, theme
from colorizer.page.session.shelf import Shelf

EXAMPLES = Path(__file__).parents[2] / "examples"


@contextmanager
def serve(weights: Path | Shelf, elsewhere: Path) -> Iterator[str]:
    """A page over a folder of checkpoints, as `launch` serves it; nothing may depend on where that is started."""
    shelf = weights if isinstance(weights, Shelf) else Shelf(weights)
    shown = build_page(shelf, EXAMPLES)
    started_in = os.getcwd()
    os.chdir(elsewhere)
    _, address, _ = shown.launch(
        theme=theme(),
        css=CSS,
        head=HEAD,
        prevent_thread_lock=True,
        quiet=True,
        show_error=False,
        run_history=False,
        app_kwargs=app_options(shelf),
    )
    try:
        yield address
    finally:
        shown.close()
        os.chdir(started_in)


def arrive(page: Page, address: str) -> None:
    """Open the page and wait until a photograph can be given to it."""
    page.goto(address)
    page.locator("#photo input[type=file]").wait_for(state="attached", timeout=30_000)
    page.wait_for_function("document.fonts.status === 'loaded'")


def upload(page: Page, path: Path) -> None:
    """Give a photograph to the first tab."""
    page.locator("#photo input[type=file]").set_input_files(path)


def look_at(page: Page, view: str) -> None:
    """Choose what the large picture shows."""
    page.locator("#view").get_by_text(view, exact=True).click()


def each_tab(page: Page) -> Iterator[str]:
    """Open one tab after the other, the first one last, and say its name: all that there are."""
    for tab in reversed(page.get_by_role("tab").all()):
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
        expect(page.get_by_role("tabpanel").filter(visible=True)).to_have_count(1)
        yield tab.inner_text()


def look_at_all(page: Page) -> Iterator[str]:
    """Show one view after the other in the large picture, and say its name."""
    for label in page.locator("#view label").all():
        label.click()
        expect(label.locator("input")).to_be_checked()
        yield label.inner_text()


def unfold_all(page: Page) -> None:
    """Open every accordion that is to be seen."""
    folded = page.locator(".label-wrap:not(.open):visible")
    while count := folded.count():
        folded.last.click()
        expect(folded).not_to_have_count(count)


def unfold(page: Page, name: str) -> None:
    """Open the accordion with this heading."""
    page.get_by_role("button", name=name, exact=False).click()


def natural_size(page: Page, name: str) -> list[int]:
    """Width and height of the picture in the component `name`, once it is there."""
    image = page.locator(f"#{name} img")
    image.wait_for(timeout=30_000)
    page.wait_for_function(f"document.querySelector('#{name} img').naturalWidth > 0")
    return image.evaluate("image => [image.naturalWidth, image.naturalHeight]")


def speak(page: Page, language: str) -> None:
    """Choose a language, by what its speakers call it."""
    page.locator("#language input").click()
    page.get_by_role("option", name=language).click()
