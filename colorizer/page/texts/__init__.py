"""Every sentence the page shows: one JSON file for each language, in groups that only keep the files in order.

The language is the visitor's whose event is answered: `speaking` sets it for a thread, `text` reads it. A sentence
knows how to say itself again (`Said.again`), so that a page laid out in one language can be put into another.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = {"en": "English", "it": "Italiano", "pt": "Português", "es": "Español", "ru": "Русский"}
"""Codes (ISO 639-1) and what speakers call them."""
DEFAULT_LANGUAGE = "en"

_spoken: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)


class Said(str):
    """A sentence in the language it was asked for in; `again()` says it in the one spoken now."""

    again: Callable[[], str]


def said(sentence: Callable[[], str]) -> Said:
    """`sentence()` as something that can be said again in another language: for what is put together of several."""
    result = Said(sentence())
    result.again = sentence
    return result


def text(key: str, **values: object) -> str:
    """The sentence `key` in the language spoken (a `Said`), with its blanks filled in; KeyError for an unknown key."""
    return said(lambda: _filled(_sentences(_spoken.get())[key], values))


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Let `text` answer in `language` within this block; one that there is not is English."""
    token = _spoken.set(language if language in LANGUAGES else DEFAULT_LANGUAGE)
    try:
        yield
    finally:
        _spoken.reset(token)


def spoken() -> str:
    """The code of the language spoken."""
    return _spoken.get()


def _filled(sentence: str, values: dict[str, object]) -> str:
    return sentence.format(**values) if values else sentence


@cache
def _sentences(language: str) -> dict[str, str]:
    """All sentences; those that a language lacks are English, so that the page goes on."""
    path = Path(__file__).parent / f"{language}.json"
    groups = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    own = {key: sentence for group in groups.values() for key, sentence in group.items()}
    return own if language == DEFAULT_LANGUAGE else {**_sentences(DEFAULT_LANGUAGE), **own}
