"""The only way to write a file: atomically, with its bytes on disk before its name."""

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
"""Prefix of the names of files being written. They are hidden, so that no program takes the half-written picture of a
killed process for a photograph."""


@contextmanager
def whole_file(
    path: str | os.PathLike[str],
    error: type[UserError] | None = UserError,
    durable: bool = True,
    within: Path | None = None,
) -> Iterator[Path]:
    """A new empty file next to `path`, with its suffix, to write to; it then replaces `path`.

    It replaces it when the block has ended without an exception and all bytes are on disk. Otherwise `path` stays as it
    was and the new file is removed: after an error, after Ctrl-C, and after SIGTERM if that raises KeyboardInterrupt. A
    killed process leaves a file that `remove_partial_files` finds. The umask sets the file's permissions.

    error: the kind of error to raise if writing fails; None for the OSError itself, if the caller has more to say.
    durable: wait for the disk; False for what can be made again, and need not survive a power failure.
    within: a folder on the same disk for the new file, if it is not to lie next to `path`.
    """
    path = Path(path)
    name = PARTIAL + uuid.uuid4().hex + (path.suffix if len(path.suffix) < 16 else "")
    partial = (within or path.parent) / name
    _being_written.add(partial)
    try:
        with unwritten(path.name, error) if error else nullcontext():
            mode = _create(partial)
            yield partial
            partial.chmod(mode)  # safetensors makes a new file that only its owner may read
            if durable:
                _to_disk(partial)
            partial.replace(path)
            if durable:
                _names_to_disk(path.parent)
    finally:
        _being_written.discard(partial)
        with suppress(OSError):
            partial.unlink(missing_ok=True)


@contextmanager
def unwritten(name: str, error: type[UserError] = UserError) -> Iterator[None]:
    """Turn an OSError into an error of this kind, which says that the file `name` could not be written."""
    try:
        yield
    except OSError as failure:
        raise error.of("unwritten", name=name, reason=failure.strerror or "no reason is known") from None


def write_whole(path: str | os.PathLike[str], content: str | bytes, error: type[UserError] | None = UserError) -> None:
    """Write bytes, or text as UTF-8, as `whole_file` does."""
    with whole_file(path, error) as partial:
        partial.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def write_between(readme: Path, start: str, end: str, text: str, what: str) -> None:
    """Replace the text between two lines of a Markdown file; raises ValueError, naming `what`, if they are missing."""
    before, has_start, rest = readme.read_text(encoding="utf-8").partition(start)
    _, has_end, after = rest.partition(end)
    if not (has_start and has_end):
        raise ValueError(f"{readme.name} has no place for {what}; it must hold the lines {start} and {end}")
    write_whole(readme, f"{before}{start}\n\n{text}\n\n{end}{after}")


def remove_partial_files(folder: Path, older_than: float = 0.0) -> None:
    """Delete partial files that killed programs left in `folder`. older_than: seconds; newer files stay, because other
    programs may still be writing them."""
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


def give_up_files() -> None:
    """Delete the partial files that other threads are writing: for a process that ends in this moment."""
    for partial in list(_being_written):
        with suppress(OSError):
            partial.unlink()


def _create(path: Path) -> int:
    """Make an empty file; returns its mode. Reading the umask would mean changing it for all threads."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        return os.fstat(handle).st_mode & 0o777
    finally:
        os.close(handle)


def _to_disk(path: Path) -> None:
    """Write a file's bytes to disk: a rename must not reach the disk before them."""
    handle = os.open(path, os.O_RDWR)  # Windows cannot sync a file that is open only for reading
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _names_to_disk(folder: Path) -> None:
    """Make a rename durable. If the system cannot sync a folder, or may not read it, the file is still in its
    place."""
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
