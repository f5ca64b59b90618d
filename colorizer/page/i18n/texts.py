"""Every sentence of the page: one JSON file for each language of `languages.json`. The groups in a file only keep it in
order.

An event is answered in its visitor's language: `speaking` sets the language of a thread, and `text` reads it. A
sentence can be translated later (`Translatable.again`), because a page is laid out in one language and then shown in
another. Two kinds of English sentences are not in the JSON files: errors are in `colorizer.errors`, and architectures
describe themselves.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.architectures.registry import facts
from colorizer.errors import SENTENCES

from ..gradio_private import show_error

HERE = Path(__file__).parent
ROWS: dict[str, dict[str, Any]] = json.loads((HERE / "languages.json").read_text(encoding="utf-8"))
LANGUAGES: dict[str, str] = {code: row["name"] for code, row in ROWS.items()}
"""Names by code, in the order in which they are offered."""


def _slavic(count: int) -> str:
    if count % 10 == 1 and count % 100 != 11:
        return "one"
    return "few" if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14) else "many"


PLURALS: dict[str, Callable[[int], str]] = {
    "none": lambda count: "other",
    "one": lambda count: "one" if count == 1 else "other",
    "zero and one": lambda count: "one" if count in (0, 1) else "other",
    "one, few, many": _slavic,
}
"""The form of a noun after a whole number, by the languages' rules. CLDR has one more for millions, which no sentence
here counts."""


def written(value: float, form: str, language: str) -> str:
    """A number in a format such as ".2f" or ",", as the language writes it, with a true minus sign."""
    row = ROWS[language]
    text = format(value, form).replace("-", "−")
    if sum(map(str.isdigit, text.partition(".")[0])) < row["from"]:
        text = text.replace(",", "")
    return text.translate({ord(","): row["thousands"], ord("."): row["point"]})


def counted(count: int, forms: str, language: str) -> str:
    """A whole number and what it counts, in the language's form for it.

    forms: such as "one # photo|other # photos"; `#` is the number. The last form is for all others.
    """
    known = dict(form.split(" ", 1) for form in forms.split("|"))
    chosen = known.get(PLURALS[ROWS[language]["plural"]](count), [*known.values()][-1])
    return chosen.replace("#", written(count, ",", language))


DEFAULT_LANGUAGE = "en"

_spoken: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)


class Translatable(str):
    """A sentence that can be translated: `again()` returns it in the current language."""

    again: Callable[[], str]

    def __deepcopy__(self, _: dict[int, Any]) -> Translatable:
        """Itself, as of any string. Gradio copies the page's description, and `again` may lead to all of the server."""
        return self


def translatable(sentence: Callable[[], str]) -> Translatable:
    """Make what `sentence()` returns translatable; for text that is put together from several sentences."""
    result = Translatable(sentence())
    result.again = sentence
    return result


def preferred(accepted: str) -> str:
    """The language of `LANGUAGES` that an Accept-Language header (RFC 9110) prefers, such as
    "pt-BR,pt;q=0.9,en;q=0.8"; English if it names none of them."""
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
    """The sentence `key` in the current language, a `Translatable`, with values for its blanks.

    Numbers with a fraction, and those with a format, are written as in that language, and a blank such as
    `{count:one # photo|other # photos}` has a plural. Values that are `Translatable` are translated together with the
    sentence. Raises KeyError for an unknown key.
    """
    return translatable(lambda: _filled(_sentences(_spoken.get())[key], values))


def knows(key: str) -> bool:
    """Whether there is a sentence `key`."""
    return key in _sentences(DEFAULT_LANGUAGE)


def number(value: float, form: str) -> str:
    """A number in a format such as ".2f" or ",", as the current language writes it."""
    return written(value, form, _spoken.get())


def story(architecture: str) -> str:
    """Two sentences about an architecture, a `Translatable`; those of its docstring if there is no translation."""
    return translatable(lambda: _sentences(_spoken.get()).get(f"story_{architecture}") or facts(architecture).story)


def title_text(title: str) -> str:
    """A checkpoint's title as in its file; a `Translatable` if the checkpoint is one of ours."""
    english = _sentences(DEFAULT_LANGUAGE)
    key = next((key for key in english if key.startswith("title_") and english[key] == title), None)
    return text(key) if key else title


def error_text(error: Exception) -> str:
    """An error's sentence, a `Translatable` if it is one of `colorizer.errors`; otherwise its message's first line,
    because torch's messages can have dozens."""
    kind = getattr(error, "kind", "")
    if kind == "photo_missing":  # the visitor gave no path that could be checked
        return text("gone")
    if kind:
        return text(f"error_{kind}", **error.values)  # type: ignore[attr-defined]
    return str(error).partition("\n")[0] or "an unexpected fault"


def translated(value: Any) -> Any:
    """`value` with every `Translatable` in it translated, at any depth of lists, tuples and dicts."""
    if isinstance(value, Translatable):
        return translatable(value.again)
    if not has_translatable(value):
        return value
    if isinstance(value, dict):
        return {key: translated(part) for key, part in value.items()}
    return type(value)(translated(part) for part in value)


def has_translatable(value: Any) -> bool:
    """Whether there is a `Translatable` in a value, at any depth of lists, tuples and dicts."""
    if isinstance(value, dict):
        return any(map(has_translatable, value.values()))
    return any(map(has_translatable, value)) if isinstance(value, (list, tuple)) else isinstance(value, Translatable)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Make `language` the current language within this block; an unknown one means English."""
    token = _spoken.set(language if language in LANGUAGES else DEFAULT_LANGUAGE)
    try:
        yield
    finally:
        _spoken.reset(token)


def current_language() -> str:
    """The code of the current language."""
    return _spoken.get()


def refusal(key: str) -> gr.Error:
    """The error that a handler raises to show the sentence `key`."""
    return gr.Error(text(key), print_exception=False)


def warn(sentence: str) -> None:
    """Show a sentence, plain text, as a warning."""
    gr.Warning(html.escape(sentence, quote=False))


@contextmanager
def errors_as_toasts() -> Iterator[None]:
    """Show an error as `gr.Error` does, but do not let the event fail: Gradio drops events that wait for a failed
    one."""
    try:
        yield
        return
    except gr.Error as error:
        message = error.message
    except (RuntimeError, MemoryError) as error:  # torch's, such as too little memory
        message = html.escape(error_text(error), quote=False)
    show_error(message)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn the package's errors into messages: gr.Error with one sentence."""
    try:
        yield
    except gr.Error:  # a ValueError, too, which has its sentence already
        raise
    except FileNotFoundError:
        raise refusal("gone") from None
    except OSError:  # most often a full disk; its own message has paths in it
        raise refusal("unwritable") from None
    except ValueError as error:  # UserError, and others of the package
        raise gr.Error(html.escape(error_text(error), quote=False), print_exception=False) from None


class _Number(float):
    """A number that is written as in the current language."""

    def __format__(self, form: str) -> str:
        return number(float(self), form)


class _Count(int):
    """A whole number that is written as it is, or in the current language if it has a format or a plural."""

    def __format__(self, form: str) -> str:
        if "|" in form:
            return counted(int(self), form, _spoken.get())
        return number(int(self), form) if form else str(int(self))


def _own(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return _Count(value)
    return _Number(value) if isinstance(value, float) else translated(value)


def _filled(sentence: str, values: dict[str, object]) -> str:
    if not values:
        return sentence
    return sentence.format(**{key: _own(value) for key, value in values.items()})


@cache
def _sentences(language: str) -> dict[str, str]:
    """All sentences of a language by key. Missing ones are in English."""
    path = HERE / f"{language}.json"
    groups = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    own = {key: sentence for group in groups.values() for key, sentence in group.items()}
    if language != DEFAULT_LANGUAGE:
        return {**_sentences(DEFAULT_LANGUAGE), **own}
    return {**{f"error_{kind}": sentence for kind, sentence in SENTENCES.items()}, **own}
