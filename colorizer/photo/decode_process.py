"""The program of a worker process that decodes photographs for its parent: see `decoder_pool`.

It imports neither torch nor Gradio. Each request is a line of JSON, followed by the file's bytes if it has no path. The
replies are lines of JSON. The first gives the bytes that decoding needs, or an error. The parent then sends "no", or
"go" with the seconds allowed; after "go", the second reply gives the size. Strips of the picture follow: a line with
the number of rows, three bytes for each pixel, and, if they were asked for and there are any, grays of two bytes each;
after a strip without rows comes the last reply. If only the file's metadata were asked for, they are the first reply
and the last.
"""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import PhotoError
from ..runtime.child import end_with
from .open import opening

SPARE = 160_000_000
"""Bytes allowed in addition to the estimate for decoding: decoders' threads, buffers, a strip in every form."""


def main(most_bytes: str) -> None:
    """Answer requests until the parent closes the pipe. most_bytes: memory limit for decoding."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process
    warnings.simplefilter("ignore")
    end_with(os.getppid())
    limit_memory(int(most_bytes) + SPARE)
    _say(ready=True)
    while line := sys.stdin.buffer.readline():
        asked = json.loads(line)
        try:
            _answer(asked)
        except PhotoError as error:
            _say(error=error.kind, values=error.values)


def _answer(asked: dict[str, Any]) -> None:
    source = asked.get("path") or sys.stdin.buffer.read(asked["length"])
    limit_time(asked["seconds"])
    with opening(source, **asked["wanted"]) as stored:
        if asked["only_said"]:
            return _say(said=stored.says()[0].to_json())
        _say(need=stored.need, pixels=stored.pixels)
        word, _, seconds = sys.stdin.buffer.readline().partition(b" ")
        if word == b"no\n":
            return
        if word != b"go":
            os._exit(0)
        limit_time(float(seconds))
        stored.load()
        _say(size=stored.size)
        for _, strip in stored.strips():
            gray = b"" if strip.gray is None else strip.gray.tobytes()
            _say(strip.rgb.tobytes() + gray, rows=strip.rgb.height, gray=bool(gray))
        _say(rows=0)
        _say(
            notes=[(note.kind, note.values) for note in stored.notes()],
            pages=stored.pages,
            incomplete=stored.incomplete,
            said=stored.metadata.to_json(),
        )


def _say(data: bytes = b"", /, **answer: Any) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def limit_memory(count: int) -> None:
    """Let this process allocate at most `count` more bytes; does nothing on a system without such a limit."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        status = Path("/proc/self/status").read_text()
        taken = int(status.partition("VmData:")[2].split()[0]) * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (taken + count, taken + count))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_time(seconds: float) -> None:
    """Let this process use this much CPU time from now on, however busy the machine is. The system then ends it; does
    nothing on a system without such a limit."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        limit = math.ceil(time.process_time() + seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


if __name__ == "__main__":
    main(*sys.argv[1:])
