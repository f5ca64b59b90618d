"""The visitor's language: every event is answered in it, and the whole page can be translated into another."""

from __future__ import annotations

import inspect
import logging
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
from .texts import (
    DEFAULT_LANGUAGE,
    LANGUAGES,
    current_language,
    has_translatable,
    preferred,
    refusal,
    speaking,
    text,
    translated,
)

Properties = dict[str, Any]

log = logging.getLogger(__name__)

AFTERWARDS = "language => window.colorizerSpeaks?.(language)"
"""JavaScript that runs once the page is in a language; see `language.js`."""


@dataclass
class Visit:
    """The state of the page for one visitor."""

    language: str = ""
    """"" until we know which language the browser prefers."""
    shown: str = DEFAULT_LANGUAGE
    """The language of the components in the browser; at first the one in which they were laid out."""
    texts: dict[int, Properties] = field(default_factory=dict)
    """The texts that handlers last sent, by a component's number and property; None for a value that cannot be
    translated."""


_visit: ContextVar[Visit] = ContextVar("visit")


class Page(EventBlocks):
    """gr.Blocks that answers every event in the visitor's language, and remembers what it sent.

    All events go through it, so that layouts and handlers need not know of languages. They only have to give Gradio
    sentences as `text` and `translatable` return them.
    """

    def __init__(self, **options: Any):
        super().__init__(**options)
        self._visits: WeakKeyDictionary[SessionState, Visit] = WeakKeyDictionary()

    @contextmanager
    def around_event(self, state: SessionState | None, request: gr.Request | None) -> Iterator[None]:
        visit = Visit() if state is None else self._visits.setdefault(state, Visit())
        token = _visit.set(visit)
        try:
            with speaking(visit.language or requested_language(request)):
                yield
        finally:
            _visit.reset(token)

    def unforeseen(self, error: Exception) -> gr.Error:
        log.warning("an event failed", exc_info=error)
        return refusal("failed")

    def before_browser(self, blocks: Sequence[Block], answers: list[Any], state: SessionState | None) -> list[Any]:
        visit = _visit.get()
        now = visit.language or current_language()
        if now != current_language():  # the visitor has changed it meanwhile
            with speaking(now):
                answers = translated(answers)
        for block, answer in zip(blocks, answers, strict=False):
            changes = changes_of(block, answer)
            with speaking(now):
                complete_update(as_visitor_sees(block, state), changes, translated)  # it may be in another language
            texts = visit.texts.setdefault(number_of(block), {})
            texts.update({name: value if has_translatable(value) else None for name, value in changes.items()})
        return answers

    def speak(self, choice: gr.Dropdown) -> Any:
        """Connect the dropdown of languages, once all else is laid out and connected. Returns the event after which the
        page is in the visitor's language for the first time."""
        # A secret of our own: with a random one, the choice would be lost when the server is started again.
        remembered = gr.BrowserState(None, storage_key="colorizer-language", secret="colorizer")
        laid_out = {block: translatable_properties(block) for block in self.laid_out()}
        written = self.written_by_handlers()
        outputs = [block for block, texts in laid_out.items() if texts or block in written]

        def say(language: str) -> dict[Any, Any]:
            visit = _visit.get()
            visit.language, changed = language, language != visit.shown
            visit.shown = language
            with speaking(language):
                return translations(laid_out, visit) if changed else {}

        def opened(chosen: Any, request: gr.Request) -> dict[Any, Any]:
            known = chosen if isinstance(chosen, str) and chosen in LANGUAGES else ""
            language = language_in_address(request) or known or requested_language(request)
            updates = say(language)
            return {**updates, choice: {**updates.get(choice, gr.update()), "value": language, "interactive": True}}

        def changed(language: str) -> dict[Any, Any]:
            return {**say(language), remembered: language}

        quick: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}
        first = self.load(opened, remembered, outputs, **quick)
        # Gradio sends one choice twice; a second choice before the first is answered must not be dropped.
        chosen = choice.input(changed, choice, [*outputs, remembered], **quick, trigger_mode="always_last")
        for event in (first, chosen):
            event.then(None, choice, None, js=AFTERWARDS, api_visibility="private")
        return first


def language_choice() -> gr.Dropdown:
    """Lay out the dropdown of languages, with each language's name for itself. It is disabled until we know which
    language the browser prefers, or that would overwrite the choice."""
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


def language_in_address(request: gr.Request | None) -> str:
    """The language in the address (`?lang=it`), or ""."""
    language = (getattr(request, "query_params", None) or {}).get("lang", "").strip().lower()
    return language if language in LANGUAGES else ""


def requested_language(request: gr.Request | None) -> str:
    """The language for a request: the one in the address, otherwise the one that the browser prefers."""
    headers = getattr(request, "headers", None) or {}
    return language_in_address(request) or preferred(headers.get("accept-language", ""))


def translatable_properties(block: Block) -> Properties:
    """The translatable values that a component was laid out with, by property; not those that a visitor can change."""
    parameters = inspect.signature(type(block).__init__).parameters
    free = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    return {
        name: value
        for name, value in arguments_of(block).items()
        if has_translatable(value) and (free or name in parameters) and not _own(block, name)
    }


def translations(laid_out: Mapping[Block, Properties], visit: Visit) -> dict[Any, Any]:
    """Updates that translate a visitor's whole page into the current language, by component."""
    updates = {}
    for block, first in laid_out.items():
        last = {**first, **visit.texts.get(number_of(block), {})}
        texts = {name: translated(value) for name, value in last.items() if value is not None and not _own(block, name)}
        if texts:
            updates[block] = gr.update(**texts)
    return updates


def _own(block: Block, name: str) -> bool:
    """Whether a property is the visitor's own: the value of a field."""
    return name == "value" and is_field(block)
