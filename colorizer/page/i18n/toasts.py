"""Messages above the page when something is wrong: one sentence each, as HTML. The page goes on working."""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from ..gradio_private import show_error
from .texts import error_text, text


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
