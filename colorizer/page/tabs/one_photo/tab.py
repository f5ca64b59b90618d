"""The tab for one photograph: upload, look, say what is wrong, download. What it does is in `handlers`."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr

from colorizer.checkpoints.card import Card
from colorizer.colour.readout import NUMBERS, SLIDERS
from colorizer.page.gradio_private import event_values
from colorizer.page.i18n.texts import said, text
from colorizer.page.i18n.toasts import told
from colorizer.page.session.request import OWN, PhotoRequest
from colorizer.page.session.shelf import NETWORK, Shelf
from colorizer.page.widgets.divider import Compare
from colorizer.page.widgets.hidden import skip_link, unseen_heading
from colorizer.page.widgets.hint_picker import HintPicker, offering
from colorizer.page.widgets.link_button import LinkButton
from colorizer.page.widgets.photo_source import example_chooser, example_gallery, photo_input

from .controls import fine_controls, like_controls, network_controls, preset_control, view_control
from .export import connect_download, connect_export, download_block, export_block
from .handlers import Handlers, Updates
from .links import OWN_PARTS
from .permalinks import give_links

SHOWN = (
    "waiting", "shown", "gray", "colour", "truth", "no_truth", "picker", "compare", "versions", "version_points",
    "figures", "time", "classes", "download", "made", "making",
)  # fmt: skip
"""The parts that `Handlers.show` fills."""

CONTROLS = ("checkpoint_line", "preset", *SLIDERS, "raw", "fine", "like_box", "view")
"""The parts that a checkpoint decides on."""

TO_THE_TOP = "() => { scrollTo({ top: 0 }); document.querySelector('[role=tab][aria-selected=true]')?.focus(); }"
"""What was clicked is on a tab that can no longer be seen; whoever goes by keyboard goes on from the tab that is."""


def one_photo(shelf: Shelf, examples: list[Path]) -> SimpleNamespace:
    """Lay out the tab and connect it, inside a gr.Blocks. Returns its parts: `source` is the path of the photograph, as
    a state, `request` those that make a `PhotoRequest`; `choose_on(event, tabs)` chooses the checkpoint that an event
    names, {"name"}, and turns to this tab."""
    parts = SimpleNamespace(source=gr.State(None), version_points=gr.State([]))
    first = next(iter(shelf.cards()), None)
    with gr.Row(elem_id="work"):
        with gr.Column(scale=1, min_width=300, elem_id="input"):
            unseen_heading("input_heading")
            parts.photo = photo_input("photo", 300)
            parts.gallery = example_gallery("examples", examples)
            skip_link("skip_settings", to="result")
            with gr.Column(elem_id="settings"):
                with gr.Column(elem_id="boldness"):
                    preset_control(parts, first)
                    fine_controls(parts, first)
                    like_controls(parts, first)
                with gr.Column(elem_id="network"):
                    network_controls(parts, shelf)
        with gr.Column(scale=3, min_width=320, elem_id="result"):
            unseen_heading("result_heading")
            _lay_out_result(parts, first)
    _connect(parts, Handlers(shelf), examples)
    parts.request = request_inputs(parts)
    return parts


def _lay_out_result(parts: SimpleNamespace, first: Card | None) -> None:
    pane: dict[str, Any] = {"buttons": ["fullscreen"], "elem_classes": "pane", "min_width": 90}
    ghosts = f'<div class="ghosts" aria-hidden="true">{"<span></span>" * 3}</div>'
    parts.waiting = gr.HTML(said(lambda: f'<div id="waiting">{ghosts}{html.escape(text("waiting"))}</div>'))
    with gr.Column(visible=False, elem_id="shown") as parts.shown:
        with gr.Row(elem_id="panes"):
            parts.gray = gr.Image(label=text("grayscale"), alt_text=text("grayscale_alt"), elem_id="gray", **pane)
            parts.colour = gr.Image(label=text("predicted"), alt_text=text("predicted_alt"), elem_id="colour", **pane)
            parts.truth = gr.Image(label=text("original"), alt_text=text("original_alt"), elem_id="truth", **pane)
            parts.no_truth = gr.Markdown(text("no_original"), elem_id="no-truth", visible=False)
        with gr.Column(elem_id="views"):
            view_control(parts, first)
            parts.picker = HintPicker(elem_id="picker")
            parts.compare = Compare(elem_id="compare")
            with gr.Column(elem_id="versions"):
                gr.Markdown(text("versions_note"))
                parts.versions = gr.Gallery(
                    label=text("view_versions"),
                    show_label=False,
                    elem_id="version-grid",
                    elem_classes="captioned",
                    columns=2,
                    height="auto",
                    object_fit="contain",
                    allow_preview=False,
                    buttons=[],
                    interactive=False,
                )
        parts.classes = gr.Markdown(elem_id="classes", visible=False)
        with gr.Row(elem_id="outcome"):
            parts.time = gr.Markdown(elem_id="time", elem_classes="announced")
            download_block(parts)
        export_block(parts)
        parts.figures = gr.Markdown(elem_id="figures", visible=False)
        parts.link = LinkButton(parts=OWN_PARTS, elem_id="link")


def _connect(parts: SimpleNamespace, handlers: Handlers, examples: list[Path]) -> None:
    request, shown = request_inputs(parts), _named(parts, SHOWN)
    # What is asked while an answer is under way has its turn; by default events drop it, and a photograph chosen in
    # that time would stand beside the panes of the one before.
    model: dict[str, Any] = {
        **NETWORK,
        "api_visibility": "private",
        "trigger_mode": "always_last",
    }
    quick: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}
    running: list[Any] = []

    def colour(event: Any, **changes: Any) -> None:
        def coming(**values: Any) -> Iterator[dict[Any, Any]]:
            with told():
                for updates in handlers.coming(replace(PhotoRequest.from_values(**values), **changes)):
                    yield _updates(parts, updates)
                return
            yield {}  # everything stays: Gradio empties all outputs where nothing is yielded

        running.append(
            event(
                handlers.shelf.at_work(coming),
                None,
                shown,
                inputs_kwargs=request,
                show_progress_on=[parts.colour],
                **model,
            )
        )

    chosen = example_chooser(examples)

    def example(event: gr.SelectData) -> tuple[Any, ...]:
        return (*chosen(event), [])

    takes = [parts.source, parts.picker]  # hints belong to the photograph before
    colour(parts.photo.upload(lambda path: (path, []), parts.photo, takes, **quick).success)
    colour(parts.gallery.select(example, None, [parts.source, parts.photo, parts.picker], **quick).success)
    give_links(parts, handlers.shelf, examples, request)
    # A button that nobody sees, as no event comes under a condition: the server is asked to colour only where a
    # permalink brought something to be coloured.
    parts.opened = gr.Button(visible="hidden", elem_id="opened-with-photo")
    colour(parts.opened.click)
    _connect_network(parts, handlers, colour, quick)
    parts.choose_on = lambda event, tabs: _connect_choice(parts, handlers, colour, quick, event, tabs)
    _connect_boldness(parts, handlers, colour, quick)
    _connect_hints(parts, handlers, colour, quick, model)
    running.extend(connect_export(parts, handlers.shelf, request))
    running.append(connect_download(parts, _answered(parts, handlers.shelf, handlers.file), request))
    # What is still under way for a photo must not appear after the photo was taken away.
    parts.photo.clear(
        lambda: _updates(parts, {"source": None, **handlers.cleared()}),
        None,
        [parts.source, *shown],
        cancels=running,
        **quick,
    )


def _connect_network(parts: SimpleNamespace, handlers: Handlers, colour: Callable[..., None], quick: Any) -> None:
    controls = _named(parts, CONTROLS)
    choice = [parts.preset, parts.view]
    colour(
        parts.architecture.input(
            lambda *values: _updates(parts, handlers.architecture_chosen(*values)),
            [parts.architecture, *choice],
            [parts.checkpoint, parts.architecture_line, *controls],
            **quick,
        ).success
    )
    colour(
        parts.checkpoint.input(
            lambda *values: _updates(parts, handlers.checkpoint_chosen(*values)),
            [parts.checkpoint, *choice],
            controls,
            **quick,
        ).success
    )


def _connect_choice(
    parts: SimpleNamespace, handlers: Handlers, colour: Callable[..., None], quick: Any, event: Any, tabs: gr.Tabs
) -> None:
    def chosen(data: gr.EventData, preset: str, view: str) -> dict[Any, Any]:
        updates = _updates(parts, handlers.named(str(event_values(data).get("name")), preset, view))
        return {**updates, tabs: gr.update(selected="one")}

    outputs = [parts.architecture, parts.checkpoint, parts.architecture_line, *_named(parts, CONTROLS), tabs]
    # Through the queue, as only what fails there is told.
    choice = event(chosen, [parts.preset, parts.view], outputs, **{**quick, "queue": True})
    choice.success(None, None, None, js=TO_THE_TOP, api_visibility="private")
    colour(choice.success)


def _connect_boldness(parts: SimpleNamespace, handlers: Handlers, colour: Callable[..., None], quick: Any) -> None:
    sliders = _named(parts, tuple(SLIDERS))
    colour(
        parts.preset.input(
            lambda *values: _updates(parts, handlers.preset_chosen(*values)),
            [parts.preset, parts.checkpoint],
            [*sliders, parts.fine],
            # Arrow keys choose faster than the server answers; sliders must end where the last choice has them.
            **{**quick, "trigger_mode": "always_last"},
        ).success
    )
    for slider in sliders:
        slider.input(None, None, parts.preset, js=f"() => '{OWN}'", api_visibility="private")
        colour(slider.input, preset=OWN)
    colour(parts.raw.input)

    def like_chosen(like: str) -> tuple[Any, ...]:
        shown = (like == "picture", like == "palette", *(like != "nothing" for _ in companions))
        return tuple(gr.update(visible=each) for each in shown)

    companions = [getattr(parts, name) for name in NUMBERS if name not in SLIDERS]
    like_parts = [parts.like_picture, parts.like_palette, *companions]
    colour(parts.like.input(like_chosen, parts.like, like_parts, **quick).success)
    # Through the queue, as only what fails there is told.
    taken = parts.reference_photo.upload(
        handlers.reference_taken, parts.reference_photo, parts.reference, **{**quick, "queue": True}
    )
    colour(taken.success)
    colour(parts.reference_photo.clear(lambda: None, None, parts.reference, **quick).success)
    for control in (parts.palette, *companions):
        colour(control.input)


def _connect_hints(
    parts: SimpleNamespace, handlers: Handlers, colour: Callable[..., None], quick: Any, model: Any
) -> None:
    request = request_inputs(parts)
    colour(parts.picker.input)

    def offer(event: gr.EventData, **values: Any) -> dict[Any, Any]:
        place = event_values(event)
        with told():
            return _updates(parts, handlers.offer(PhotoRequest.from_values(**values), place))
        return {parts.picker: offering(place.get("n"), [])}

    def version_chosen(event: gr.SelectData, offered: list[Any], **values: Any) -> dict[Any, Any]:
        return _updates(parts, handlers.version_chosen(event.index, PhotoRequest.from_values(**values), offered))

    # Not "always_last", which would ask again about the place before.
    parts.picker.place(
        offer, None, [parts.picker], inputs_kwargs=request, **{**quick, "queue": True, "trigger_mode": "multiple"}
    )
    seen = [parts.compare, parts.versions, parts.version_points]
    parts.view.input(
        _answered(parts, handlers.shelf, handlers.looked_at),
        None,
        seen,
        inputs_kwargs=request,
        show_progress_on=[parts.versions],
        **model,
    )
    # The slider shows by itself that it waits, and stays to be looked at.
    parts.compare.input(
        _answered(parts, handlers.shelf, handlers.sides),
        None,
        [parts.compare],
        inputs_kwargs=request,
        show_progress="hidden",
        **model,
    )
    taken_over = [parts.picker, parts.view]
    colour(
        parts.versions.select(
            version_chosen, [parts.version_points], taken_over, inputs_kwargs=request, **quick
        ).success
    )


def _named(parts: SimpleNamespace, names: tuple[str, ...]) -> list[Any]:
    return [getattr(parts, name) for name in names]


def _answered(
    parts: SimpleNamespace, shelf: Shelf, handler: Callable[[PhotoRequest], Updates]
) -> Callable[..., dict[Any, Any]]:
    """A handler as Gradio calls it, with the values of `request_inputs`."""
    return shelf.at_work(lambda **values: _updates(parts, handler(PhotoRequest.from_values(**values))))


def request_inputs(parts: SimpleNamespace) -> dict[str, Any]:
    """The parts that make a `PhotoRequest`, by the names that `PhotoRequest.from_values` takes."""
    names = {"path": "source", "points": "picker", "sides": "compare", "shown": "photo"}
    names |= {name: name for name in ("checkpoint", "preset", "raw", "like", "reference", "palette", "view", *NUMBERS)}
    return {field: getattr(parts, name) for field, name in names.items()}


def _updates(parts: SimpleNamespace, updates: Updates) -> dict[Any, Any]:
    """What handlers return, by component, as Gradio takes it."""
    return {getattr(parts, name): update for name, update in updates.items()}
