"""The page's interface for programs: over HTTP, through Gradio's clients, and as MCP tools where these are installed.

Gradio reads names, types and docstrings of the functions here into its API page, OpenAPI and the tools' descriptions;
docs/api.md has examples. The events of the page itself stay private.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import Parameter, signature
from typing import Any

import gradio as gr
from pydantic import ValidationError

from colorizer.colour.readout import check_ranges
from colorizer.errors import UserError

from ..i18n.texts import error_text, text
from ..session.request import MOST_COLOURS, check_hint_count
from ..session.shelf import Shelf
from .calls import MOST_LETTERS, UPLOAD, in_words, uploaded
from .endpoints import Endpoints


def add_api(page: gr.Blocks, shelf: Shelf) -> None:
    """Register /colorize, /compare, /suggest and /models, inside a gr.Blocks."""
    endpoints = Endpoints(shelf, page)
    for answer in (endpoints.colorize, endpoints.compare, endpoints.suggest):
        shelf.let_in(gr.api, answer, api_name=answer.__name__)
    gr.api(endpoints.models, api_name="models")


NAMES = "colorize", "compare", "suggest", "models"
"""The endpoints, as methods of `Endpoints`."""
MOST_CHECKPOINTS = 50


def refusal(name: str, asked: Mapping[str, Any] | list[Any]) -> tuple[int, str] | None:
    """A status and a sentence for a question that no endpoint can answer, whatever its photograph shows; None for all
    others. asked: parameters by name, or in order; a list is then completed by the defaults of those that it lacks."""
    if name not in NAMES:
        return 404, f"There is no endpoint {name[:MOST_LETTERS]!r}; there are {', '.join(NAMES)}."
    endpoint = getattr(Endpoints, name)
    parameters = {each.name: each for each in signature(endpoint).parameters.values() if each.name != "self"}
    in_order = asked if isinstance(asked, list) else None
    if isinstance(asked, list):
        if len(asked) > len(parameters):
            there = f": {', '.join(parameters)}" if parameters else ""
            return 422, f"{name} takes {len(parameters) or 'no'} values, not {len(asked)}{there}."
        asked = dict(zip(parameters, asked, strict=False))
    for given in asked:
        if given not in parameters:
            there = ", ".join(parameters) or "none"
            return 422, f"{name} has no parameter {given[:MOST_LETTERS]!r}; it has {there}."
    for needed, parameter in parameters.items():
        if parameter.default is Parameter.empty and needed not in asked:
            return 422, f"{name} needs {needed}: {UPLOAD}." if needed == "photo" else f"{name} needs {needed}."
    try:
        _check(endpoint.validated(**asked))
    except ValidationError as error:
        return 422, in_words(list(parameters), error)
    except FileNotFoundError:
        return 404, str(text("gone"))
    except ValueError as error:
        return 422, error_text(error)
    if in_order is not None:
        in_order.extend(parameter.default for parameter in [*parameters.values()][len(in_order) :])
    return None


def _check(asked: dict[str, Any]) -> None:
    """Raise ValueError for numbers out of range, lists that are too long, and files from elsewhere; FileNotFoundError
    for an upload that is no longer there."""
    check_ranges(asked)
    check_hint_count(asked.get("hints") or ())
    if len(asked.get("palette") or ()) > MOST_COLOURS:
        raise UserError.of("palette_many", most=MOST_COLOURS, count=len(asked["palette"]))
    if len(asked.get("checkpoints") or ()) > MOST_CHECKPOINTS:
        raise ValueError(f"checkpoints are {MOST_CHECKPOINTS} at most; ask several times.")
    if asked.get("photo") is not None:
        if asked["photo"].path.lower().startswith(("http:", "https:")):
            raise ValueError(text("no_addresses"))
        uploaded(asked["photo"])
