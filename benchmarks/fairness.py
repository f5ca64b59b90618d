"""How long an ordinary photo waits while one visitor sends large ones: `python -m benchmarks.fairness [--write]`.

A photo of a megapixel is coloured again and again: alone, while a client sends large photos one after another, and
while it sends four and forty at once. Each time the server is new. `--write` puts the table into docs/load.md.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import numpy as np
from PIL import Image

from colorizer.evaluation.comparison import markdown
from colorizer.files.between import write_between

from . import attacks
from .server import ROOT, Server, serving

DOCUMENT = ROOT / "docs" / "load.md"
SIDE = 6300
"""Of the large photos, in pixels."""
TURNS = 40
"""Photos that the ordinary visitor has coloured."""
WAITED_FOR = 4
"""Large photos at once, at most, whose answers are waited for in the end."""


def made(folder: Path, width: int, height: int, name: str) -> Path:
    """A photograph of smooth shades with some grain, as a JPEG."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    shades = 128 + 90 * np.sin(x / width * 9) * np.cos(y / height * 7)
    grain = np.random.default_rng(0).integers(-8, 8, (height, width))
    path = folder / name
    Image.fromarray(np.clip(shades + grain, 0, 255).astype(np.uint8)).convert("RGB").save(path, quality=90)
    return path


@contextmanager
def sending(server: Server, content: bytes, at_once: int) -> Iterator[list[float]]:
    """One client sends large photos, so many at once, again and again; the seconds that each took. Where they are more
    than `WAITED_FOR`, they end with the server."""
    ended, took = threading.Event(), list[float]()

    def send(number: int) -> None:
        with suppress(httpx.HTTPError), attacks.client(server) as http:
            turn = 0
            while not ended.is_set():
                start, turn = time.perf_counter(), turn + 1
                photo = attacks.uploaded(http, f"{number}-{turn}.jpg", content + bytes([number, turn % 256]))
                if attacks.colorize(http, photo=photo) == "coloured":
                    took.append(time.perf_counter() - start)

    threads = [threading.Thread(target=send, args=[number], daemon=True) for number in range(at_once)]
    for thread in threads:
        thread.start()
    if at_once:
        time.sleep(3 + at_once / 4)  # so that they are there first
    try:
        yield took
    finally:
        ended.set()
        for thread in threads[: at_once if at_once <= WAITED_FOR else 0]:
            thread.join()


def ordinary(server: Server, content: bytes, turns: int) -> list[float]:
    """Seconds from a question to its answer, of photos that are new each time."""
    waits = []
    with attacks.client(server) as http:
        for turn in range(turns):
            photo = attacks.uploaded(http, f"{turn}.jpg", content + bytes([turn]))
            start = time.perf_counter()
            said = attacks.colorize(http, photo=photo)
            waits.append(time.perf_counter() - start)
            if said != "coloured":
                raise RuntimeError(said)
    return waits


def measure(side: int, turns: int, say: Callable[[str], None]) -> str:
    """A Markdown table."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large = made(folder, side, side, "large.jpg").read_bytes()
        small = made(folder, 1200, 900, "small.jpg").read_bytes()
        cases = (("nothing else", 0), ("one at a time", 1), ("four at once", 4), ("forty at once", 40))
        for number, (case, at_once) in enumerate(cases):
            with serving(folder / str(number)) as server:
                ordinary(server, small + b"first", 1)
                with sending(server, large, at_once) as took:
                    waits = ordinary(server, small, turns)
            each = f"{statistics.median(took):.0f} s" if 0 < at_once <= WAITED_FOR else ""
            rows.append((case, f"{statistics.median(waits):.1f} s", f"{max(waits):.1f} s", each))
            say(str(rows[-1]))
    heads = (f"large photos of {side * side / 1e6:.0f} MP", "an ordinary one: median", "at most", "a large one: median")
    return markdown(heads, rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print, or write."""
    summary = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fairness", description=summary)
    parser.add_argument("--side", type=int, default=SIDE, help=f"of the large photos, in pixels (default {SIDE})")
    parser.add_argument("--turns", type=int, default=TURNS, help=f"ordinary photos (default {TURNS})")
    parser.add_argument("--write", action="store_true", help="put the table into docs/load.md")
    options = parser.parse_args(arguments)
    table = measure(options.side, options.turns, lambda line: print(line, file=sys.stderr, flush=True))
    print(table)
    if options.write:
        write_between(DOCUMENT, "<!-- fairness -->", "<!-- end of fairness -->", table, "table")


if __name__ == "__main__":
    main()
