"""Settings that must stand before Gradio is imported: its folder, and no proxies. So this imports nothing of Gradio."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def own_folder() -> str:
    """The path of a folder that no other program with Gradio uses: the files of others are not ours to remove."""
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    return str(Path(tempfile.gettempdir()) / f"colorizer-{user}")


@contextmanager
def without_proxies() -> Iterator[None]:
    """A context in which new HTTP clients take no proxy from the environment or the system. Gradio makes some when it
    is imported, and may not know a proxy's kind. When it starts, it asks its own server, which no proxy would find."""
    before = os.environ.get("no_proxy")
    os.environ["no_proxy"] = "*"
    try:
        yield
    finally:
        del os.environ["no_proxy"]
        if before is not None:
            os.environ["no_proxy"] = before
