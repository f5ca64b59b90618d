"""Every sentence the page shows: one JSON file for each language, in groups that only keep the files in order.

The language is the visitor's whose event is answered: `speaking` sets it for a thread, `text` reads it. A sentence
knows how to say itself again (`Said.again`), so that a page laid out in one language can be put into another. Two kinds
of English sentences are kept where they are made: errors (`colorizer.errors`) and the stories of architectures.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from colorizer.architectures.registry import facts
from colorizer.errors import SENTENCES

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


def preferred(accepted: str) -> str:
    """The language that an Accept-Language header (RFC 9110), such as "pt-BR,pt;q=0.9,en;q=0.8", likes best of those
    there are; English where it likes none."""
    weights: dict[str, float] = {}
    for wish in accepted.lower().split(","):
        tag, _, weight = wish.partition(";q=")
        code = tag.strip().split("-")[0]
        try:
            liked = float(weight or 1)
        except ValueError:
            continue
        if code in LANGUAGES and liked > weights.get(code, 0):
            weights[code] = liked
    return max(weights, key=lambda code: weights[code], default=DEFAULT_LANGUAGE)


def text(key: str, **values: object) -> str:
    """The sentence `key` in the language spoken (a `Said`), with its blanks filled in; KeyError for an unknown key.

    Numbers are written as the language does; values that are `Said` are said again along with the sentence.
    """
    return said(lambda: _filled(_sentences(_spoken.get())[key], values))


def number(value: float, form: str) -> str:
    """A number by a format such as ".2f", with the decimal point and the minus of the language spoken."""
    written = format(value, form).replace("-", "−")
    return written if _spoken.get() == "en" else written.replace(".", ",")


def story(architecture: str) -> str:
    """An architecture's story in two sentences (a `Said`): its docstring's own where no other language tells it."""
    return said(lambda: _sentences(_spoken.get()).get(f"story_{architecture}") or facts(architecture).story)


def titled(title: str) -> str:
    """A checkpoint's title as its file says it, or (a `Said`) in the language spoken where it is one of ours."""
    english = _sentences(DEFAULT_LANGUAGE)
    key = next((key for key in english if key.startswith("title_") and english[key] == title), None)
    return text(key) if key else title


def explained(error: Exception) -> str:
    """What an error says, in the language spoken (a `Said`) where it is of a kind that the page knows; else the first
    line of what it says, as torch's may have dozens."""
    kind = getattr(error, "kind", "")
    if kind == "photo_missing":  # the visitor gave no path that could be checked
        return text("gone")
    if kind:
        return text(f"error_{kind}", **error.values)  # type: ignore[attr-defined]
    return str(error).partition("\n")[0] or type(error).__name__


def said_again(value: Any) -> Any:
    """`value` with every `Said` in it, at any depth of lists, tuples and dicts, in the language spoken now."""
    if isinstance(value, Said):
        return said(value.again)
    if not holds_said(value):
        return value
    if isinstance(value, dict):
        return {key: said_again(part) for key, part in value.items()}
    return type(value)(said_again(part) for part in value)


def holds_said(value: Any) -> bool:
    """Whether there is a `Said` in a value, at any depth of lists, tuples and dicts."""
    if isinstance(value, dict):
        return any(map(holds_said, value.values()))
    return any(map(holds_said, value)) if isinstance(value, (list, tuple)) else isinstance(value, Said)


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


class _Number(float):
    """A number that a sentence's blank writes as the language does."""

    def __format__(self, form: str) -> str:
        return number(float(self), form)


def _filled(sentence: str, values: dict[str, object]) -> str:
    if not values:
        return sentence
    own = {key: _Number(value) if isinstance(value, float) else said_again(value) for key, value in values.items()}
    return sentence.format(**own)


@cache
def _sentences(language: str) -> dict[str, str]:
    """All sentences; those that a language lacks are English, so that the page goes on."""
    path = Path(__file__).parent / f"{language}.json"
    groups = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    own = {key: sentence for group in groups.values() for key, sentence in group.items()}
    if language != DEFAULT_LANGUAGE:
        return {**_sentences(DEFAULT_LANGUAGE), **own}
    return {**{f"error_{kind}": sentence for kind, sentence in SENTENCES.items()}, **own}
