"""The one way to write a file: whole or not at all."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import PhotoError


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A file beside `path` to write to, with its suffix, which then takes its place: whole or not at all.

    Raises PhotoError when writing fails.
    """
    path, partial = Path(path), None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=path.suffix, delete=False) as file:
            partial = Path(file.name)
            _being_written.add(partial)
        yield partial
        partial.chmod(0o666 & ~_umask())
        partial.replace(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise PhotoError.of("photo_unwritten", name=path.name, reason=reason) from None
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)
            _being_written.discard(partial)


_being_written: set[Path] = set()


def wait_for_files(seconds: float) -> None:
    """Let other threads finish the files that they are writing (`whole_file`), for `seconds` at most."""
    end = time.monotonic() + seconds
    while _being_written and time.monotonic() < end:
        time.sleep(0.02)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
