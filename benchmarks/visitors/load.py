"""Many visitors at once."""

from __future__ import annotations

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import numpy as np
from gradio_client import Client, handle_file
from gradio_client.utils import QueueError
from PIL import Image, ImageOps

from benchmarks.common import EXAMPLES, FLAGSHIP, Measured, flagship, forget_peak, meanwhile, middle, peak_memory, timed
from colorizer import open_photo
from colorizer.checkpoints.card import WEIGHTS
from colorizer.evaluation.comparison import markdown

from .server import PATIENCE, Server, serving

AGAIN = 2.0
"""Seconds until a refused client tries again."""
ALONE = 16
"""Photos that are sent one by one."""


class Served(NamedTuple):
    """The outcome of a client."""

    verdict: str
    """"own" picture, "another" picture, or the message received instead."""
    seconds: float
    refused: int
    """How often the queue was full."""


class Alone(NamedTuple):
    """The package's needs for one photo by itself."""

    seconds: float
    processor: float
    """Seconds of processor time."""


class Answered(NamedTuple):
    """Seconds until the page was loaded, for each time it was opened."""

    page: list[float]
    config: list[float]


def measure(clients: int = 64, weights: Path = WEIGHTS) -> Measured:
    """Many visitors at once.

    Each visitor is a separate client with its own photograph, made from the examples, and knows which picture it must
    get: that of `Colorizer.colorize`, pixel by pixel. A full queue may refuse it; then it tries again. Meanwhile
    another client opens the page again and again, and the server's memory is watched. The exit code is 1 if a client
    did not get its own picture.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = photographs(1 + ALONE + clients, folder)
        first, lone, paths = paths[:1], paths[1 : 1 + ALONE], paths[1 + ALONE :]
        alone, pictures = expected([*first, *lone, *paths], weights)
        with serving(folder / "server", weights) as server:
            _one_by_one(server, first, folder)  # loads torch and the weights
            with opening(server) as idle:
                time.sleep(5)
            one_by_one = _one_by_one(server, lone, folder)
            forget_peak(server.pid)
            before, start, spent = server.sample(), time.perf_counter(), (server.processor(), time.process_time())
            with opening(server) as busy:
                served = crowd(server, paths, pictures, folder)
            seconds, peak = time.perf_counter() - start, peak_memory(server.pid)
            each = (server.processor() - spent[0]) / clients, (time.process_time() - spent[1]) / clients
            sizes = {path: _sizes(f"{server.address}{path}") for path in ("", "config")}
            told = _sizes(f"{server.address}config", "gradio_client/")
    verdicts = Counter(client.verdict for client in served)
    ratio = seconds / clients / alone.seconds
    rows = [
        ("clients at once", clients),
        ("got their own picture, pixel by pixel", verdicts.pop("own", 0)),
        ("got another's, or none", f"{sum(verdicts.values())} {dict(verdicts) if verdicts else ''}".strip()),
        ("refused by a full queue, then served", sum(client.refused > 0 for client in served)),
        ("all were served after", f"{seconds:.1f} s ({ratio:.1f} × the package alone, one by one)"),
        ("half were served after", middle([client.seconds for client in served])),
        ("the server's processor time for each", _times(each[0], alone)),
        ("the clients' processor time for each", _times(each[1], alone)),
        ("the server's for a client that stays", _times(one_by_one, alone)),
        ("server's memory: before, at most", f"{before.memory:.0f} MB, {peak:.0f} MB"),
        ("the page, idle: median, 95th percentile", latency(idle.page)),
        ("the page, meanwhile", latency(busy.page)),
        ("its /config, idle", latency(idle.config)),
        ("its /config, meanwhile", latency(busy.config)),
        ("the page's HTML: size, as sent", sizes[""]),
        ("its /config: size, as sent", sizes["config"]),
        ("the same for `gradio_client`", told),
    ]
    return Measured((markdown(("", ""), [(name, str(value)) for name, value in rows]),), not verdicts)


def photographs(count: int, folder: Path) -> list[Path]:
    """Different JPEGs made from the examples: crops, mirrored or not, with different brightness and tint."""
    examples = sorted(EXAMPLES.glob("*.jpg"))
    random = np.random.default_rng(0)
    paths = []
    for number in range(count):
        with Image.open(examples[number % len(examples)]) as example:
            photo = example.convert("RGB")
        left, top = (int(random.uniform(0, 0.2) * side) for side in photo.size)
        photo = photo.crop((left, top, left + int(photo.width * 0.8), top + int(photo.height * 0.8)))
        photo = ImageOps.mirror(photo) if number // len(examples) % 2 else photo
        tinted = np.asarray(photo) * random.uniform(0.6, 1.0, 3)
        paths.append(folder / f"photograph-{number}.jpg")
        Image.fromarray(tinted.astype(np.uint8)).save(paths[-1], quality=92)
    return paths


def expected(paths: Sequence[Path], weights: Path = WEIGHTS) -> tuple[Alone, dict[Path, np.ndarray]]:
    """The package's own needs for a photograph, and the picture expected for each."""
    colorizer = flagship(weights)
    np.asarray(colorizer.colorize(open_photo(paths[0])).image)
    start, spent = time.perf_counter(), time.process_time()
    pictures = {path: np.asarray(colorizer.colorize(open_photo(path)).image) for path in paths}
    seconds, processor = time.perf_counter() - start, time.process_time() - spent
    return Alone(seconds / len(paths), processor / len(paths)), pictures


def _one_by_one(server: Server, paths: Sequence[Path], folder: Path) -> float:
    """Seconds of the server's processor time for a photograph of one client that stays connected."""
    client = connect(server, folder / "one-by-one")
    start = server.processor()
    for path in paths:
        client.predict(photo=handle_file(path), checkpoint=FLAGSHIP, api_name="/colorize")
    return (server.processor() - start) / len(paths)


def _times(seconds: float, alone: Alone) -> str:
    """Processor time, and how many times as much as the package needs."""
    return f"{seconds:.2f} s ({seconds / alone.processor:.1f} × the package's)"


def _sizes(address: str, agent: str = "Mozilla/") -> str:
    """How large an answer is, and what of it is sent."""
    answer = httpx.get(address, headers={"User-Agent": agent}, timeout=PATIENCE).raise_for_status()
    return f"{len(answer.content) / 1e3:.0f} kB, {answer.num_bytes_downloaded / 1e3:.0f} kB"


def crowd(server: Server, paths: Sequence[Path], pictures: dict[Path, np.ndarray], folder: Path) -> list[Served]:
    """One client for each photograph, as patient as by default. All connect at once, and ask."""
    together = threading.Barrier(len(paths))

    def visit(path: Path) -> Served:
        together.wait()
        start, refused, client = time.perf_counter(), 0, None
        while True:
            try:
                client = client or Client(server.address, verbose=False, download_files=folder / f"answers-{path.stem}")
                file, _ = client.predict(photo=handle_file(path), checkpoint=FLAGSHIP, api_name="/colorize")
            except QueueError:
                refused += 1
                time.sleep(AGAIN)
                continue
            except Exception as error:  # any error is this client's outcome
                return Served(f"{type(error).__name__}: {error}", time.perf_counter() - start, refused)
            seconds = time.perf_counter() - start
            with Image.open(file) as picture:
                own = np.array_equal(np.asarray(picture), pictures[path])
            return Served("own" if own else "another", seconds, refused)

    with ThreadPoolExecutor(len(paths)) as pool:
        return list(pool.map(visit, paths))


def connect(server: Server, folder: Path) -> Client:
    """A patient client, for a server that is kept busy for hours. folder: for its answers."""
    return Client(server.address, verbose=False, download_files=folder, httpx_kwargs={"timeout": PATIENCE})


@contextmanager
def opening(server: Server, pause: float = 0.2) -> Iterator[Answered]:
    """Open the page again and again while the block runs; the figures grow meanwhile."""
    answered = Answered([], [])

    def open_page(ended: threading.Event) -> None:
        with httpx.Client(timeout=PATIENCE) as visitor:
            while not ended.wait(pause):
                for found, path in ((answered.page, ""), (answered.config, "config")):
                    found.append(timed(lambda url: visitor.get(url).raise_for_status(), f"{server.address}{path}"))

    with meanwhile(open_page):
        yield answered


def latency(seconds: Sequence[float]) -> str:
    """Median and 95th percentile, as text."""
    return f"{np.median(seconds):.3f} s, {np.percentile(seconds, 95):.3f} s"
