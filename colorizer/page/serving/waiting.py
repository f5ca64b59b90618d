"""Limits the patience with slow visitors."""

from __future__ import annotations

import asyncio
import time

from starlette.types import Message, Receive

SILENCE = 20.0
"""Seconds without a byte, or with very few, after which a request counts as given up."""
LEAST = 1000
"""Bytes a second that a request must bring in the long run. The slowest telephone line brings four times that."""


class TooSlow(Exception):
    """A request comes too slowly to wait for."""


def patient(receive: Receive) -> Receive:
    """Return a `receive` for a request's body that raises TooSlow when nothing comes for `SILENCE` seconds, or less
    than `LEAST` bytes a second after that. Once all is there it waits for ever, as for a visitor who leaves."""
    start, came, complete = time.monotonic(), 0, False

    async def received() -> Message:
        nonlocal came, complete
        if complete:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), SILENCE)
        except asyncio.TimeoutError:
            raise TooSlow from None
        came += len(message.get("body", b""))
        complete = not message.get("more_body", False)
        if not complete and came < LEAST * (time.monotonic() - start - SILENCE):
            raise TooSlow
        return message

    return received
