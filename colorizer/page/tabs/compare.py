"""The Compare tab: one photo, coloured by every checkpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.page.i18n.texts import text
from colorizer.page.serving.served_files import cached_copy
from colorizer.page.session.opened import PhotoFile
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.shelf import Shelf
from colorizer.page.widgets.inputs import (
    CheckpointDropdown,
    captioned_gallery,
    example_gallery,
    photo_input,
)
from colorizer.page.widgets.made_files import download_button
from colorizer.page.widgets.stage import Pair
from colorizer.page.widgets.translated_html import joined

from .compare_run import CompareHandlers, Files
from .one_photo.tab import OnePhotoTab
from .one_photo.wording import network_choices
from .tab import LAST_WINS, PRIVATE, QUICK, Context, Named, Tab, Updates

SCRIPT = joined("table.js") + (Path(__file__).parent / "compare.js").read_text(encoding="utf-8")
IN_VIEW = "() => document.querySelector('#compare-pair .stage-view')?.scrollIntoView({ block: 'nearest' })"
"""On a phone the pictures to tap are below what they change."""


@dataclass
class CompareTab(Tab):
    """The Compare tab."""

    id = "compare"
    one_photo: OnePhotoTab
    """Its photo is compared until this tab gets one of its own."""

    def build(self, context: Context) -> None:
        with gr.Row(elem_id="compare-work"):
            with gr.Column(scale=1, min_width=300):
                given = _lay_out_input(context.examples, context.shelf)
            with gr.Column(scale=3, min_width=320):
                shown = _lay_out_result()
        states = {
            "file": gr.State(None),  # a `PhotoFile`, in Gradio's cache, or None
            "files": gr.State({}),  # the pictures in the grid: `compare_run.Files`
            "chosen": gr.State({}),  # the sides of the divider
        }
        self.parts = Named(states, given, shown, asks=self.one_photo.parts.asks)
        self.handlers = CompareHandlers(context.shelf)
        self._connect(context)
        self._connect_divider()

    def _connect(self, context: Context) -> None:
        parts, handlers, on = self.parts, self.handlers, self.parts.on
        results = handlers.cleared()

        def example_clicked(event: Mapping[str, Any]) -> Updates:
            path = cached_copy(context.examples[event["index"]])
            return {"file": PhotoFile(path), "photo": path}

        def run_after(event: Any, **options: Any) -> Any:
            # A photo that is chosen while another one is compared comes next. By default Gradio drops it, and the page
            # would show it above the results of the other one.
            options = {**LAST_WINS, **options, **PRIVATE, "show_progress": "minimal"}
            turn = partial(context.shelf.let_in, event)
            return on(turn, handlers.run, results, show_progress_on=[parts["grid"]], **options)

        upload = on(parts["photo"].upload, lambda photo: {"file": PhotoFile(photo)}, ["file"], **QUICK)
        example = on(parts["gallery"].select, example_clicked, ["file", "photo"], **QUICK)
        running = [
            run_after(upload.success),
            run_after(example.success),
            run_after(parts["button"].click, trigger_mode="once"),
        ]

        def take_over(file: PhotoFile | None, request: PhotoRequest) -> Updates:
            """Take over the first tab's photo as it is read there, unless this tab has one."""
            if file or not request.path:
                return {}
            return {"file": PhotoFile(request.path, request.form), "photo": request.path}

        def removed() -> Updates:
            return {"file": None, **handlers.cleared()}

        on(context.tab.select, take_over, ["file", "photo"], **QUICK)
        on(parts["photo"].clear, removed, removed(), cancels=running, **QUICK)

    def _connect_divider(self) -> None:
        parts, on, gives = self.parts, self.parts.on, ["chosen", "pair"]

        def show(files: Files, chosen: Mapping[str, str]) -> Updates:
            return {"pair": gr.update(**self.handlers.beside(files, chosen))}

        def choose(event: Mapping[str, Any], files: Files) -> Updates:
            chosen = {at: str(event.get(at)) for at in ("left", "right")}
            return {"chosen": chosen, **show(files, chosen)}

        def tapped(event: Mapping[str, Any], files: Files, chosen: Mapping[str, str]) -> Updates:
            chosen = self.handlers.tapped(files, chosen, event["index"])
            return {"chosen": chosen, **show(files, chosen)}

        on(parts["files"].change, show, ["pair"], **LAST_WINS, **QUICK)
        tap = on(parts["grid"].select, tapped, gives, trigger_mode="multiple", **QUICK)
        tap.success(None, None, None, js=IN_VIEW, **PRIVATE)
        on(parts["pair"].sides, choose, gives, **LAST_WINS, **QUICK)


def _lay_out_input(examples: Sequence[Path], shelf: Shelf) -> dict[str, Any]:
    gr.Markdown(text("compare_intro"), elem_id="compare-intro")
    return {
        "photo": photo_input("compare-photo", 200),
        "gallery": example_gallery("compare-examples", examples),
        "only": CheckpointDropdown(  # the names of the checkpoints to compare; none stands for all
            network_choices(shelf.ranked()),
            value=[],
            multiselect=True,
            label=text("compare_only"),
            info=text("compare_only_info"),
        ),
        "button": gr.Button(text("compare_button"), variant="primary", elem_id="compare-button"),
    }


def _lay_out_result() -> dict[str, Any]:
    """The results of all checkpoints, and the divider between two of them."""
    return {
        "status": gr.Markdown(text("compare_waiting"), elem_id="compare-status", elem_classes="announced"),
        "pair": Pair(elem_id="compare-pair"),
        "tap": gr.Markdown(text("compare_tap"), visible=False),  # says that two pictures can be tapped
        "grid": captioned_gallery(text("compare_grid"), elem_id="compare-grid", columns=3),
        "table": gr.HTML("", html_template='<div class="models"></div>', js_on_load=SCRIPT),
        "download": download_button(text("compare_download"), elem_id="compare-download", min_width=220),
    }
