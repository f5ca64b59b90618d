"""Decodes strangers' photographs in separate processes, few at once, each with a limit on time and memory.

Decoders are C code. A small file can keep them busy for minutes, make them allocate gigabytes, or crash them. Here that
ends only one worker process. `open_photo` does the same work within the caller's process.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..errors import PhotoError
from ..runtime.child import command, environment
from ..runtime.turns import LOOK, NobodyWaits, Turns
from .formats.rasters import Strip
from .limits import MAX_BYTES, MAX_PIXELS
from .metadata import Metadata
from .open import Opened, joined

PROCESSES = 2
"""How many photographs are decoded at once."""
HEADER_SECONDS = 5.0
"""Seconds for reading the header before decoding."""
SECONDS, SECONDS_PER_MEGAPIXEL = 3.0, 0.1
"""Seconds for decoding: 15 for the largest photograph; a plain JPEG of that size takes two."""
BUSY = 4
"""How many times longer these may take by the clock: on a busy machine a process gets only part of the CPU time."""
ON_THE_WAY = 4
"""Bytes per pixel outside the decoder, in the picture here."""
DEEP = 4
"""Further bytes per pixel of a gray in 16 bits, here, in strips and joined."""
LARGE = 0.1
"""A photograph with more than this share of the most pixels is large. One large one is decoded at a time, so that there
is a process, and memory beside that of the large one, for others."""


Source = str | os.PathLike[str] | bytes  # a path, or the encoded bytes


class _Large(Exception):
    """A photograph turned out to be large."""


def _stays() -> bool:
    return False


class Decoder:
    """A process that decodes, which `decode_process` describes."""

    def __init__(self, max_bytes: int):
        one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "MALLOC_ARENA_MAX"), "1")
        self._popen = subprocess.Popen(
            command("colorizer.photo.decode_process", str(max_bytes)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(**one),
        )
        assert self._popen.stdin
        assert self._popen.stdout
        self.stdin, self.stdout = self._popen.stdin, self._popen.stdout
        if not self.stdout.readline():  # it reports its start, so that no photograph's time limit includes it
            self.end()
            raise MemoryError("no process could be started")

    def alive(self) -> bool:
        return self._popen.poll() is None

    def ended_by(self) -> str:
        """The name of the signal that ended it, or ""."""
        number = -self._popen.wait()
        return signal.Signals(number).name if number > 0 else ""

    def kill(self) -> None:
        with suppress(OSError):
            self._popen.kill()

    def end(self) -> None:
        """Kill it and free all its resources."""
        self.kill()
        self._popen.wait()
        for pipe in (self.stdin, self.stdout):
            with suppress(OSError, ValueError):
                pipe.close()


class DecoderPool:
    """Decodes photographs as `open_photo` does, but in other processes. Any number of threads may call it; they are
    served in order of arrival."""

    def __init__(self, processes: int = PROCESSES, max_pixels: int = MAX_PIXELS, max_bytes: int = MAX_BYTES):
        self.max_pixels = max_pixels
        """Most pixels of a photograph."""
        self.max_bytes = max_bytes
        """Most bytes for decoding a photograph; all processes together may use a tenth more."""
        self.large = int(LARGE * max_pixels)
        """Photographs of more pixels are large."""
        self._places = Turns(processes)
        self._large = Turns(1)
        self._memory = Turns(max_bytes + int(LARGE * max_bytes))
        self._lock = threading.Lock()
        self._free: list[Decoder] = []
        self._at_work: set[Decoder] = set()
        atexit.register(self.close)

    def read(
        self,
        source: Source,
        *,
        name: str = "",
        left: Callable[[], bool] = _stays,
        **wanted: Any,
    ) -> Opened:
        """A photograph, with what there is to say about it.

        left: returns whether the visitor has left; other threads call it from time to time. name, wanted: further
        keywords of `read_photo`. Raises PhotoError, also if decoding takes too long or too much memory, and
        NobodyWaits.
        """
        try:
            return self._decoded(source, name, left, False, wanted)
        except _Large:
            with self._large.taken(1, left):
                return self._decoded(source, name, left, True, wanted)

    def pixels(self, source: Source, *, left: Callable[[], bool] = _stays, **wanted: Any) -> int:
        """How many pixels a photograph has, from its header. Takes and raises the same as `read`."""
        with self._asked(source, "", left, wanted) as asked:
            asked.send(b"no\n")
            return int(asked.header["pixels"])

    def _decoded(
        self, source: Source, name: str, left: Callable[[], bool], large: bool, wanted: dict[str, Any]
    ) -> Opened:
        deep = wanted.get("deep", False)
        with self._asked(source, name, left, wanted) as asked:
            pixels = asked.header["pixels"]
            need = asked.header["need"] + (ON_THE_WAY + DEEP * deep) * pixels
            if deep and need > self.max_bytes:  # in 8 bits, the limit on pixels says so
                asked.send(b"no\n")
                raise PhotoError.of("photo_memory", name=asked.name)
            if pixels > self.large and not large:
                asked.send(b"no\n")
                raise _Large
            with self._memory.taken(min(need, self.max_bytes), left):
                seconds = SECONDS + SECONDS_PER_MEGAPIXEL * pixels / 1e6
                asked.allow(seconds)
                asked.send(f"go {seconds}\n".encode())
                size = asked.answer()["size"]
                picture = joined(tuple(size), asked.strips(size[0]))
                answer = asked.answer()
            notes = tuple(PhotoError.of(kind, **values) for kind, values in answer["notes"])
            return Opened(*picture, notes, answer["pages"], answer["incomplete"], Metadata.from_json(answer["said"]))

    def said(self, source: Source, *, name: str = "", left: Callable[[], bool] = _stays) -> Metadata:
        """The metadata of a file, whose picture is not decoded; parameters and errors as for `read`."""
        with self._asked(source, name, left, {}, only_said=True) as asked:
            return Metadata.from_json(asked.header["said"])

    def start(self) -> None:
        """Start a process in advance, so that the first photograph does not wait for it."""
        with self._process():
            pass

    def close(self) -> None:
        """End all processes, even in the middle of a photograph."""
        with self._lock:
            processes, self._free = [*self._free, *self._at_work], []
        for process in processes:
            process.end()

    @contextmanager
    def _asked(
        self, source: Source, name: str, left: Callable[[], bool], wanted: dict[str, Any], only_said: bool = False
    ) -> Iterator[_Asked]:
        """A process that was asked for a photo, its first reply known. wanted: as in `read`."""
        name = name or ("The photo" if isinstance(source, bytes) else Path(source).name)
        wanted = {**wanted, "max_pixels": self.max_pixels, "max_bytes": self.max_bytes, "name": name}
        place = {"length": len(source)} if isinstance(source, bytes) else {"path": os.path.abspath(source)}
        question = {**place, "wanted": wanted, "only_said": only_said, "seconds": HEADER_SECONDS}
        with self._places.taken(1, left), self._process() as process, _Asked(process, name, left) as asked:
            asked.allow(HEADER_SECONDS)
            asked.send(json.dumps(question).encode(), b"\n", source if isinstance(source, bytes) else b"")
            asked.header = asked.answer()
            asked.allow(None)
            yield asked

    @contextmanager
    def _process(self) -> Iterator[Decoder]:
        """An idle process, kept for the next photograph unless the block ends in the middle of one."""
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
        except (PhotoError, _Large):
            kept = True  # the file was bad or has to wait and the process waits for another, or the process has ended
            raise
        finally:
            with self._lock:
                self._at_work.discard(process)
                if kept and process.alive():
                    self._free.append(process)
            if not (kept and process.alive()):
                process.end()


class _Asked:
    """A process that is asked for a photo. It is killed if it takes too long, or if the visitor has left."""

    header: dict[str, Any]
    """The first reply."""

    def __init__(self, process: Decoder, name: str, left: Callable[[], bool]):
        self.name = name
        self._process, self._left = process, left
        self._end = threading.Event()
        self._lock = threading.Lock()
        self._seconds = 0.0
        self._deadline: float | None = None
        self._why: Callable[[], Exception] | None = None

    def __enter__(self) -> _Asked:
        threading.Thread(target=self._look, name="decoder-watch", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._end.set()

    def allow(self, seconds: float | None) -> None:
        """Allow this much CPU time from now on; None is unlimited."""
        self._seconds = seconds or 0.0
        self._deadline = None if seconds is None else time.monotonic() + BUSY * seconds

    def send(self, *data: bytes) -> None:
        """Send data; if the process has ended, the missing answer will tell."""
        with suppress(OSError, ValueError):
            self._process.stdin.writelines(data)
            self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """The next reply; if it is an error, or there is none, raises the error that explains why."""
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise self._ended()
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise PhotoError.of(answer["error"], **answer["values"])
        return answer

    def strips(self, width: int) -> Iterator[tuple[int, Strip]]:
        """The strips of a picture of that width, as they come, each with the number of its first row."""
        y = 0
        while rows := (answer := self.answer())["rows"]:
            rgb = Image.frombytes("RGB", (width, rows), self._read(3 * width * rows))
            gray = np.frombuffer(self._read(2 * width * rows), np.uint16) if answer["gray"] else None
            yield y, Strip(rgb, None if gray is None else gray.reshape(rows, width))
            y += rows

    def _read(self, count: int) -> bytes:
        data = self._process.stdout.read(count)
        if len(data) < count:
            raise self._ended()
        return data

    def _ended(self) -> Exception:
        ended_by = self._process.ended_by()
        if self._why:
            return self._why()
        if ended_by == "SIGXCPU":
            return self._slow()
        # The system sends SIGKILL when memory runs out.
        return PhotoError.of("photo_memory" if ended_by == "SIGKILL" else "photo_damaged", name=self.name)

    def _slow(self) -> Exception:
        return PhotoError.of("photo_slow", name=self.name, seconds=self._seconds)

    def _look(self) -> None:
        while not self._end.wait(LOOK):
            late = self._deadline is not None and time.monotonic() > self._deadline
            if self._left() or late:
                with self._lock:
                    if not self._end.is_set():
                        self._why = self._slow if late else NobodyWaits
                        self._process.kill()
                        self._end.set()
