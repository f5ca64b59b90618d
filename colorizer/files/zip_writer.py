"""Builds a ZIP archive of results file by file, and names its files."""

from __future__ import annotations

import shutil
import unicodedata
import zipfile
from collections.abc import Container
from pathlib import Path, PurePosixPath

from ..errors import PhotoError
from .atomic import unwritten, whole_file
from .names import same


def append(archive: Path, content: Path | bytes, name: str) -> None:
    """Add a file, or bytes, to a ZIP archive without compression, as pictures do not shrink. A missing archive is made.

    The archive stays as it was when that fails. It grows in place, as a copy for each photo of an album would write
    gigabytes; so it is the one file that is not written by `whole_file`. Raises PhotoError.
    """
    start, table = _end_of(archive)
    with unwritten(name, PhotoError):
        try:
            with zipfile.ZipFile(archive, "a", zipfile.ZIP_STORED) as growing:
                if isinstance(content, bytes):
                    growing.writestr(name, content)
                else:
                    growing.write(content, name)
        except BaseException:
            _restore(archive, start, table)
            raise


def _end_of(archive: Path) -> tuple[int, bytes]:
    """Where an archive's table of contents begins, and the table; (0, b"") if there is no archive."""
    if not archive.exists():
        return 0, b""
    with zipfile.ZipFile(archive) as before, open(archive, "rb") as whole:
        whole.seek(before.start_dir)
        return before.start_dir, whole.read()


def without(archive: Path, names: Container[str]) -> None:
    """Take files out of an archive. Those who are reading it go on with the larger one. Raises PhotoError."""
    with (
        whole_file(archive, PhotoError, durable=False) as partial,
        zipfile.ZipFile(archive) as whole,
        zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as smaller,
    ):
        for info in whole.infolist():
            if info.filename not in names:
                with whole.open(info) as source, smaller.open(info, "w", force_zip64=True) as target:
                    shutil.copyfileobj(source, target, 1 << 20)


def _restore(archive: Path, start: int, table: bytes) -> None:
    """Truncate the archive at `start` and write its old table of contents there; there was space for it before."""
    if not table:
        archive.unlink(missing_ok=True)
        return
    with open(archive, "r+b") as whole:
        whole.truncate(start)
        whole.seek(start)
        whole.write(table)


def result_name(name: str, suffix: str, taken: Container[str], ending: str = "-colorized") -> str:
    """The path of a photograph's result: its folders, its name with `ending`, and a number if that is taken.

    Every part is a valid file name on Windows, macOS and Linux. taken: keys (`same`) of the results so far.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    folders = [_safe(word) for word in path.parts[:-1] if word != "/"]
    # No folder may have a result's name: both cannot exist.
    folders = [f"{word}_" if word.lower().endswith((".png", ".jpg", ".tif")) else word for word in folders]
    stem = _safe(path.stem)
    number = 1
    while True:
        counted = f"{stem}{ending}" + (f"-{number}" if number > 1 else "")
        result = "/".join([*folders, f"{counted}.{suffix}"])
        if same(result) not in taken:
            return result
        number += 1


_RESERVED = frozenset(["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))])


def _safe(word: str) -> str:
    """A name of a file or folder that is valid on every system."""
    word = unicodedata.normalize("NFC", word)
    word = "".join(
        "_" if letter in '<>:"/\\|?*' or unicodedata.category(letter)[0] == "C" else letter for letter in word
    )
    word = word.encode("utf-8")[:150].decode("utf-8", "ignore").rstrip(" .") or "_"
    return f"_{word}" if word.partition(".")[0].lower() in _RESERVED else word
