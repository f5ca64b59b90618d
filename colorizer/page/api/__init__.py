"""The page's interface for programs: over HTTP, through Gradio's clients, and as MCP tools where these are installed.

Gradio reads names, types and docstrings of the functions here into its API page, OpenAPI and the tools' descriptions;
docs/api.md has examples. The events of the page itself stay private.
"""

from __future__ import annotations

import gradio as gr

from ..session.shelf import Shelf
from .endpoints import Endpoints


def add_api(page: gr.Blocks, shelf: Shelf) -> None:
    """Register /colorize, /compare, /suggest and /models, inside a gr.Blocks."""
    endpoints = Endpoints(shelf, page)
    for answer in (endpoints.colorize, endpoints.compare, endpoints.suggest):
        shelf.let_in(gr.api, answer, api_name=answer.__name__)
    gr.api(endpoints.models, api_name="models")
