"""What is said over the page when something is wrong: one sentence, as HTML, after which the page goes on."""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from ..gradio_private import show_error
from .texts import explained, text


def refusal(key: str) -> gr.Error:
    """What a handler raises to say the sentence `key`."""
    return gr.Error(text(key), print_exception=False)


def warn(sentence: str) -> None:
    """Say a sentence, as plain text, and go on."""
    gr.Warning(html.escape(sentence, quote=False))


@contextmanager
def told() -> Iterator[None]:
    """Say what is wrong, as `gr.Error` does, and go on. Where an event fails, Gradio forgets what was to be asked after
    it."""
    try:
        yield
        return
    except gr.Error as error:
        message = error.message
    except (RuntimeError, MemoryError) as error:  # torch's, such as too little memory
        message = html.escape(explained(error), quote=False)
    show_error(message)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Say what the package has to say."""
    try:
        yield
    except FileNotFoundError:
        raise refusal("gone") from None
    except OSError:  # most often a full disk; what it says itself has paths in it
        raise refusal("unwritable") from None
    except ValueError as error:  # UserError, and what else the package may say
        raise gr.Error(html.escape(explained(error), quote=False), print_exception=False) from None
