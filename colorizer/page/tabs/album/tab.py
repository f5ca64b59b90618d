"""The tab for many photos: add files and ZIP archives, watch the photos appear, download all of them."""

from __future__ import annotations

import html
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import gradio as gr

from colorizer.albums.uploads import MOST_BYTES, MOST_PHOTOS
from colorizer.colour.readout import DEFAULT_PRESET, PRESETS
from colorizer.page.gradio_private import event_values
from colorizer.page.i18n.texts import text, translatable
from colorizer.page.i18n.toasts import plain_errors
from colorizer.page.session.kept import take_up
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.roll import Roll
from colorizer.page.session.shelf import Shelf
from colorizer.page.widgets.album_input import KINDS, AlbumInput
from colorizer.page.widgets.album_view import AlbumView
from colorizer.page.widgets.caption_list import CaptionList
from colorizer.page.widgets.files import download_button, file_form, made_file, make_on_click
from colorizer.page.widgets.filmstrip import roll_update
from colorizer.page.widgets.kept import Kept
from colorizer.photo.form import Form

from ..one_photo.tab import OnePhotoTab
from ..one_photo.wording import describe_checkpoint, network_choices
from ..tab import PRIVATE, QUICK, SILENT, Context, Named, Tab, Updates
from .export import deck, page, sheet
from .films import most_seconds
from .parts import InputParts, ResultParts
from .run import AlbumHandlers
from .running import Running, forget

ALBUMS_AT_ONCE = 2
"""More albums wait in a queue of their own: each has a photo open, and they share the networks."""
# Not in the queue of single photos, which would wait for the whole album.
ALBUMS: dict[str, Any] = {"concurrency_id": "albums", "concurrency_limit": ALBUMS_AT_ONCE, "show_progress": "minimal"}
"""For an event that colours an album."""
KEPT = "async (files, roll) => [files, roll, await window.colorizerKeepsAlbum?.(files) ?? null]"
"""The browser keeps the files, as `album.js` says, and tells what it kept of an album that comes back."""
WITH_KEY = "async (...given) => [...given.slice(0, -1), await window.colorizerAlbum?.() ?? '']"
"""The last value becomes the secret by which the browser finds its album again."""


@dataclass
class AlbumTab(Tab):
    """The tab for many photos."""

    id = "many"
    one_photo: OnePhotoTab
    """The tab on which a photo of the album is corrected."""

    def build(self, context: Context) -> None:
        with gr.Row():
            with gr.Column(scale=1, min_width=300, elem_id="many-input"):
                given, buttons = _lay_out_input(context.shelf)
            with gr.Column(scale=3, min_width=320):
                result = lay_out_result(*buttons, context.roll.captions)
        handlers = AlbumHandlers(context.shelf)
        _connect(given, result, handlers, context, self.one_photo.parts.asks)
        _connect_roll(given, result, handlers, context, self.one_photo.parts["kept"])
        self.one_photo.open_frame_on(result.view.correct)
        self._take_over(given, result, context)

    def _take_over(self, given: InputParts, result: ResultParts, context: Context) -> None:
        """A film or an archive that is given to the tab for one photo comes here."""

        def moved(path: str | None, paths: list[str] | None) -> dict[Any, Any]:
            if path is None:
                return {}
            said = translatable(lambda: f"<p>{text('many_moved')}</p>")
            files, tabs = [*(paths or []), path], gr.update(selected=self.id)
            return {given.files: files, context.tabs: tabs, result.status: said}

        album = self.one_photo.parts["album"]
        self.one_photo.given(moved, [album, given.files], [given.files, context.tabs, result.status], **QUICK)


def _lay_out_input(shelf: Shelf) -> tuple[InputParts, tuple[gr.Button, gr.Button, gr.Button]]:
    """The input, and the buttons that start and stop the album and go on with it."""
    first = next(iter(shelf.cards()), None)
    most = {"photos": MOST_PHOTOS, "gigabytes": MOST_BYTES // 10**9, "seconds": round(most_seconds())}
    gr.Markdown(text("many_intro", **most))
    files = AlbumInput(
        file_count="multiple",
        file_types=KINDS,
        label=text("many_files"),
        elem_id="many-files",
        height=230,
        interactive=True,
    )
    chosen = gr.HTML(elem_id="many-chosen")
    button = gr.Button(text("many_button"), variant="primary", elem_id="many-button")
    stop = gr.Button(text("many_stop"), variant="stop", visible=False, elem_id="many-stop")
    more = gr.Button(text("many_more", count=0), visible=False)
    preset = gr.Dropdown(
        [(text(f"preset_{name}"), name) for name in PRESETS],
        value=DEFAULT_PRESET,
        label=text("drawer_look"),
        info=text("preset_info"),
        visible=bool(first and first.facts.has_distribution),
    )
    with gr.Accordion(text("file_heading"), open=False):
        form = file_form("many-")
    with gr.Group():
        checkpoint = gr.Dropdown(
            network_choices(shelf.ranked()),
            value=first.name if first else None,
            label=text("drawer_network"),
        )
        line = describe_checkpoint(first) if first else text("no_checkpoints")
        checkpoint_line = gr.Markdown(line, elem_classes="about")
    key = gr.Textbox(visible=False)
    return InputParts(files, chosen, preset, form, checkpoint, checkpoint_line, key), (button, stop, more)


def lay_out_result(button: gr.Button, stop: gr.Button, more: gr.Button, captions: CaptionList) -> ResultParts:
    """Lay out the result. button, stop, more: they start and stop the album, and go on with it. captions: those of the
    visitor's photos, not yet laid out."""
    placeholder = gr.HTML(translatable(_placeholder), elem_id="many-waiting")
    status = gr.HTML(elem_id="many-status")
    with gr.Row(elem_id="many-outcome", visible=False) as outcome:
        archive = download_button(text("many_zip"), variant="primary", elem_id="many-zip", min_width=220)
        sheet_button = gr.Button(text("many_sheet"), interactive=False, elem_id="many-sheet", min_width=180)
        deck_button = gr.Button(text("many_deck"), interactive=False, elem_id="many-deck", min_width=180)
        page_button = gr.Button(text("export_page"), interactive=False, elem_id="many-page", min_width=180)
    made = made_file("many-")
    films = gr.File(label=text("many_films"), file_count="multiple", interactive=False, visible=False)
    errors = gr.HTML(elem_id="many-errors")
    captions.render()
    return ResultParts(
        running=gr.State(None, delete_callback=forget),
        button=button,
        stop=stop,
        more=more,
        placeholder=placeholder,
        status=status,
        outcome=outcome,
        zip=archive,
        sheet=sheet_button,
        deck=deck_button,
        page=page_button,
        made=made,
        films=films,
        errors=errors,
        captions=captions,
        view=AlbumView(elem_id="many-view"),  # last: there may be hundreds of photos
    )


def _placeholder() -> str:
    ghosts = "<i></i>" * 8
    words = html.escape(text("many_waiting"))
    return f'<div class="album-waiting"><div class="album-ghosts" aria-hidden="true">{ghosts}</div>{words}</div>'


def _connect(
    given: InputParts, result: ResultParts, handlers: AlbumHandlers, context: Context, request: Mapping[str, Any]
) -> None:
    """request: the components that make the first tab's `PhotoRequest`, by name."""
    named = Named(result)
    outputs: list[Any] = [*named.components(), context.roll.strip]

    def run(**values: Any) -> Iterator[dict[Any, Any]]:
        form = Form.of(values)
        yield from shown(handlers.run(form=form, **values), values["roll"])

    def shown(steps: Generator[Updates, None, None], roll: Roll) -> Iterator[dict[Any, Any]]:
        """Updates, and the strip with the photos that are in colour now."""
        with closing(steps):
            for updates in steps:
                strip = {context.roll.strip: roll_update(roll.frames())} if "view" in updates else {}
                yield {**named.updates(updates), **strip}

    def go_on(running: Running | None, roll: Roll, partial: bool) -> Iterator[dict[Any, Any]]:
        yield from shown(handlers.go_on(running, partial), roll)

    def catch_up(running: Running | None) -> Iterator[dict[Any, Any]]:
        if running is None or not running.behind():
            yield {}  # everything stays: Gradio clears all outputs of a handler that yields nothing
            return
        yield from shown(handlers.catch_up(running), running.roll)

    def came(running: Running | None, roll: Roll, key: str, **values: Any) -> dict[Any, Any]:
        request = PhotoRequest.from_values(**values)
        if roll.at(request.path) and request.asked():
            roll.note(request)  # the first tab may still wait for its colours
        return {**named.updates(handlers.came(running, roll, key)), **context.roll.updates(roll)}

    def stop(running: Running | None) -> dict[Any, Any]:
        return named.updates(handlers.stopped(running))

    result.button.click(
        run,
        None,
        outputs,
        inputs_kwargs={
            "running": result.running,
            "paths": given.files,
            "checkpoint": given.checkpoint,
            "preset": given.preset,
            "roll": context.roll.state,
            **given.form,
            "key": given.key,
        },
        js=WITH_KEY,
        show_progress_on=[result.status],
        **ALBUMS,
        **PRIVATE,
    )
    more_inputs = {"running": result.running, "roll": context.roll.state, "partial": given.form["partial"]}
    result.more.click(
        go_on, None, outputs, inputs_kwargs=more_inputs, show_progress_on=[result.status], **ALBUMS, **PRIVATE
    )
    back: dict[str, Any] = {"running": result.running, "roll": context.roll.state, **request, "key": given.key}
    arrived = context.tab.select(came, None, outputs, inputs_kwargs=back, js=WITH_KEY, **QUICK)
    arrived.success(handlers.describe, context.roll.state, given.chosen, **QUICK)
    arrived.success(catch_up, result.running, outputs, **{**ALBUMS, **SILENT})
    result.stop.click(stop, result.running, outputs, **QUICK)
    Named(given).on(given.checkpoint.input, handlers.checkpoint_chosen, ["preset", "checkpoint_line"], **QUICK)
    inputs = {"running": result.running}
    make_on_click(result.sheet, lambda progress, running: sheet(running), inputs, result.made)
    make_on_click(result.deck, lambda progress, running: deck(running, progress), inputs, result.made)
    make_on_click(result.page, lambda progress, running: page(running, progress), inputs, result.made)


def _connect_roll(
    given: InputParts, result: ResultParts, handlers: AlbumHandlers, context: Context, kept: Kept
) -> None:
    """Connect the events of the photos that all tabs share. kept: the visitor's earlier photos."""
    named, roll = Named(result), context.roll

    def described(paths: list[str] | None, held: Roll, kept: Any) -> dict[Any, Any]:
        said = handlers.describe_files(paths, held)
        take_up(held, kept)
        return {given.chosen: said, **roll.updates(held)}

    def written(event: gr.EventData, held: Roll, running: Running | None) -> dict[Any, Any]:
        values = event_values(event)
        with plain_errors():
            held.write(values.get("key"), str(values.get("name")), values.get("value", ""))
        return {**named.updates(handlers.looked_at(running)), **roll.updates(held)}

    changed = [roll.strip, result.captions]
    files = [given.files, roll.state, kept]
    added = given.files.change(described, files, [given.chosen, *changed], js=KEPT, **QUICK)
    roll.hear_after(added, context.shelf)
    both: dict[str, Any] = {"held": roll.state, "running": result.running}
    seen = [result.view, result.more, *changed]
    result.captions.written(written, None, seen, inputs_kwargs=both, **QUICK)
