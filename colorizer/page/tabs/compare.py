"""The Compare tab: one photo, coloured by every checkpoint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.page.gradio_private import event_values
from colorizer.page.i18n.texts import text
from colorizer.page.session.opened import PhotoFile
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.shelf import Shelf
from colorizer.page.widgets.inputs import (
    CheckpointDropdown,
    PhotoInput,
    captioned_gallery,
    clicked_example,
    example_gallery,
    photo_input,
)
from colorizer.page.widgets.made_files import Download, download_button
from colorizer.page.widgets.stage import Pair
from colorizer.page.widgets.translated_html import joined

from .compare_run import CompareHandlers, Files
from .one_photo.choices import network_choices
from .one_photo.parts import OnePhotoParts
from .one_photo.tab import OnePhotoTab
from .tab import PRIVATE, QUICK, Context, Named, Tab

SCRIPT = joined("table.js") + (Path(__file__).parent / "compare.js").read_text(encoding="utf-8")
IN_VIEW = "() => document.querySelector('#compare-pair .stage-view')?.scrollIntoView({ block: 'nearest' })"
"""On a phone the pictures to tap are below what they change."""


@dataclass(frozen=True)
class InputParts:
    """The choice of a photo."""

    file: gr.State
    """A `PhotoFile`, in Gradio's cache, or None."""
    photo: PhotoInput
    gallery: gr.Gallery
    only: gr.Dropdown
    """The names of the checkpoints to compare; none stands for all."""
    button: gr.Button


@dataclass(frozen=True)
class ResultParts:
    """The results of all checkpoints: all that `CompareHandlers.run` fills."""

    status: gr.Markdown
    files: gr.State
    """The pictures in the grid: `run.Files`."""
    tap: gr.Markdown
    """Says that two of them can be tapped; hidden until there are some."""
    grid: gr.Gallery
    table: gr.HTML
    download: Download


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
                result, divider = _lay_out_result()
        handlers = CompareHandlers(context.shelf)
        _connect(given, result, handlers, context, self.one_photo.parts)
        _connect_divider(result, divider, handlers)


def _lay_out_input(examples: Sequence[Path], shelf: Shelf) -> InputParts:
    gr.Markdown(text("compare_intro"), elem_id="compare-intro")
    return InputParts(
        file=gr.State(None),
        photo=photo_input("compare-photo", 200),
        gallery=example_gallery("compare-examples", examples),
        only=CheckpointDropdown(
            network_choices(shelf.ranked()),
            value=[],
            multiselect=True,
            label=text("compare_only"),
            info=text("compare_only_info"),
        ),
        button=gr.Button(text("compare_button"), variant="primary", elem_id="compare-button"),
    )


def _lay_out_result() -> tuple[ResultParts, Pair]:
    """The results, and the divider between two of them."""
    status = gr.Markdown(text("compare_waiting"), elem_id="compare-status", elem_classes="announced")
    divider = Pair(elem_id="compare-pair")
    tap = gr.Markdown(text("compare_tap"), visible=False)
    grid = captioned_gallery(text("compare_grid"), elem_id="compare-grid", columns=3)
    table: Any = gr.HTML("", html_template='<div class="models"></div>', js_on_load=SCRIPT)
    download = download_button(text("compare_download"), elem_id="compare-download", min_width=220)
    return ResultParts(status, gr.State({}), tap, grid, table, download), divider


def _connect(
    given: InputParts, result: ResultParts, handlers: CompareHandlers, context: Context, first: OnePhotoParts
) -> None:
    """first: the first tab."""
    named = Named(result)
    outputs, both = named.components(), [given.file, given.photo]

    def run(file: PhotoFile | None, only: list[str]) -> Iterator[dict[Any, Any]]:
        for updates in handlers.run(file, only):
            yield named.updates(updates)

    def example_clicked(event: gr.SelectData) -> dict[Any, Any]:
        path = clicked_example(context.examples, event)
        return {given.file: PhotoFile(path), given.photo: path}

    def take_over(own: PhotoFile | None, **first: Any) -> dict[Any, Any]:
        """Take over the first tab's photo as it is read there, unless this tab has one."""
        request = PhotoRequest.from_values(**first)
        file = PhotoFile(request.path, request.form) if request.path and not own else None
        return {given.file: file, given.photo: file.path} if file else {}

    def removed() -> dict[Any, Any]:
        return {given.file: None, **named.updates(handlers.cleared())}

    def run_after(event: Any, **options: Any) -> Any:
        # A photo that is chosen while another one is compared comes next. By default Gradio drops it, and the page
        # would show it above the results of the other one.
        options = {"trigger_mode": "always_last", **options, **PRIVATE, "show_progress": "minimal"}
        inputs = [given.file, given.only]
        return context.shelf.let_in(event, run, inputs, outputs, show_progress_on=[result.grid], **options)

    upload = given.photo.upload(lambda path: PhotoFile(path), given.photo, given.file, **QUICK)
    example = given.gallery.select(example_clicked, None, both, **QUICK)
    running = [
        run_after(upload.success),
        run_after(example.success),
        run_after(given.button.click, trigger_mode="once"),
    ]
    as_read: dict[str, Any] = {"path": first.photo.source, "partial": first.partial, **first.reading()}
    context.tab.select(take_over, None, both, inputs_kwargs={"own": given.file, **as_read}, **QUICK)
    given.photo.clear(removed, None, [given.file, *outputs], cancels=running, **QUICK)


def _connect_divider(result: ResultParts, divider: Pair, handlers: CompareHandlers) -> None:
    choice = gr.State({})
    inputs: dict[str, Any] = {"files": result.files, "chosen": choice}

    def show(files: Files, chosen: Mapping[str, str]) -> Any:
        return gr.update(**handlers.beside(files, chosen))

    def choose(event: gr.EventData, files: Files) -> dict[Any, Any]:
        values = event_values(event)
        chosen = {at: str(values.get(at)) for at in ("left", "right")}
        return {choice: chosen, divider: show(files, chosen)}

    def tap(event: gr.SelectData, files: Files, chosen: Mapping[str, str]) -> dict[Any, Any]:
        chosen = handlers.tapped(files, chosen, int(event.index))
        return {choice: chosen, divider: show(files, chosen)}

    both = [choice, divider]
    result.files.change(show, None, divider, inputs_kwargs=inputs, trigger_mode="always_last", **QUICK)
    tapped = result.grid.select(tap, None, both, inputs_kwargs=inputs, trigger_mode="multiple", **QUICK)
    tapped.success(None, None, None, js=IN_VIEW, **PRIVATE)
    divider.sides(choose, None, both, inputs_kwargs={"files": result.files}, trigger_mode="always_last", **QUICK)
