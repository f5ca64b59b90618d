"""The one way to write a file: whole or not at all, and on disk before its name is."""

from __future__ import annotations

import errno
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from ..errors import UserError

PARTIAL = ".part-"
"""How the names of files begin that are being written. They are hidden, so that nothing takes half a picture of a
program that was killed for a photograph."""


@contextmanager
def whole_file(path: str | os.PathLike[str], error: type[UserError] | None = UserError) -> Iterator[Path]:
    """A new empty file beside `path` to write to, with its suffix, which then takes the place of `path`.

    It takes it when the block ends without an exception and all bytes are on disk. Otherwise `path` is what it was, and
    nothing is left: after an error, after Ctrl-C, and after SIGTERM where that raises KeyboardInterrupt. Of a program
    that was killed, a file is left that `remove_partial_files` finds. Who may read the file is as the umask says.

    error: the kind of error to raise when writing fails; None for the OSError itself, where the caller has more to say.
    """
    path = Path(path)
    partial = path.with_name(PARTIAL + uuid.uuid4().hex + (path.suffix if len(path.suffix) < 16 else ""))
    _being_written.add(partial)
    try:
        with unwritten(path.name, error) if error else nullcontext():
            mode = _create(partial)
            yield partial
            partial.chmod(mode)  # safetensors makes a file anew that nobody else may read
            _to_disk(partial)
            partial.replace(path)
            _names_to_disk(path.parent)
    finally:
        _being_written.discard(partial)
        with suppress(OSError):
            partial.unlink(missing_ok=True)


@contextmanager
def unwritten(name: str, error: type[UserError] = UserError) -> Iterator[None]:
    """Say of an OSError that the file `name` could not be written, as an error of this kind."""
    try:
        yield
    except OSError as failure:
        raise error.of("unwritten", name=name, reason=failure.strerror or "no reason is known") from None


def write_whole(path: str | os.PathLike[str], content: str | bytes, error: type[UserError] | None = UserError) -> None:
    """Write bytes, or text as UTF-8, as `whole_file` does."""
    with whole_file(path, error) as partial:
        partial.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def remove_partial_files(folder: Path, older_than: float = 0.0) -> None:
    """Delete what programs left in `folder` that were killed while they wrote. older_than: seconds for which others may
    still be writing theirs."""
    for partial in folder.glob(f"{PARTIAL}*"):
        with suppress(OSError):
            if partial not in _being_written and time.time() - partial.stat().st_mtime >= older_than:
                partial.unlink()


_being_written: set[Path] = set()


def wait_for_files(seconds: float) -> None:
    """Wait at most `seconds` until other threads have finished their files (`whole_file`)."""
    end = time.monotonic() + seconds
    while _being_written and time.monotonic() < end:
        time.sleep(0.02)


def _create(path: Path) -> int:
    """Make an empty file; returns its mode. To ask the umask would mean to change it for all threads."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        return os.fstat(handle).st_mode & 0o777
    finally:
        os.close(handle)


def _to_disk(path: Path) -> None:
    """A rename must not get to the disk before the bytes that it names."""
    handle = os.open(path, os.O_RDWR)  # Windows cannot do it with what is open for reading only
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _names_to_disk(folder: Path) -> None:
    """Make a rename last. Where a system cannot do this for a folder, or may not read it, the file is there all the
    same."""
    if os.name != "posix":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(handle)
    except OSError as failure:
        if failure.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)
