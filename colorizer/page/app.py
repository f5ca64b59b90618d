"""The page as a whole: its tabs, its endpoints, and how it is served."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from ..checkpoints.card import WEIGHTS
from ..files.shipped import shipped
from ..runtime import openmp  # noqa: F401
from .api import add_api
from .gradio_private import known_files, mend_queue
from .i18n.language import Page, language_choice
from .i18n.texts import said, text
from .look.theme import CSS, HEAD, theme
from .look.typeface import ROUTES
from .serving.cleaning import keep_clean, own_folder
from .serving.disk_budget import budget
from .serving.headers import Guarded
from .serving.memory import keep_giving_back, share_memory
from .serving.previews import Previews
from .serving.uploads import Uploads
from .session.shelf import Shelf
from .session.zero_gpu import borrow_gpu, chosen_device, on_zero_gpu
from .tabs.about.tab import about
from .tabs.album.tab import many_photos
from .tabs.compare import every_checkpoint
from .tabs.models.tab import model_cards
from .tabs.one_photo.permalinks import follow_links
from .tabs.one_photo.tab import one_photo
from .tabs.show import show
from .widgets.hidden import gradio_words

EXAMPLES = shipped("examples")
QUEUE = 100
"""Questions that may wait; a class of visitors that all come at once, some of them with two."""
SESSIONS = 500
"""Visitors whose photograph is remembered, a quarter of a megabyte each. Programs that speak bare HTTP are another one
with each question; by Gradio's default, 10,000 of them would fill gigabytes."""


def build_page(weights: str | Path | Shelf = WEIGHTS, examples: str | Path = EXAMPLES) -> gr.Blocks:
    """The whole page over a folder of checkpoints, with the JPEGs in `examples` to click. Imports no torch."""
    shelf = weights if isinstance(weights, Shelf) else Shelf(weights)
    with Page(title=text("title"), analytics_enabled=False, fill_width=True, delete_cache=(3600, 86400)) as page:
        with gr.Row(elem_id="header"):
            gr.Markdown(said(lambda: f"# {text('title')}\n\n{text('tagline')}"), elem_id="heading")
            language = language_choice()
        pictures = sorted(Path(examples).glob("*.jpg"))
        gr.set_static_paths([*pictures])  # served from where they are, as systems clean out /tmp after days
        with gr.Tabs(overflow_behavior="wrap") as tabs:  # a menu of those that do not fit is none to the keyboard
            with gr.Tab(text("tab_one"), id="one"):
                first = one_photo(shelf, pictures)
            with gr.Tab(text("tab_compare"), id="compare") as tab:
                every_checkpoint(shelf, pictures, first.source, tab)
            with gr.Tab(text("tab_many"), id="many"):
                many_photos(shelf)
            with gr.Tab(text("tab_show"), id="show") as tab:
                show(shelf, pictures, first.request, tab)
            with gr.Tab(text("tab_models"), id="models") as tab:
                model_cards(shelf, tab, tabs, first)
            with gr.Tab(text("tab_about"), id="about"):
                about()
        gr.Markdown(text("honesty"), elem_id="honesty")
        gradio_words()
        add_api(page, shelf)
        follow_links(first, shelf, pictures, tabs, page.speak(language))
    page.queue(max_size=QUEUE, default_concurrency_limit=4, api_open=False)
    mend_queue(page)
    return page


def app_options(shelf: Shelf) -> dict[str, Any]:
    """For `app_kwargs` of gr.Blocks.launch, over the shelf that the page was built with."""
    middleware = [Middleware(Guarded), Middleware(Uploads), Middleware(Previews, preview=shelf.preview_file)]
    return {"middleware": middleware, "routes": [*ROUTES]}


def launch(**options: Any) -> gr.Blocks:
    """Serve the page with the project's weights, or those in $COLORIZER_WEIGHTS, on $COLORIZER_DEVICE.

    Where MCP is installed, the endpoints for programs are tools as well. torch is imported only after the page can be
    seen, but for ZeroGPU, which wants it before. `options` go to gr.Blocks.launch. Raises ValueError for a device that
    `chosen_device` does not know, or a `budget` that is none.
    """
    share_memory()
    own_folder()
    shelf = Shelf(os.environ.get("COLORIZER_WEIGHTS") or WEIGHTS)
    chosen_device()
    budget(taken=0)
    if on_zero_gpu():
        shelf.load = borrow_gpu(shelf.cards())
    page = build_page(shelf)
    wait = not options.pop("prevent_thread_lock", False)
    page.launch(
        theme=theme(),
        css=CSS,
        head=HEAD,
        max_file_size="500mb",
        show_error=False,
        run_history=False,
        enable_monitoring=False,
        footer_links=["api", "settings"],
        mcp_server=find_spec("mcp") is not None,  # it comes with gradio[mcp]
        prevent_thread_lock=True,
        app_kwargs=app_options(shelf),
        state_session_capacity=SESSIONS,
        **options,
    )
    keep_clean(known_files(page))
    keep_giving_back()
    shelf.warm_up()
    if wait:
        page.block_thread()
    return page
