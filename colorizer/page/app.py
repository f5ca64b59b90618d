"""The page as a whole: its tabs, its endpoints, and how it is served."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import gradio as gr

from ..checkpoints.card import WEIGHTS
from ..errors import UserError
from ..files.shipped import example_photos, shipped
from ..runtime import openmp  # noqa: F401
from .api import add_api, refusal
from .before_gradio import without_proxies
from .gradio_mcp import mend_tools, tools_possible
from .gradio_private import draw_without_windows, known_files, mend_queue, mend_states
from .gradio_server import WITHOUT_KNOCKING, mended_client
from .i18n.language import Page, language_choice
from .i18n.texts import text, translatable
from .serving.connections import ask_for_handles
from .serving.disk_budget import budget, keep_clean
from .serving.gate import gate
from .serving.headers import framed_by
from .serving.memory import keep_giving_back, share_memory
from .session.roll import Roll
from .session.shelf import PLACES, Shelf, chosen_device, on_zero_gpu, satisfy_zero_gpu
from .tabs.about import AboutTab
from .tabs.album.tab import AlbumTab
from .tabs.compare.tab import CompareTab
from .tabs.models import ModelsTab
from .tabs.one_photo.tab import OnePhotoTab
from .tabs.show import ShowTab
from .tabs.tab import Context, RollParts, Tab
from .theme import CSS, HEAD, ROUTES, theme
from .widgets.caption_list import CaptionList
from .widgets.filmstrip import Filmstrip
from .widgets.translated_html import gradio_words

EXAMPLES = shipped("examples")
QUEUE = 100
"""Most questions that may wait: enough for a class of visitors who all come at once, some of them with two."""
SESSIONS = 500
"""Most visitors whose photograph is remembered. A program that speaks bare HTTP counts as a new visitor with each
question, so Gradio's default, 10,000, would fill the memory for nothing."""


def page_tabs() -> list[Tab]:
    """The tabs of the page, in order. A new tab is one more line."""
    one_photo = OnePhotoTab()
    return [
        one_photo,
        CompareTab(one_photo),
        AlbumTab(one_photo),
        ShowTab(one_photo),
        ModelsTab(one_photo),
        AboutTab(),
    ]


def _read_foot(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UserError(f"COLORIZER_FOOT: {path} is no text in UTF-8 that can be read; check the path.") from None


def build_page(weights: str | Path | Shelf = WEIGHTS, examples: str | Path = EXAMPLES) -> gr.Blocks:
    """The whole page over a folder of checkpoints, with the JPEGs in `examples` to click, and the HTML in
    $COLORIZER_FOOT at its foot. Imports no torch. Raises UserError for a foot that cannot be read."""
    shelf = weights if isinstance(weights, Shelf) else Shelf(weights)
    with Page(title=text("title"), analytics_enabled=False, fill_width=True) as page:
        with gr.Row(elem_id="header"):
            gr.HTML(translatable(lambda: f"<h1>{text('title')}</h1><p>{text('tagline')}</p>"), elem_id="heading")
            language = language_choice()
        pictures = example_photos(Path(examples))
        gr.set_static_paths([*pictures])  # served from where they are, as systems clean out /tmp after days
        captions = CaptionList(elem_id="many-captions", render=False)
        roll = RollParts(gr.State(Roll()), Filmstrip(elem_id="roll", render=False), captions)
        built: list[tuple[Tab, Context]] = []
        with gr.Tabs(overflow_behavior="wrap") as tabs:  # keys cannot open a menu of those that do not fit
            for tab in page_tabs():
                with gr.Tab(text(f"tab_{tab.id}"), id=tab.id) as shown:
                    context = Context(shelf, pictures, tabs, roll, shown)
                    tab.build(context)
                    built.append((tab, context))
        roll.lay_out(shelf)
        gr.Markdown(text("honesty"), elem_id="honesty")
        if foot := os.environ.get("COLORIZER_FOOT"):
            gr.HTML(_read_foot(Path(foot)), elem_id="foot")
        gradio_words()
        add_api(page, shelf)
        opened = page.speak(language)
        for tab, context in built:
            tab.connect_opening(context, opened)
    page.queue(max_size=QUEUE, default_concurrency_limit=4, api_open=False)
    mend_queue(page)
    mend_states()
    mend_tools()
    return page


def footer_links() -> list[Any]:
    """The links in Gradio's footer. Its settings have nothing but the theme that works here, and none on a Space."""
    return ["api"] if os.environ.get("SPACE_ID") else ["api", "settings"]


def app_options(shelf: Shelf) -> dict[str, Any]:
    """Options for `app_kwargs` of gr.Blocks.launch, over the shelf that the page was built with."""
    return {**gate(refusal, shelf.preview_file), "routes": [*ROUTES, *mended_client()]}


def launch(**options: Any) -> gr.Blocks:
    """Serve the page with the project's weights, or those in $COLORIZER_WEIGHTS, on $COLORIZER_DEVICE.

    Where MCP is installed, the endpoints for programs are tools as well. torch is imported only after the page can be
    seen. `options` go to gr.Blocks.launch. Raises ValueError for a device
    that `chosen_device` does not know, and for a setting that makes no sense.
    """
    share_memory()
    ask_for_handles()
    draw_without_windows()
    shelf = Shelf(os.environ.get("COLORIZER_WEIGHTS") or WEIGHTS)
    chosen_device()
    budget(taken=0)
    framed_by()
    if on_zero_gpu():
        satisfy_zero_gpu()
    page = build_page(shelf)
    wait = not options.pop("prevent_thread_lock", False)
    try:
        with without_proxies():
            page.launch(
                theme=theme(),
                css=CSS,
                head=HEAD,
                max_file_size="500mb",
                show_error=False,
                run_history=False,
                enable_monitoring=False,
                footer_links=footer_links(),
                mcp_server=tools_possible(),
                prevent_thread_lock=True,
                app_kwargs=app_options(shelf),
                state_session_capacity=SESSIONS,
                max_threads=2 * PLACES,
                **{**WITHOUT_KNOCKING, **options},
            )
        keep_clean(known_files(page))
        keep_giving_back()
        shelf.warm_up()
        while wait and page.is_running:
            time.sleep(0.1)
    except KeyboardInterrupt:
        page.close(verbose=False)
        if not wait:
            raise
    return page
