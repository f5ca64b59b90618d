"""The harm that strangers do to a server, and the waits of others meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx

from benchmarks.common import Measured, meanwhile, say
from colorizer.evaluation.comparison import markdown

from . import attacks
from .attacks import Attack
from .hostile_files import float_tiff, many_scans, png, webp
from .load import photographs
from .server import Server, children, resident, serving

LIMIT = 2_000_000_000
"""Bytes of all the server's processes."""
CACHE = 200_000_000
"""Bytes of its uploads and results."""
STOP = 8.0
"""Seconds within which the server must end."""

SCANS = partial(many_scans, 4000, 3000, 2000)
LARGE = partial(png, 6300, 6300, kind=2)
ATTACKS = [
    Attack("PNG, 1 × 60,000,000", "195 s, 18.3 GB", attacks.photographs("a.png", lambda: png(1, 60_000_000))),
    Attack("PNG, 120,000,000 × 1", "an empty error", attacks.photographs("a.png", lambda: png(120_000_000, 1))),
    Attack("PNG of 119 MP, 16 bits, 233 kB", "5.6 GB", attacks.photographs("a.png", lambda: png(10_900, 10_900, 16))),
    Attack("TIFF of 119 MP, floats", "5.6 GB", attacks.photographs("a.tif", float_tiff)),
    Attack("WebP of 34 bytes", "3.3 GB", attacks.photographs("a.webp", webp)),
    Attack("JPEG of 2,000 scans", "others waited 223 s", attacks.photographs("a.jpg", SCANS)),
    Attack("four of them, and leaving at once", "no previews for others", attacks.leaves_at_once),
    Attack("four PNGs of 40 MP at once", "others waited 149 s", attacks.photographs("a.png", LARGE, count=4)),
    Attack("40 of them at once, answers never fetched", "others waited 151 s", attacks.crowd(LARGE, 40)),
    Attack("60 PNGs of 4 MP at once", "more than 2 GB", attacks.crowd(lambda: png(2000, 2000, kind=2), 60)),
    Attack("45 MB of hints", "17.1 GB, no answer for a minute", attacks.hints),
    Attack("200 questions of 1 MB", "new", attacks.many_questions),
    Attack("45 slow and 200 quick calls of tools", "not tried", attacks.tools),
    Attack("a film to process", "stays for good", attacks.recording),
    Attack("20,000 tiny files", "5,000 counted as 24 kB", attacks.tiny_files),
    Attack("100 uploads that break off", "half files stay", attacks.broken_uploads),
    Attack("300 slow connections", "open for ever", attacks.slow_connections),
]


@dataclass
class Waits:
    """How long a polite visitor waited, in seconds, at most."""

    page: float = 0.0
    photo: float = 0.0
    problems: list[str] = field(default_factory=list)


def measure(only: str = "") -> Measured:
    """Attacks on a running server.

    The server is told that it has 2 GB, and is ended by force, as a container would be, when its processes take more.
    While an attack is under way, a polite visitor opens the page and has a photograph coloured, again and again. The
    exit code is 1 where the server or the visitor came to harm. only: attacks whose name contains this.
    """
    table, unharmed = attacked([attack for attack in ATTACKS if only in attack.name])
    return Measured((table,), unharmed, whole=not only)


def attacked(tried: Sequence[Attack]) -> tuple[str, bool]:
    """A Markdown table of the attacks, and whether nobody came to harm."""
    rows, unharmed = [], True
    os.environ["COLORIZER_MEMORY_GB"] = str(LIMIT / 1e9)
    os.environ["COLORIZER_CACHE_GB"] = str(CACHE / 1e9)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (photo,) = photographs(1, folder)
        for number, attack in enumerate(tried):
            with serving(folder / str(number)) as server:
                with polite(server, photo) as first:
                    time.sleep(3)  # torch and the weights are loaded
                with memory_of(server.pid) as memory, polite(server, photo) as waits:
                    start = time.perf_counter()
                    said = attack.run(server)
                    seconds = time.perf_counter() - start
                ended = stop(server)
            problems = [*first.problems, *waits.problems]
            unharmed &= not problems and memory.peak < LIMIT and ended < STOP
            say(f"{attack.name}: {said} {problems or ''}")
            waited = f"{waits.page:.1f} s, {waits.photo:.1f} s"
            took, most = f"{seconds:.1f} s", f"{memory.peak / 1e6:.0f} MB"
            rows.append((attack.name, attack.before, shortened(said), took, most, waited, f"{ended:.1f} s"))
    heads = ("attack", "before", "now", "took", "peak memory", "others waited: page, photo", "SIGTERM")
    return markdown(heads, rows), unharmed


def shortened(said: str) -> str:
    """The first clause of an answer."""
    first = said.replace("|", "/").partition("; ")[0]
    return first if len(first) <= 90 else first[:90].rsplit(" ", 1)[0] + " …"


@contextmanager
def polite(server: Server, photo: Path, visits: Sequence[str] = ("page", "photo")) -> Iterator[Waits]:
    """Open the page and have a photograph coloured, again and again, while the block runs, at another address than the
    strangers'; which only Linux has without setup."""
    waits, content = Waits(), photo.read_bytes()

    def visit(what: str, ended: threading.Event) -> None:
        with attacks.client(server, "127.0.0.2") as http:
            mine = attacks.uploaded(http, f"{what}.jpg", content) if what == "photo" else None
            turn = 0
            while True:
                start, turn = time.perf_counter(), turn + 1
                try:
                    if mine:
                        said = attacks.colorize(http, photo=mine, saturation=1 + turn % 100 / 100)
                    else:
                        said = str(http.get(server.address).status_code)
                except (httpx.HTTPError, ValueError) as error:
                    said = f"{type(error).__name__}: {error}"
                setattr(waits, what, max(getattr(waits, what), time.perf_counter() - start))
                if said not in ("coloured", "200"):
                    waits.problems.append(said)
                if ended.wait(0.5):
                    return

    with meanwhile(*(partial(visit, what) for what in visits)):
        yield waits


class Memory:
    """The most memory that a process and its children took together, in bytes."""

    peak = 0.0


@contextmanager
def memory_of(pid: int) -> Iterator[Memory]:
    """Watch while the block runs, 50 times a second; who takes more than `LIMIT` is killed."""
    memory = Memory()

    def watch(ended: threading.Event) -> None:
        while not ended.wait(0.02):
            taken = sum(map(resident, [pid, *children(pid)]))
            memory.peak = max(memory.peak, taken)
            if taken > LIMIT:
                os.kill(pid, signal.SIGKILL)
                return

    with meanwhile(watch):
        yield memory


def stop(server: Server) -> float:
    """Seconds from SIGTERM to the server's end."""
    start = time.perf_counter()
    os.kill(server.pid, signal.SIGTERM)
    while time.perf_counter() - start < 30 and _runs(server.pid):
        time.sleep(0.02)
    return time.perf_counter() - start


def _runs(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(state) and not state.startswith("Z")
