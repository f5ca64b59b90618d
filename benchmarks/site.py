"""What the site costs a visitor: `python -m benchmarks.site [--write]`.

It makes the site, serves it as any web server would, and opens it in a real Chromium: the bytes of a first visit, the
time until the network is there, and for photographs of several sizes the time to the picture in colour and to its PNG,
with the peak memory of the browser's process for the page. On the second visit the page may have several cores. Beside
it stands the package on the same machine, in the same minutes. `--write` puts the tables into docs/site.md.
"""

from __future__ import annotations

import argparse
import gzip
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from colorizer import Colorizer, open_photo, save_photo
from colorizer.colour.readout import preset
from colorizer.evaluation.comparison import markdown
from colorizer.files.between import write_between
from colorizer.site.network import PARTS
from colorizer.site.runtime import GPU
from tests.browser.find import FLAGS, find_browser
from tests.browser.site.serving import Served, arrive, give, make_site, poll, saved, served

from .full_resolution import photograph
from .load import CHECKPOINT
from .server import ROOT

DOCUMENT = ROOT / "docs" / "site.md"
SIZES = (1, 12, 48)
"""Megapixels."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print, or write; returns the exit code."""
    summary = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.site", description=summary)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="megapixels")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/site.md")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        site = make_site(folder)
        visit = bytes_of(site)
        times = measure(site, folder, options.sizes, options.rounds)
    print(visit, times, sep="\n\n")
    if options.write:
        write_between(DOCUMENT, "<!-- first visit -->", "<!-- end of first visit -->", visit, "table")
        write_between(DOCUMENT, "<!-- times -->", "<!-- end of times -->", times, "table")
    return 0


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


def measure(site: Path, folder: Path, sizes: Sequence[int], rounds: int) -> str:
    """A Markdown table: seconds and memory in the browser and beside it, for each size in megapixels."""
    colorizer = Colorizer.from_checkpoint(CHECKPOINT, device="cpu")
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
            middle = {name: statistics.median(values) for name, values in seconds.items()}
            row = [f"{size} MP", *(f"{middle[name]:.1f} s" for name in ("colour", "png", "package")), f"{most:.0f} MB"]
            lines.append(row)
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
    poll(page, "caches.keys().then(async ([name]) => (await (await caches.open(name)).keys()).length > 35)")
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
        Path(f"/proc/{number}/clear_refs").write_text("5", encoding="ascii")  # forget the peak
    return page, lambda: [peak(number) for number in numbers]


def peak(process: int) -> float:
    """Peak resident memory in MB."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def alone(colorizer: Colorizer, source: Path, target: Path) -> None:
    """What the package does for the same."""
    result = colorizer.colorize(open_photo(source), **preset("natural"))
    save_photo(result.image, target)


def timed(work: Callable[..., object], *given: Any) -> float:
    start = time.perf_counter()
    work(*given)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
