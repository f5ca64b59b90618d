"""Tells whether a file has changed."""

from __future__ import annotations

import hashlib
from pathlib import Path


def stamp(path: Path) -> str:
    """A file's size and times: while these stay the same, its bytes need not be read again. Raises OSError."""
    found = path.stat()
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, as hexadecimal digits. Raises OSError."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
