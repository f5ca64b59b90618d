"""The parent's side of a process that decodes photographs; `decode_process` is the process itself."""

from __future__ import annotations

import json
import mmap
import os
import signal
import subprocess
import tempfile
from contextlib import suppress
from typing import Any

import numpy as np
from PIL import Image

from ..runtime.child import command, environment

KEPT_BYTES = 40_000_000
"""How much of the shared memory for pixels is kept for the next photograph, because new pages take time."""


class Decoder:
    """A process that decodes, and the memory into which it writes the pixels."""

    def __init__(self, max_bytes: int):
        self._pixels, argument = _shared_file()
        one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "MALLOC_ARENA_MAX"), "1")
        self._popen = subprocess.Popen(
            command("colorizer.photo.decode_process", argument, str(max_bytes)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(**one),
            pass_fds=(self._pixels,) if argument.isdecimal() else (),
        )
        self._path = None if argument.isdecimal() else argument
        if self.answer() is None:  # it reports its start, so that no photograph's time limit includes it
            self.end()
            raise MemoryError("no process could be started")

    def alive(self) -> bool:
        return self._popen.poll() is None

    def send(self, data: bytes) -> None:
        """Send data; if the process has ended, the missing answer will tell."""
        with suppress(OSError, ValueError):
            assert self._popen.stdin
            self._popen.stdin.write(data)
            self._popen.stdin.flush()

    def answer(self) -> dict[str, Any] | None:
        """The process's next reply; None if it has ended."""
        assert self._popen.stdout
        line = self._popen.stdout.readline()
        return json.loads(line) if line.endswith(b"\n") else None

    def picture(self, size: tuple[int, int], deep: bool = False) -> tuple[Image.Image, np.ndarray | None]:
        """The decoded picture, and if it is deep its gray, uint16 (H, W)."""
        count, gray = size[0] * size[1], None
        taken = (5 if deep else 3) * count
        with mmap.mmap(self._pixels, taken, access=mmap.ACCESS_READ) as shared, memoryview(shared) as pixels:
            picture = Image.frombytes("RGB", size, pixels[: 3 * count])
            if deep:
                gray = np.frombuffer(bytes(pixels[3 * count :]), np.uint16).reshape(size[::-1])
        if taken > KEPT_BYTES:
            os.truncate(self._pixels, 0)
        return picture, gray

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
        for pipe in (self._popen.stdin, self._popen.stdout):
            with suppress(OSError, ValueError):
                pipe.close()  # type: ignore[union-attr]
        if self._pixels >= 0:
            os.close(self._pixels)
            self._pixels = -1
        if self._path:
            with suppress(OSError):
                os.unlink(self._path)


def _shared_file() -> tuple[int, str]:
    """A file in memory if the system supports that, else in the temporary folder; and how another process opens it: by
    its number or its path."""
    if hasattr(os, "memfd_create"):
        number = os.memfd_create("photo")
        return number, str(number)
    number, path = tempfile.mkstemp(prefix="photo-")
    return number, path
