"""A visitor's steps on the page, and serving a page to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conftest import colour_photo, wait_for
from playwright.sync_api import Locator, Page, expect

from colorizer.colour.readout import PRESETS
from colorizer.page import app_options, build_page
from colorizer.page.gradio_server import WITHOUT_KNOCKING
from colorizer.page.session.shelf import Shelf
from colorizer.page.theme import CSS, HEAD, theme

EXAMPLES = Path(__file__).parents[2] / "examples"


@contextmanager
def serve(weights: Path | Shelf, port: int | None = None) -> Iterator[str]:
    """A page over a folder of checkpoints, as `launch` serves it."""
    shelf = weights if isinstance(weights, Shelf) else Shelf(weights)
    shown = build_page(shelf, EXAMPLES)
    _, address, _ = shown.launch(
        theme=theme(),
        css=CSS,
        head=HEAD,
        server_port=port,
        prevent_thread_lock=True,
        quiet=True,
        show_error=False,
        run_history=False,
        app_kwargs=app_options(shelf),
        **WITHOUT_KNOCKING,
    )
    try:
        yield address
    finally:
        try:
            shown.close()
        except RuntimeError:  # a visitor left at this moment, and Gradio's own thread wakes those who wait for the end
            shown.close()


def arrive(page: Page, address: str) -> None:
    """Open the page and wait until a photograph can be given to it."""
    page.goto(address)
    page.locator("#photo input[type=file]").wait_for(state="attached")
    page.wait_for_function("document.fonts.status === 'loaded'")


def upload(page: Page, path: Path) -> None:
    """Upload a photograph on the first tab."""
    page.locator("#photo input[type=file]").set_input_files(path)


def example(page: Page, name: str, gallery: str = "examples") -> Locator:
    """The button of an example, by its file's name."""
    return page.locator(f"#{gallery} button:has(img[src*='{name}'])")


def look_at(page: Page, view: str) -> None:
    """Choose how the stage shows the photograph."""
    page.locator("#view").get_by_text(view, exact=True).click()


def look_closely(page: Page) -> None:
    """Show one large picture, in which a visitor corrects colours."""
    page.locator('#view label:has(input[value="picture"])').click()


def pull(page: Page, part: str) -> None:
    """Open a part of the drawer: "look", "correct", "network" or "save"."""
    button = page.locator(f"#desk [data-part={part}]")
    if button.get_attribute("aria-expanded") != "true":
        button.click()


def pull_all(page: Page) -> Iterator[str]:
    """Open every part of the drawer, and all that is folded there, and yield its name."""
    for button in page.locator("#desk [data-part]").all():
        if button.get_attribute("aria-expanded") != "true":
            button.click()
        unfold_all(page)
        yield button.get_attribute("data-part")


def each_state(page: Page) -> Iterator[str]:
    """Open every tab with all that is folded there, the first one last, then every part of its drawer."""
    for tab in each_tab(page):
        unfold_all(page)
        yield tab
    yield from pull_all(page)


def each_tab(page: Page) -> Iterator[str]:
    """Open every tab, the first one last, and yield its name."""
    panel = page.get_by_role("tabpanel").filter(visible=True)
    for tab in reversed(page.get_by_role("tab").all()):
        before = panel.element_handle()  # stays for a moment after its tab was left
        # On a busy machine a phone's row of tabs may move under the first click.
        wait_for(lambda tab=tab: tab.get_attribute("aria-selected") == "true" or tab.click())
        before.wait_for_element_state("hidden")
        expect(panel).to_have_count(1)
        yield tab.inner_text()


def look_at_all(page: Page) -> Iterator[str]:
    """Show the photograph in every way that the stage has, and yield its name."""
    for label in page.locator("#view label").all():
        label.click()
        expect(label.locator("input")).to_be_checked()
        expect(page.locator("[data-testid=status-tracker]:not(.hide):visible")).to_have_count(0)  # a sign that fades
        yield label.inner_text()


def unfold_all(page: Page) -> None:
    """Open every visible accordion."""
    folded = page.locator(".label-wrap:not(.open):visible")
    while count := folded.count():
        folded.last.click()
        expect(folded).not_to_have_count(count)


def unfold(page: Page, name: str) -> None:
    """Open the accordion with this heading, wherever it is."""
    heading = page.get_by_role("button", name=name, exact=False)
    if not heading.count():
        pull(page, "look")
    heading.click()


def choose_network(page: Page, name: str) -> None:
    """Choose a network in the first tab's list."""
    pull(page, "network")
    page.locator("#checkpoint label", has_text=name).click()


def natural_size(page: Page, name: str) -> list[int]:
    """Width and height of the picture in the component `name`, once it is there."""
    image = page.locator(f"#{name} img")
    image.wait_for(state="attached")
    page.wait_for_function(f"document.querySelector('#{name} img').naturalWidth > 0")
    return image.evaluate("image => [image.naturalWidth, image.naturalHeight]")


def give_photo(page: Page, folder: Path, size: tuple[int, int] = (300, 200), name: str = "a.png") -> None:
    """Upload a photo, made in `folder`, and wait for it in colour."""
    colour_photo(*size).save(folder / name)
    upload(page, folder / name)
    natural_size(page, "colour")


def put(page: Page, folder: Path) -> None:
    """Upload a photo, made in `folder`, and wait until all that is shown of it is there."""
    give_photo(page, folder)
    expect(page.locator("#preset img[src]")).to_have_count(len(PRESETS))


def wait_until_kept(page: Page, what: str) -> None:
    """Wait until the browser keeps a work of which this script is true."""
    script = f"""() => new Promise((resolve) => {{
      const opening = indexedDB.open('colorizer', 1);
      opening.onsuccess = () => {{
        const all = opening.result.transaction('works').objectStore('works').getAll();
        all.onsuccess = () => {{ opening.result.close(); resolve(all.result.some((work) => {what})); }};
      }};
    }})"""
    page.wait_for_function(script, polling=200)


def speak(page: Page, language: str) -> None:
    """Choose a language by its own name for itself."""
    page.locator("#language input").click()
    page.get_by_role("option", name=language).click()
