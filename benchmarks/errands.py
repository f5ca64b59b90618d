"""What five errands cost a visitor, and what the page weighs: `python -m benchmarks.errands [--write]`.

Each errand of `tests/browser/errands.py` is done in a real Chromium, with the project's weights and photos that the
server has not seen. `--write` puts the tables into docs/page.md.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from colorizer.evaluation.comparison import markdown
from colorizer.files.between import write_between
from tests.browser import errands
from tests.browser.errands import Visitor
from tests.browser.find import FLAGS, find_browser

from .full_resolution import photograph
from .page import another
from .server import ROOT, serving

DOCUMENT = ROOT / "docs" / "page.md"
SCANS = 60
FIRST_SEEN = """() => [performance.getEntriesByName('first-contentful-paint')[0].startTime,
  performance.getEntriesByName(document.querySelector('#waiting img').src)[0].responseEnd]"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print, or write; returns the exit code."""
    summary = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.errands", description=summary)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/page.md")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, serving(Path(name) / "server") as server, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_browser(), args=FLAGS)
        weight = first_visit(browser, server.address, options.rounds)
        costs = cost(browser, server.address, Path(name), options.rounds)
        browser.close()
    print(weight, costs, sep="\n\n")
    if options.write:
        write_between(DOCUMENT, "<!-- first visit -->", "<!-- end of first visit -->", weight, "table")
        write_between(DOCUMENT, "<!-- errands -->", "<!-- end of errands -->", costs, "table")
    return 0


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
    row = (
        f"{statistics.median(requests):.0f}",
        f"{statistics.median(sizes) / 1e6:.2f}",
        f"{paint:.1f} s",
        f"{picture:.1f} s",
    )
    return markdown(heading, [row])


def cost(browser: Browser, address: str, folder: Path, rounds: int) -> str:
    """A Markdown table: actions and seconds of each errand."""
    jpeg = photograph(1, folder / "photograph.jpg").read_bytes()
    numbers = iter(range(10_000))

    def new() -> Path:
        return another(jpeg, next(numbers), folder)

    todo: dict[str, Callable[[Visitor], object]] = {
        "colour a scan": lambda visitor: errands.colour_a_scan(visitor, new()),
        "a red dress": lambda visitor: errands.correct_one_thing(visitor, new(), 0.4, 0.5),
        "a slide for tomorrow": lambda visitor: errands.slide_for_tomorrow(visitor, new()),
        f"{SCANS} scans": lambda visitor: errands.many_scans(visitor, [new() for _ in range(SCANS)]),
        "two networks compared": lambda visitor: errands.compare_two_networks(visitor, new()),
    }
    rows = []
    for name, errand in todo.items():
        actions, seconds = 0, []
        for _ in range(rounds):
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            arrive(page, address)
            visitor = Visitor(page)
            errand(visitor)
            actions = visitor.actions
            seconds.append(visitor.seconds)
            page.close()
        rows.append((name, str(actions), f"{statistics.median(seconds):.1f} s"))
    return markdown(("errand", "actions", "until the file is there, or the divider"), rows)


def arrive(page: Page, address: str) -> None:
    """Open the page and wait until a photo can be given to it."""
    page.goto(address)
    page.locator("#photo input[type=file]").wait_for(state="attached", timeout=60_000)


if __name__ == "__main__":
    sys.exit(main())
