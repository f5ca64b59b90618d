"""Each visitor's language: every event is answered in it, and all that the page says can be said again in another."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import gradio as gr

from ..gradio_private import (
    Block,
    EventBlocks,
    SessionState,
    arguments_of,
    as_visitor_sees,
    changes_of,
    complete_update,
    is_field,
    number_of,
)
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


class Page(EventBlocks):
    """gr.Blocks that answers every event within `speaking` the visitor's language, and remembers what it said.

    Being the one door that all events go through, it needs nothing of those who lay out components and connect them,
    but that sentences reach Gradio as `text` and `said` make them.
    """

    def __init__(self, **options: Any):
        super().__init__(**options)
        self._visits: WeakKeyDictionary[SessionState, Visit] = WeakKeyDictionary()

    @contextmanager
    def around_event(self, state: SessionState | None, request: gr.Request | None) -> Iterator[None]:
        visit = Visit() if state is None else self._visits.setdefault(state, Visit())
        token = _visit.set(visit)
        try:
            with speaking(visit.language or wanted(request)):
                yield
        finally:
            _visit.reset(token)

    def before_browser(self, blocks: Sequence[Block], answers: list[Any], state: SessionState | None) -> list[Any]:
        visit = _visit.get()
        now = visit.language or spoken()
        if now != spoken():  # it was changed while this was under way
            with speaking(now):
                answers = said_again(answers)
        for block, answer in zip(blocks, answers, strict=False):
            changes = changes_of(block, answer)
            with speaking(now):
                complete(as_visitor_sees(block, state), changes)
            said = visit.said.setdefault(number_of(block), {})
            said.update({name: value if holds_said(value) else None for name, value in changes.items()})
        return answers

    def speak(self, choice: gr.Dropdown) -> Any:
        """Connect the dropdown of languages, when all else is laid out and connected. Returns the event after which
        the page speaks the visitor's language for the first time."""
        # Its own secret, not a random one, or the choice would be lost with every start of the server.
        remembered = gr.BrowserState(None, storage_key="colorizer-language", secret="colorizer")
        laid_out = {block: sentences(block) for block in self.laid_out()}
        written = self.written_by_handlers()
        outputs = [block for block, said in laid_out.items() if said or block in written]

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
    parameters = inspect.signature(type(block).__init__).parameters
    free = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    return {
        name: value
        for name, value in arguments_of(block).items()
        if holds_said(value) and (free or name in parameters) and not _own(block, name)
    }


def said_anew(laid_out: Mapping[Block, Properties], visit: Visit) -> dict[Any, Any]:
    """Updates that say everything on a visitor's page in the language spoken, by component."""
    updates = {}
    for block, first in laid_out.items():
        last = {**first, **visit.said.get(number_of(block), {})}
        said = {name: said_again(value) for name, value in last.items() if value is not None and not _own(block, name)}
        if said:
            updates[block] = gr.update(**said)
    return updates


def complete(block: Block, changes: Properties) -> None:
    """Add to an update of a widget (`gr.HTML`) those of its own properties that stay: Gradio lets go of them with every
    update, even an empty one, which is noticed when the widget is shown only later. Their sentences are said in the
    language spoken: what is known of the widget is what it said last, perhaps in the language before."""
    complete_update(block, changes, said_again)


def _own(block: Block, name: str) -> bool:
    """Whether a property is the visitor's own: what stands in a field."""
    return name == "value" and is_field(block)
