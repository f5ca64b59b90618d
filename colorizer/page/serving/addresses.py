"""Photographs by address: fetched at the door, before a question waits in the queue, and only where that is allowed."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx

from ..gradio_private import cache_folder
from ..i18n.texts import text
from ..i18n.toasts import refusal
from .answers import Refused
from .disk_budget import disk_budget

MOST_BYTES = 50_000_000
SECONDS = 15.0
"""Seconds for everything: finding the server, its answer, and all bytes."""
MOST_REDIRECTS = 3
AT_ONCE = 2
PORTS = {None, 80, 443}

log = logging.getLogger(__name__)


def allowed() -> bool:
    """Whether $COLORIZER_ALLOW_URLS is set, as `colorizer page --allow-urls` does."""
    return os.environ.get("COLORIZER_ALLOW_URLS", "").lower() in ("1", "true", "yes")


async def in_the_queue(address: str) -> str:
    """Raises gr.Error: an address that comes as far as the queue is not fetched."""
    raise refusal("no_addresses")


class Addresses:
    """Fetches photographs for one server, a few at once."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)

    async def fetch_all(self, question: Any) -> bool:
        """Put a file in place of every address of a photograph in a question; returns whether there was one. Raises
        Refused if the photograph cannot be fetched."""
        files = list(_by_address(question)) if allowed() else []
        if len(files) > 1:
            raise Refused(422, str(text("address_failed")))
        for file in files:
            try:
                file["path"] = await asyncio.wait_for(self._fetched(file["path"]), SECONDS)
            except (asyncio.TimeoutError, OSError, ValueError, httpx.HTTPError, httpx.InvalidURL) as error:
                log.info("a photograph could not be fetched: %r", error)
                raise Refused(422, str(text("address_failed"))) from None
            file["url"] = None
        return bool(files)

    async def _fetched(self, address: str) -> str:
        async with self._places, httpx.AsyncClient(trust_env=False, timeout=SECONDS) as client:
            for _ in range(MOST_REDIRECTS + 1):
                url = httpx.URL(address)
                async with client.stream("GET", **await _pinned(url)) as answer:
                    if answer.has_redirect_location:
                        address = str(url.join(answer.headers["Location"]))
                        continue
                    if answer.status_code != 200 or answer.headers.get("Content-Encoding", "identity") != "identity":
                        raise ValueError(f"{answer.status_code}, {answer.headers.get('Content-Encoding')}")
                    return await _stored(answer, unquote(Path(url.path).name))
        raise ValueError("too many redirects")


def _by_address(value: Any) -> Iterator[dict[str, Any]]:
    """Every file in a question whose path is an address."""
    if isinstance(value, dict):
        if isinstance(value.get("path"), str) and value["path"].lower().startswith(("http://", "https://")):
            yield value
        for part in value.values():
            yield from _by_address(part)
    elif isinstance(value, list):
        for part in value:
            yield from _by_address(part)


async def _pinned(url: httpx.URL) -> dict[str, Any]:
    """Arguments of a request to exactly the address that was checked, as a name may lead to another one the next time.
    Raises ValueError for an address that is not public."""
    if url.scheme not in ("http", "https") or url.port not in PORTS or not url.host or url.userinfo:
        raise ValueError("no public address")
    found = await asyncio.get_running_loop().getaddrinfo(url.host, url.port or 443)
    places = {str(each[4][0]) for each in found}
    if not places or not all(map(is_public, places)):
        raise ValueError("no public address")
    return {
        "url": url.copy_with(host=min(places)),
        "headers": {"Host": url.netloc.decode(), "Accept-Encoding": "identity"},
        "extensions": {"sni_hostname": url.host},
    }


def is_public(place: str) -> bool:
    """Whether an IP address belongs to no private network."""
    address = ipaddress.ip_address(place.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return address.is_global and not address.is_multicast and (mapped is None or is_public(str(mapped)))


async def _stored(answer: httpx.Response, name: str) -> str:
    """Write an answer to a file of the cache; raises ValueError if it is too large, OSError if there is no room."""
    budget, count = disk_budget(), 0
    await asyncio.to_thread(budget.check)
    Path(cache_folder()).mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=cache_folder()))
    path = folder / (re.sub(r"[^\w.\- ]", "", name)[-100:].lstrip(".") or "photo")
    whole = False
    try:
        with path.open("wb") as file:
            async for piece in answer.aiter_raw():
                count += len(piece)
                if count > MOST_BYTES or not budget.take(len(piece)):
                    raise ValueError("too much")
                file.write(piece)
        whole = True
        return str(path)
    finally:
        if not whole:
            budget.give_back(count)
            shutil.rmtree(folder, ignore_errors=True)
