"""Who waits for an answer gets it, however many others come, and whoever leaves.

Gradio keeps what it has to tell to the last 2,000 visitors, and forgets whoever came first, even with a question under
way. It then fails on telling them how the question is doing, and with that, its queue ends for all: nobody is answered
any more until the server is started again. And a question that is cancelled in the moment before it begins keeps its
place among those that are worked on, for good. What is here counts on Gradio's insides; tests notice when those change.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import gradio.routes
from gradio.context import LocalContext
from gradio.queueing import Queue
from gradio.utils import LRUCache

Messages = asyncio.Queue[Any]
SEPARATOR = "<gradio-sep>"
"""Between who asked what and a question's number, in the name of the task that works on it."""


class Waiting(LRUCache[str, Messages]):
    """Messages by visitor (session), for Gradio's queue. With more than `limit` of them, the first go that have heard
    everything, then those whose answer is there and was not fetched, each with what the queue notes of them; nobody
    with a question under way. Of questions, the queue has a limit of its own."""

    def __init__(self, queue: Queue):
        super().__init__(sys.maxsize)
        self.limit = queue.pending_messages_per_session.max_size
        self.queue = queue

    def __setitem__(self, session: str, messages: Messages) -> None:
        super().__setitem__(session, messages)
        if len(self) > self.limit:
            noted = self.queue.pending_event_ids_session
            may_go = [other for other in self if other != session and not self._asks(other)]
            may_go.sort(key=lambda other: bool(noted.get(other)))
            for other in may_go[: len(self) - self.limit]:
                del self[other]
            for other in [other for other in noted if other not in self and not self._asks(other)]:
                del noted[other]

    def __delitem__(self, session: str) -> None:
        """Whoever is gone already may go again."""
        if session in self:
            super().__delitem__(session)

    def __missing__(self, session: str) -> Messages:
        """For who has gone, nobody reads it."""
        return Messages()

    def _asks(self, session: str) -> bool:
        request = self.queue.pending_event_ids_session.get(session, ())
        return any(question in self.queue.event_ids_to_events for question in request)


async def cancel_tasks(task_ids: set[str]) -> list[str]:
    """Gradio's function, which cancels what visitors asked and returns the questions' numbers; but what is about to
    begin begins first, or it would never end and give its place to another. task_ids: visitor_function."""
    found = {}
    for task in asyncio.all_tasks():
        request, separator, question = task.get_name().rpartition(SEPARATOR)
        if separator and request in task_ids:
            found[task] = question
    await asyncio.sleep(0)
    for task in found:
        task.cancel()
    await asyncio.gather(*found, return_exceptions=True)
    return list(found.values())


def remember_who_waits(queue: Queue) -> None:
    """Let a queue that has not begun keep its messages so, and free its places."""
    queue.pending_messages_per_session = Waiting(queue)
    gradio.routes.cancel_tasks = cancel_tasks


def asker_left() -> Callable[[], bool]:
    """What says, from any thread, whether the visitor has left whose question this thread answers. Whoever never came
    back for the answer counts as being there."""
    page, number = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
    if page is None or number is None:
        return lambda: False
    jobs = page._queue.active_jobs
    return lambda: any(job._id == number and not job.alive for group in list(jobs) for job in group or ())
