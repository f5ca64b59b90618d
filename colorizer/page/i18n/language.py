"""Each visitor's language: every event is answered in it, and all that the page says can be said again in another."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import gradio as gr
from gradio.blocks import Block
from gradio.components import FormComponent, _Keywords
from gradio.state_holder import SessionState
from gradio.utils import is_prop_update

from .texts import DEFAULT_LANGUAGE, LANGUAGES, holds_said, preferred, said_again, speaking, spoken, text

Properties = dict[str, Any]

AFTERWARDS = "language => window.colorizerSpeaks?.(language)"
"""What the browser does by itself once the page speaks a language; see `HEAD` in `look`."""


@dataclass
class Visit:
    """What one visitor hears."""

    language: str = ""
    """"" until the page has heard what the browser wants."""
    shown: str = DEFAULT_LANGUAGE
    """What the components on the page are in: at first, what they were laid out in."""
    said: dict[int, Properties] = field(default_factory=dict)
    """What handlers last said, by a component's number and property; None for what is no sentence."""


_visit: ContextVar[Visit] = ContextVar("visit")


class Page(gr.Blocks):
    """gr.Blocks that answers every event within `speaking` the visitor's language, and remembers what it said.

    Being the one door that all events go through, it needs nothing of those who lay out components and connect them,
    but that sentences reach Gradio as `text` and `said` make them.
    """

    def __init__(self, **options: Any):
        super().__init__(**options)
        self._visits: WeakKeyDictionary[SessionState, Visit] = WeakKeyDictionary()

    async def process_api(self, block_fn, inputs, state=None, request=None, *more, **options):
        """Answer one event, or one step of a generator."""
        visit = Visit() if state is None else self._visits.setdefault(state, Visit())
        token = _visit.set(visit)
        try:
            with speaking(visit.language or wanted(request[0] if isinstance(request, list) else request)):
                return await super().process_api(block_fn, inputs, state, request, *more, **options)
        finally:
            _visit.reset(token)

    async def postprocess_data(self, block_fn, predictions, state):
        """What a handler returned, on its way to the browser."""
        if not block_fn.outputs or block_fn.batch:
            return await super().postprocess_data(block_fn, predictions, state)
        visit = _visit.get()
        answers = answers_of(block_fn.outputs, predictions)
        now = visit.language or spoken()
        if now != spoken():  # it was changed while this was under way
            with speaking(now):
                answers = said_again(answers)
        for block, answer in zip(block_fn.outputs, answers, strict=False):
            changes = changes_of(block, answer)
            with speaking(now):
                complete(state[block._id] if state and block._id in state else block, changes)
            said = visit.said.setdefault(block._id, {})
            said.update({name: value if holds_said(value) else None for name, value in changes.items()})
        return await super().postprocess_data(block_fn, answers if len(answers) != 1 else answers[0], state)

    def speak(self, choice: gr.Dropdown) -> Any:
        """Connect the dropdown of languages, when all else is laid out and connected. Returns the event after which
        the page speaks the visitor's language for the first time."""
        # Its own secret, not a random one, or the choice would be lost with every start of the server.
        remembered = gr.BrowserState(None, storage_key="colorizer-language", secret="colorizer")
        laid_out = {block: sentences(block) for block in self.blocks.values()}
        written = {block for fn in self.fns.values() if fn.api_visibility == "private" for block in fn.outputs}
        outputs = [block for block, said in laid_out.items() if said or (block in written and not block.stateful)]

        def say(language: str) -> dict[Any, Any]:
            visit = _visit.get()
            visit.language, changed = language, language != visit.shown
            visit.shown = language
            with speaking(language):
                return said_anew(laid_out, visit) if changed else {}

        def opened(chosen: Any, request: gr.Request) -> dict[Any, Any]:
            known = chosen if isinstance(chosen, str) and chosen in LANGUAGES else ""
            language = asked_for(request) or known or wanted(request)
            updates = say(language)
            return {**updates, choice: {**updates.get(choice, gr.update()), "value": language, "interactive": True}}

        def changed(language: str) -> dict[Any, Any]:
            return {**say(language), remembered: language}

        quick: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}
        first = self.load(opened, remembered, outputs, **quick)
        # Gradio tells of one choice twice; a second one made before the first is answered must not be dropped.
        chosen = choice.input(changed, choice, [*outputs, remembered], **quick, trigger_mode="always_last")
        for event in (first, chosen):
            event.then(None, choice, None, js=AFTERWARDS, api_visibility="private")
        return first


def language_choice() -> gr.Dropdown:
    """Lay out the dropdown of languages, each called as its speakers do. Nobody chooses before the page has heard what
    the browser wants, or that would come after the choice."""
    return gr.Dropdown(
        [(name, code) for code, name in LANGUAGES.items()],
        value=DEFAULT_LANGUAGE,
        label=text("language"),
        show_label=False,
        container=False,
        filterable=False,
        interactive=False,
        elem_id="language",
        min_width=130,
        scale=0,
    )


def asked_for(request: gr.Request | None) -> str:
    """The language that the address names (`?lang=it`), or ""."""
    language = (getattr(request, "query_params", None) or {}).get("lang", "").strip().lower()
    return language if language in LANGUAGES else ""


def wanted(request: gr.Request | None) -> str:
    """The language that a request asks for: the address's, else the one that the browser would rather have."""
    headers = getattr(request, "headers", None) or {}
    return asked_for(request) or preferred(headers.get("accept-language", ""))


def sentences(block: Block) -> Properties:
    """What a component was laid out with that can be said again, by property. What a visitor can change is theirs."""
    given: Properties = {}
    for arguments in reversed(getattr(block, "_constructor_args", [])):  # those of the class itself come first
        given.update(arguments)
    parameters = inspect.signature(type(block).__init__).parameters
    free = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    return {
        name: value
        for name, value in given.items()
        if holds_said(value) and (free or name in parameters) and not _own(block, name)
    }


def said_anew(laid_out: Mapping[Block, Properties], visit: Visit) -> dict[Any, Any]:
    """Updates that say everything on a visitor's page in the language spoken, by component."""
    updates = {}
    for block, first in laid_out.items():
        last = {**first, **visit.said.get(block._id, {})}
        said = {name: said_again(value) for name, value in last.items() if value is not None and not _own(block, name)}
        if said:
            updates[block] = gr.update(**said)
    return updates


def answers_of(outputs: Sequence[Block], predictions: Any) -> list[Any]:
    """What a handler returned, in the order of `outputs`, whichever way it did; updates are copies."""
    if isinstance(predictions, dict) and all(isinstance(key, Block) for key in predictions):
        answers = [predictions.get(block, gr.skip()) for block in outputs]
    elif len(outputs) == 1:
        answers = [predictions]
    elif is_prop_update(predictions):
        answers = [predictions] * len(outputs)
    else:
        answers = list(predictions) if isinstance(predictions, (list, tuple)) else [predictions]
    return [dict(answer) if is_prop_update(answer) else answer for answer in answers]


def changes_of(block: Block, answer: Any) -> Properties:
    """What an answer changes in a component, by property; of an update, the update itself."""
    if block.stateful or isinstance(answer, _Keywords):
        return {}
    if is_prop_update(answer):
        return answer
    return dict(answer.constructor_args) if isinstance(answer, Block) else {"value": answer}


def complete(block: Block, changes: Properties) -> None:
    """Add to an update of a widget (`gr.HTML`) those of its own properties that stay: Gradio lets go of them with every
    update, even an empty one, which is noticed when the widget is shown only later. Their sentences are said in the
    language spoken: what is known of the widget is what it said last, perhaps in the language before."""
    if isinstance(block, gr.HTML) and "__type__" in changes:
        for name, value in block.props.items():
            changes.setdefault(name, said_again(value))


def _own(block: Block, name: str) -> bool:
    """Whether a property is the visitor's own: what stands in a field."""
    return name == "value" and isinstance(block, FormComponent)
