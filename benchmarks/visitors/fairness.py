"""How long an ordinary photo waits while one visitor sends large ones."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import httpx

from benchmarks.common import meanwhile, middle, photograph, say
from colorizer.evaluation.comparison import markdown

from . import attacks
from .server import Server, serving

WAITED_FOR = 4
"""Large photos at once, at most, whose answers are waited for in the end."""


@contextmanager
def sending(server: Server, content: bytes, at_once: int) -> Iterator[list[float]]:
    """One client sends large photos, so many at once, again and again; the seconds that each took. Where they are more
    than `WAITED_FOR`, they end with the server."""
    took = list[float]()

    def send(number: int, ended: threading.Event) -> None:
        with suppress(httpx.HTTPError), attacks.client(server) as http:
            turn = 0
            while not ended.is_set():
                start, turn = time.perf_counter(), turn + 1
                photo = attacks.uploaded(http, f"{number}-{turn}.jpg", content + bytes([number, turn % 256]))
                if attacks.colorize(http, photo=photo) == "coloured":
                    took.append(time.perf_counter() - start)

    with meanwhile(*(partial(send, number) for number in range(at_once)), wait=at_once <= WAITED_FOR):
        if at_once:
            time.sleep(3 + at_once / 4)  # so that they are there first
        yield took


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


def measure(large_megapixels: int = 40, turns: int = 40) -> str:
    """How long an ordinary photo waits while one visitor sends large ones.

    A photo of a megapixel is coloured again and again: alone, while a client sends large photos one after another, and
    while it sends four and forty at once. Each time the server is new. turns: photos that the ordinary visitor has
    coloured.
    """
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large, small = (photograph(size, folder / f"{size}.jpg").read_bytes() for size in (large_megapixels, 1))
        cases = (("nothing else", 0), ("one at a time", 1), ("four at once", 4), ("forty at once", 40))
        for number, (case, at_once) in enumerate(cases):
            with serving(folder / str(number)) as server:
                ordinary(server, small + b"first", 1)
                with sending(server, large, at_once) as took:
                    waits = ordinary(server, small, turns)
            each = middle(took, 0) if 0 < at_once <= WAITED_FOR else ""
            rows.append((case, middle(waits), f"{max(waits):.1f} s", each))
            say(*rows[-1])
    heads = (f"large photos of {large_megapixels} MP", "an ordinary one: median", "at most", "a large one: median")
    return markdown(heads, rows)
