"""Photographs of strangers are decoded in processes of their own, few at once, each with a limit on time and memory.

Decoders are C code that a small file can keep busy for minutes, make hungry for gigabytes, or crash. Here that ends a
process that nobody else needs. `open_photo` does the same work within the caller's process.
"""

from __future__ import annotations

import atexit
import json
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from ..errors import PhotoError
from .decoder import Decoder
from .limits import MAX_BYTES, MAX_PIXELS

PROCESSES = 2
"""Photographs that are decoded at once."""
HEADER_SECONDS = 5.0
"""For what is known before decoding."""
SECONDS, SECONDS_PER_MEGAPIXEL = 3.0, 0.1
"""For decoding: 15 seconds for the largest photograph, of which a plain JPEG takes two."""
BUSY = 4
"""How many times longer these may take by the clock: on a busy machine a process computes only now and then."""
ON_THE_WAY = 7
"""Bytes per pixel between a decoder's memory and the picture: three that are passed on, and four here."""
LOOK = 0.05
"""Seconds from one look at the clock, and whether the asker is still there, to the next."""


class NobodyWaits(Exception):
    """Who asked for a photograph has left."""


def _stays() -> bool:
    return False


class DecoderPool:
    """Decodes photographs as `open_photo` does, elsewhere. Any number of threads may ask; they are served in the order
    in which they came."""

    def __init__(self, processes: int = PROCESSES, max_pixels: int = MAX_PIXELS, max_bytes: int = MAX_BYTES):
        self.max_pixels = max_pixels
        """Limit on a photograph."""
        self.max_bytes = max_bytes
        """Bytes that all processes together may take for decoding, and so may one."""
        self._places = _Line(processes)
        self._memory = _Line(max_bytes)
        self._lock = threading.Lock()
        self._free: list[Decoder] = []
        self._at_work: set[Decoder] = set()
        atexit.register(self.close)

    def open(
        self, source: str | os.PathLike[str] | bytes, *, name: str = "", left: Callable[[], bool] = _stays
    ) -> Image.Image:
        """A photograph, PIL mode "RGB", upright, sRGB.

        source: a path, or the encoded bytes. name: as `open_photo` has it. left: whether the asker has left, asked from
        other threads now and then. Raises PhotoError, also for what takes too long or too much memory, and NobodyWaits.
        """
        name = name or ("The photo" if isinstance(source, bytes) else Path(source).name)
        with self._places.taken(1, left), self._process() as process, _Watch(process, left) as watch:
            watch.allow(HEADER_SECONDS)
            process.send(json.dumps(self._question(source, name)).encode() + b"\n")
            if isinstance(source, bytes):
                process.send(source)
            header = watch.result(process.answer(), name)
            watch.allow(None)
            need = header["need"] + ON_THE_WAY * header["pixels"]
            with self._memory.taken(min(need, self.max_bytes), left):
                seconds = SECONDS + SECONDS_PER_MEGAPIXEL * header["pixels"] / 1e6
                watch.allow(seconds)
                process.send(f"go {seconds}\n".encode())
                width, height = watch.result(process.answer(), name)["size"]
            watch.allow(None)
            return process.picture((width, height))

    def start(self) -> None:
        """Have a process ready, so that the first photograph does not wait for it."""
        with self._process():
            pass

    def close(self) -> None:
        """End all processes, whatever they are doing."""
        with self._lock:
            processes, self._free = [*self._free, *self._at_work], []
        for process in processes:
            process.end()

    def _question(self, source: str | os.PathLike[str] | bytes, name: str) -> dict[str, Any]:
        limits = {
            "max_pixels": self.max_pixels,
            "max_bytes": self.max_bytes,
            "name": name,
            "seconds": HEADER_SECONDS,
        }
        if isinstance(source, bytes):
            return {"path": None, "length": len(source), **limits}
        return {"path": os.path.abspath(source), **limits}

    @contextmanager
    def _process(self) -> Iterator[Decoder]:
        """One that does nothing, kept for the next photograph unless it was left in the middle of one."""
        with self._lock:
            process = self._free.pop() if self._free else None
        if process is None or not process.alive():
            process = Decoder(self.max_bytes)
        with self._lock:
            self._at_work.add(process)
        kept = False
        try:
            yield process
            kept = True
        except PhotoError:
            kept = True  # the file is at fault, and the process waits for another; or it has ended
            raise
        finally:
            with self._lock:
                self._at_work.discard(process)
                if kept and process.alive():
                    self._free.append(process)
            if not (kept and process.alive()):
                process.end()


class _Watch:
    """Kills a process that takes too long, or that works for somebody who has left."""

    def __init__(self, process: Decoder, left: Callable[[], bool]):
        self._process = process
        self._left = left
        self._end = threading.Event()
        self._lock = threading.Lock()
        self._seconds = 0.0
        self._deadline: float | None = None
        self._why: Callable[[str], Exception] | None = None

    def __enter__(self) -> _Watch:
        threading.Thread(target=self._look, name="decoder-watch", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._end.set()

    def allow(self, seconds: float | None) -> None:
        """From now on, so much time of computing; None is any."""
        self._seconds = seconds or 0.0
        self._deadline = None if seconds is None else time.monotonic() + BUSY * seconds

    def result(self, answer: dict[str, Any] | None, name: str) -> dict[str, Any]:
        """An answer, or the exception that stands for there being none."""
        if answer is None:
            ended_by = self._process.ended_by()
            if self._why:
                raise self._why(name)
            if ended_by == "SIGXCPU":
                raise self._slow(name)
            if ended_by == "SIGKILL":  # as a system does that has no memory left
                raise PhotoError.of("photo_memory", name=name)
            raise PhotoError.of("photo_damaged", name=name, reason="unreadable")
        if "error" in answer:
            raise PhotoError.of(answer["error"], **answer["values"])
        return answer

    def _slow(self, name: str) -> Exception:
        return PhotoError.of("photo_slow", name=name, seconds=self._seconds)

    def _look(self) -> None:
        while not self._end.wait(LOOK):
            if self._left():
                self._stop(NobodyWaits)
            elif self._deadline is not None and time.monotonic() > self._deadline:
                self._stop(self._slow)

    def _stop(self, why: Callable[[str], Exception]) -> None:
        with self._lock:
            if not self._end.is_set():
                self._why = why
                self._process.kill()
                self._end.set()


class _Line:
    """So many of something, which threads get in the order in which they asked."""

    def __init__(self, amount: int):
        self._free = amount
        self._waiting: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, count: int, left: Callable[[], bool]) -> Iterator[None]:
        """Have `count` of it for the block; raises NobodyWaits for who has left before."""
        me = object()
        with self._changed:
            self._waiting.append(me)
            try:
                while self._waiting[0] is not me or count > self._free:
                    self._changed.wait(LOOK)
                    if left():
                        raise NobodyWaits
                self._free -= count
            finally:
                self._waiting.remove(me)
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._free += count
                self._changed.notify_all()
