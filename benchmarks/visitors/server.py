"""Runs the page in its own process, as for visitors, and measures its use of the machine, on Linux, from /proc."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import httpx

from benchmarks.common import ROOT, free_port, status

PATIENCE = 120.0
"""Seconds to wait for a server to start."""


class Sample(NamedTuple):
    """A server's use of resources at one moment."""

    memory: float
    """Resident memory, MB."""
    handles: int
    """Open files, sockets and pipes."""
    threads: int
    kept: int
    """Uploads and results in Gradio's cache, which keeps them for a day."""
    kept_megabytes: float
    temporary: int
    """Other files in the temporary folder."""


@dataclass(frozen=True)
class Server:
    """A running server."""

    address: str
    """Ends in a slash."""
    pid: int
    cache: Path
    """Gradio's."""
    temporary: Path

    def sample(self) -> Sample:
        """Its use of resources now."""
        kept = [path.stat().st_size for path in self.cache.rglob("*") if path.is_file()]
        temporary = sum(path.is_file() for path in self.temporary.rglob("*"))
        memory, handles = status(self.pid, "VmRSS") / 1024, len(os.listdir(f"/proc/{self.pid}/fd"))
        return Sample(memory, handles, status(self.pid, "Threads"), len(kept), sum(kept) / 1e6, temporary)

    def processor(self) -> float:
        """Seconds of processor time so far, with those of the processes that it started."""
        ticks = 0
        for pid in (self.pid, *children(self.pid)):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))  # in the program and in the system; the same of processes that ended
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(folder: Path, weights: Path | None = None) -> Iterator[Server]:
    """Run `python app.py` on a free port, with the project's weights or others, until the end of the block; its files
    are in `folder`. Raises TimeoutError, with its last output, if it does not answer."""
    port = free_port()
    cache, temporary, log = folder / "cache", folder / "temporary", folder / "log"
    for made in (cache, temporary):
        made.mkdir(parents=True)
    environment = {
        **os.environ,
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_TEMP_DIR": str(cache),
        "TMPDIR": str(temporary),
    }
    if weights:
        environment["COLORIZER_WEIGHTS"] = str(weights)
    with log.open("w") as out:
        process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=out, stderr=out)
    try:
        address = f"http://127.0.0.1:{port}/"
        _wait_for(process, address, log)
        yield Server(address, process.pid, cache, temporary)
    finally:
        if process.poll() is not None:
            print(f"the server ended by itself ({process.returncode}): {log.read_text()[-2000:]}", file=sys.stderr)
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        try:
            httpx.get(f"{address}config", timeout=10).raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise TimeoutError(f"the server does not answer: {log.read_text()[-500:]}")


def children(pid: int) -> list[int]:
    """Processes that a process started, and that these did."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:  # it ended
            continue
    return found + [each for child in found for each in children(child)]


def resident(pid: int) -> int:
    """Bytes of memory; what processes share counts for each."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0
