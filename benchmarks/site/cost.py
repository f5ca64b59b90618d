"""The site's costs for a visitor: bytes, seconds, memory."""

from __future__ import annotations

import gzip
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks.common import Measured, flagship, forget_peak, middle, peak_memory, photograph, timed
from benchmarks.visitors.browser import FLAGS, find_browser
from colorizer import Colorizer, open_photo, save_photo
from colorizer.colour.readout import preset
from colorizer.evaluation.comparison import markdown
from colorizer.site.runtime import GPU
from colorizer.site.write import PARTS

from .serving import Served, arrive, give, make_site, poll, saved, served

SIZES = (1, 12, 48)
"""Megapixels."""


def measure(sizes: tuple[int, ...] = SIZES, rounds: int = 3) -> Measured:
    """The site's costs for a visitor.

    It makes the site, serves it as any web server would, and opens it in a real Chromium: the bytes of a first visit,
    the time until the network is there, and for photographs of several sizes, in megapixels, the time to the picture in
    colour and to its PNG, with the peak memory of the browser's process for the page. On the second visit the page may
    have several cores. Beside it stands the package on the same machine, in the same minutes.
    """
    with tempfile.TemporaryDirectory() as name:
        site = make_site(Path(name))
        return Measured((bytes_of(site), times_of(site, Path(name), sizes, rounds)))


def bytes_of(site: Path) -> str:
    """A Markdown table: what a first visit loads, as it is and as servers send it that compress with gzip."""
    gpu = "later, where there is a GPU: onnxruntime-web with WebGPU"
    parts = {
        **{f"onnxruntime/{name}": gpu for name in GPU},
        "onnxruntime/": "onnxruntime-web",
        **{f"{name}.onnx": "the network" for name in PARTS},
        "examples/": "example photographs",
    }
    rest = "page, scripts, styles, typeface, words, icons"
    sums = {name: [0, 0] for name in (*parts.values(), rest)}
    for path in sorted(each for each in site.rglob("*") if each.is_file()):
        name = path.relative_to(site).as_posix()
        content = path.read_bytes()
        taken = sums[next((part for begin, part in parts.items() if name.startswith(begin)), rest)]
        taken[0] += len(content)
        taken[1] += min(len(content), len(gzip.compress(content, 6, mtime=0)))
    later = sums.pop(gpu)
    total = [sum(column) for column in zip(*sums.values(), strict=True)]
    rows = [(name, *(f"{each:,}" for each in taken)) for name, taken in (*sums.items(), ("all", total), (gpu, later))]
    return markdown(("a first visit", "bytes", "with gzip"), rows)


def times_of(site: Path, folder: Path, sizes: Sequence[int], rounds: int) -> str:
    """A Markdown table: seconds and memory in the browser and beside it, for each size in megapixels."""
    colorizer = flagship()
    lines = []
    with served(site) as server, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_browser(), args=FLAGS)
        context = browser.new_context(accept_downloads=True)
        ready, again = visits(context, server)
        for size in sizes:
            path = photograph(size, folder / f"{size}.jpg")
            page, peaks = opened(browser, context, server)
            seconds: dict[str, list[float]] = {"colour": [], "png": [], "package": []}
            for _ in range(rounds if size < 40 else 1):
                seconds["colour"].append(timed(give, page, path))
                seconds["png"].append(timed(saved, page, "png", folder / "out.png"))
                seconds["package"].append(timed(alone, colorizer, path, folder / "alone.png"))
            most = max(peaks())
            page.close()
            lines.append([f"{size} MP", *map(middle, seconds.values()), f"{most:.0f} MB"])
        browser.close()
    cores = len(os.sched_getaffinity(0))
    heading = ("photograph", "to the picture in colour", "then to its PNG", "package, file to PNG", "peak memory")
    return (
        markdown(heading, lines)
        + f"\n\nChromium with WebAssembly on {cores} cores, medians of {rounds}. The network was there {ready:.1f} s"
        f" after the page was opened for the first time, from a server on the same machine, and {again:.1f} s after it"
        " was opened again. Memory is that of the browser's process for the page, with everything in it."
    )


def visits(context: BrowserContext, server: Served) -> tuple[float, float]:
    """Seconds until the network is there, on the first visit and on the second."""
    page = context.new_page()
    first = timed(arrive, page, server.url)
    poll(page, server.kept)
    second = timed(arrive, page, server.url)
    page.close()
    return first, second


def opened(browser: Any, context: BrowserContext, server: Served) -> tuple[Page, Any]:
    """The site in a new tab, and a function that returns the peak memory of every process for pages, in MB."""
    session = browser.new_browser_cdp_session()
    page = context.new_page()
    arrive(page, server.url)
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    numbers = [process["id"] for process in processes if process["type"] == "renderer"]
    for number in numbers:
        forget_peak(number)
    return page, lambda: map(peak_memory, numbers)


def alone(colorizer: Colorizer, source: Path, target: Path) -> None:
    """The package's time for the same."""
    result = colorizer.colorize(open_photo(source), **preset("natural"))
    save_photo(result.image, target)
