"""Keeps proxies out of the way of Gradio's requests, which go to the page itself only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


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
