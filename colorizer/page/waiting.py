"""Who waits for an answer is not forgotten, however many others come.

Gradio keeps what it has to tell to the last 2,000 visitors, and forgets whoever came first, even with a question under
way. It then fails on telling them how the question is doing, and with that, its queue ends for all: nobody is answered
any more until the server is started again. What is here counts on Gradio's insides; tests notice when those change.
"""

from __future__ import annotations

import sys
from asyncio import Queue as Messages
from itertools import islice
from typing import Any

from gradio.queueing import Queue
from gradio.utils import LRUCache


class Waiting(LRUCache[str, "Messages[Any]"]):
    """Messages by visitor (session), for Gradio's queue. With more than `limit` of them, the first go that have no
    question under way, together with what the queue notes of them. Of questions, the queue has a limit of its own."""

    def __init__(self, queue: Queue):
        super().__init__(sys.maxsize)
        self.limit = queue.pending_messages_per_session.max_size
        self.queue = queue

    def __setitem__(self, session: str, messages: Messages[Any]) -> None:
        super().__setitem__(session, messages)
        idle = (other for other in [*self] if other != session and not self._asks(other))
        for other in islice(idle, max(0, len(self) - self.limit)):
            del self[other]
            self.queue.pending_event_ids_session.pop(other, None)

    def __missing__(self, session: str) -> Messages[Any]:
        """For who has gone, nobody reads it."""
        return Messages()

    def _asks(self, session: str) -> bool:
        asked = self.queue.pending_event_ids_session.get(session, ())
        return any(question in self.queue.event_ids_to_events for question in asked)


def remember_who_waits(queue: Queue) -> None:
    """Let a queue that has not begun keep its messages so."""
    queue.pending_messages_per_session = Waiting(queue)
