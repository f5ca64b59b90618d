"""Keeps proxies out of Gradio's way, which asks nobody but the page itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_proxies() -> Iterator[None]:
    """A context in which no client of HTTP that is made takes a proxy from the environment or the system. Gradio makes
    some when it is imported, where a proxy's kind may be unknown to it, and asks its own server when it starts, where
    no proxy would find it."""
    before = os.environ.get("no_proxy")
    os.environ["no_proxy"] = "*"
    try:
        yield
    finally:
        del os.environ["no_proxy"]
        if before is not None:
            os.environ["no_proxy"] = before
