"""Every private part of Gradio that the page uses, and why. The page uses no other.

Gradio may change these in any minor version. For their sake requirements.txt allows one minor version only, and
tests/page/test_gradio_private.py says which part is no longer what it was.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import gradio.routes
from gradio.blocks import Block
from gradio.components import FormComponent, _Keywords
from gradio.context import LocalContext
from gradio.helpers import log_message
from gradio.queueing import Queue
from gradio.state_holder import SessionState
from gradio.utils import LRUCache, get_upload_folder, is_prop_update

__all__ = ["Block", "EventBlocks", "SessionState"]  # types that other files name

# --- The cache: the one folder that Gradio serves files from without a copy and without `allowed_paths`.


def cache_folder() -> str:
    """Where Gradio keeps uploads and results: $GRADIO_TEMP_DIR, or a folder of its own."""
    return get_upload_folder()


def serve_until_cleaned(page: gr.Blocks, path: Path) -> None:
    """Let Gradio count a file of an endpoint's answer among those that it made itself."""
    page.upload_file_set.add(str(path))


def known_files(page: gr.Blocks) -> Sequence[set[str]]:
    """The paths of all files that Gradio remembers. It never forgets one by itself, so code that deletes files must
    take them out."""
    return page.temp_file_sets


# --- Events.


def event_values(event: gr.EventData) -> dict[str, Any]:
    """The values that a widget sent with its event. Gradio documents single values only, and fails where one is
    missing."""
    return dict(event._data or {})


def draw_without_windows() -> None:
    """Choose matplotlib's backend. Gradio asks which it is around each event, and the first time matplotlib
    would import all that windows need, on the event loop, where everybody waits for it."""
    import matplotlib

    matplotlib.use("agg")


def show_error(sentence: str) -> None:
    """Show a sentence of HTML as `gr.Error` does, but let the event go on. Gradio can do this for warnings only."""
    log_message(sentence, title="Error", level="error")  # type: ignore[arg-type]  # the browser knows this level too


class EventBlocks(gr.Blocks):
    """gr.Blocks with three hooks, through which every event of the page goes. Gradio has none."""

    def around_event(self, state: SessionState | None, request: gr.Request | None) -> AbstractContextManager[None]:
        """The context in which an event, or one step of a generator, is answered."""
        raise NotImplementedError

    def before_browser(self, blocks: Sequence[Block], answers: list[Any], state: SessionState | None) -> list[Any]:
        """The answers as they go to the browser. answers: a handler's. blocks: its outputs, as laid out."""
        raise NotImplementedError

    def unforeseen(self, error: Exception) -> gr.Error:
        """The message for an error that no handler foresaw; Gradio itself has none."""
        raise NotImplementedError

    async def process_api(self, block_fn, inputs, state=None, request=None, *more, **options):
        with self.around_event(state, request[0] if isinstance(request, list) else request):
            try:
                return await super().process_api(block_fn, inputs, state, request, *more, **options)
            except gr.Error:
                raise
            except Exception as error:
                raise self.unforeseen(error) from None

    async def postprocess_data(self, block_fn, predictions, state):
        if block_fn.outputs and not block_fn.batch:
            answers = self.before_browser(block_fn.outputs, _answers_of(block_fn.outputs, predictions), state)
            predictions = answers if len(answers) != 1 else answers[0]
        return await super().postprocess_data(block_fn, predictions, state)

    def laid_out(self) -> list[Block]:
        """All components of the page."""
        return list(self.blocks.values())

    def written_by_handlers(self) -> set[Block]:
        """The components that the events of the page itself may change, not those of its endpoints; no gr.State."""
        private = (fn for fn in self.fns.values() if fn.api_visibility == "private")
        return {block for fn in private for block in fn.outputs if not block.stateful}


def _answers_of(outputs: Sequence[Block], predictions: Any) -> list[Any]:
    """A handler's answers in the order of `outputs`, in whichever form it returned them; updates are copies."""
    if isinstance(predictions, dict) and all(isinstance(key, Block) for key in predictions):
        answers = [predictions.get(block, gr.skip()) for block in outputs]
    elif len(outputs) == 1:
        answers = [predictions]
    elif is_prop_update(predictions):
        answers = [predictions] * len(outputs)
    else:
        answers = list(predictions) if isinstance(predictions, (list, tuple)) else [predictions]
    return [dict(answer) if is_prop_update(answer) else answer for answer in answers]


def visitor_left() -> Callable[[], bool]:
    """Return a function that says, from any thread, whether the visitor whose question this thread answers has left. A
    visitor who never came back for the answer counts as being there. Gradio tells handlers nothing of it."""
    page, number = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
    if page is None or number is None:
        return lambda: False
    jobs = page._queue.active_jobs
    return lambda: any(job._id == number and not job.alive for group in list(jobs) for job in group or ())


def visitor_address() -> str:
    """The address of the visitor whose question this thread answers; "" where there is none. Gradio gives the request
    only to handlers that ask for it among their values."""
    client = getattr(LocalContext.request.get(None), "client", None)
    return str(getattr(client, "host", ""))


# --- Components.


def number_of(block: Block) -> int:
    """A component's number on the page, by which a visitor's state knows it."""
    return block._id


def as_visitor_sees(block: Block, state: SessionState | None) -> Block:
    """A component as one visitor has it; as it was laid out, if nothing changed it yet."""
    return state[block._id] if state and block._id in state else block


def arguments_of(block: Block) -> dict[str, Any]:
    """The arguments that a component was made with, by property: those of its class, and those that it gave its base
    classes."""
    given: dict[str, Any] = {}
    for arguments in reversed(getattr(block, "_constructor_args", [])):  # those of the class itself come first
        given.update(arguments)
    return given


def changes_of(block: Block, answer: Any) -> dict[str, Any]:
    """The changes that an answer makes to a component, by property; for an update, the update itself."""
    if block.stateful or isinstance(answer, _Keywords):
        return {}
    if is_prop_update(answer):
        return answer
    return dict(answer.constructor_args) if isinstance(answer, Block) else {"value": answer}


def complete_update(block: Block, changes: dict[str, Any], say: Callable[[Any], Any]) -> None:
    """Add the properties of a gr.HTML that stay the same to an update of it, each changed by `say`. Gradio drops them
    with every update, even an empty one; a component that is shown only later would lack them."""
    if isinstance(block, gr.HTML) and is_prop_update(changes):
        for name, value in block.props.items():
            changes.setdefault(name, say(value))


def is_field(block: Block) -> bool:
    """Whether a visitor can change a component's value."""
    return isinstance(block, FormComponent)


# --- What a visitor has changed. For each new visitor Gradio also describes all components, and again each one that an
# event gives or changes, for links to a state of the page (deep links). This page has none, and the descriptions for a
# new visitor cost half as much as a small photo's colours.

_begin_state = SessionState.__init__


def mend_states() -> None:
    """Have visitors' states keep no descriptions of components."""

    def begin(state: SessionState, blocks: gr.Blocks) -> None:
        _begin_state(state, SimpleNamespace(default_config=blocks.default_config, blocks=()))  # type: ignore[arg-type]
        state.blocks_config.config_for_block = lambda *_: {}  # type: ignore[method-assign]

    SessionState.__init__ = begin  # type: ignore[method-assign, assignment]


# --- The queue. Gradio keeps messages for the last 2,000 visitors, and drops the one who came first, even while that
# visitor's photo is being coloured. The next message about it then fails, and the queue ends for everybody until the
# server is started again. Also, a question that is cancelled just before it begins keeps its place for ever. And the
# queue is checked for questions a thousand times a second, which costs 4 % of a core on a server without visitors.

Messages = asyncio.Queue[Any]
LOOK = 0.02
"""Seconds between checks for a question while nothing is asked."""
SEPARATOR = "<gradio-sep>"
"""Stands between visitor and question in the name of the task that answers it."""


class VisitorMessages(LRUCache[str, Messages]):
    """Messages by visitor (session), for Gradio's queue. Above `limit`, visitors who got all their messages are dropped
    first, then those who did not fetch their answer, but never one whose question waits. The queue itself limits the
    questions."""

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
        """Deleting a visitor twice is no error."""
        if session in self:
            super().__delitem__(session)

    def __missing__(self, session: str) -> Messages:
        """Nobody reads the messages for a visitor who has left."""
        return Messages()

    def _asks(self, session: str) -> bool:
        asked = self.queue.pending_event_ids_session.get(session, ())
        return any(question in self.queue.event_ids_to_events for question in asked)


async def cancel_tasks(task_ids: set[str]) -> list[str]:
    """Cancel visitors' questions and return their numbers, as Gradio's own function does. But a question that is about
    to begin begins first, or its place would never be free again. task_ids: visitor_function."""
    found = {}
    for task in asyncio.all_tasks():
        asked, separator, question = task.get_name().rpartition(SEPARATOR)
        if separator and asked in task_ids:
            found[task] = question
    await asyncio.sleep(0)
    for task in found:
        task.cancel()
    await asyncio.gather(*found, return_exceptions=True)
    return list(found.values())


def mend_queue(page: gr.Blocks) -> None:
    """Put these changes into a page's queue before it begins."""
    page._queue.pending_messages_per_session = VisitorMessages(page._queue)
    page._queue.sleep_when_free = page._queue.progress_update_sleep_when_free = LOOK
    gradio.routes.cancel_tasks = cancel_tasks
