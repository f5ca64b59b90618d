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
from colorizer.page.i18n.texts import plain_errors, text, translatable
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.roll import Roll
from colorizer.page.session.shelf import Shelf
from colorizer.page.widgets.album_input import KINDS, AlbumInput
from colorizer.page.widgets.album_view import AlbumView
from colorizer.page.widgets.caption_list import CaptionList, captions_update
from colorizer.page.widgets.files import download_button, file_form, made_file, make_on_click
from colorizer.page.widgets.filmstrip import roll_update
from colorizer.photo.form import Form

from ..one_photo.handlers import FORM
from ..one_photo.tab import TO_THE_TOP, OnePhotoTab
from ..one_photo.wording import PICTURE, describe_checkpoint, network_choices
from ..tab import PRIVATE, QUICK, SILENT, Context, Named, Tab, Updates, known
from .export import deck, page, sheet
from .films import most_seconds
from .run import AlbumHandlers
from .running import Running, forget

ALBUMS_AT_ONCE = 2
"""More albums wait in a queue of their own: each has a photo open, and they share the networks."""
# Not in the queue of single photos, which would wait for the whole album.
ALBUMS: dict[str, Any] = {"concurrency_id": "albums", "concurrency_limit": ALBUMS_AT_ONCE, "show_progress": "minimal"}
"""For an event that colours an album."""
WITH_KEY = "async (key, ...given) => [await window.colorizerAlbum?.() ?? '', ...given]"
"""The first value becomes the secret by which the browser finds its album again."""

VISIBLE = ("placeholder", "outcome", "button", "stop", "more")
"""What comes and goes while an album is coloured."""
TO_THE_STATUS = "() => document.querySelector('#many-status')?.scrollIntoView({ block: 'center' })"
"""On a narrow page it is below all that can be chosen."""


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
                result = {**buttons, **lay_out_result(context.roll.captions)}
        first = self.one_photo.parts
        shared = {
            "roll": context.roll.state,
            "filmstrip": context.roll.strip,
            "tabs": context.tabs,
            "kept": first["kept"],
            "film_button": first["film_button"],
        }
        self.parts = Named(given, result, shared, asks=first.asks)
        self.handlers = AlbumHandlers(context.shelf)
        self._connect(context, [*result, "filmstrip"])
        self._connect_roll(context)
        self._connect_exports()
        self._take_over()
        self.one_photo.open_frame_on(result["view"].correct, view=PICTURE)
        back = self.parts.on(
            first["album_chip"].click, lambda: {"tabs": gr.update(selected=self.id)}, ["tabs"], **QUICK
        )
        back.success(None, None, None, js=TO_THE_TOP, **PRIVATE)

    def connect_opening(self, context: Context, opened: Any) -> None:
        for changed in context.roll.changed:
            self.parts.on(changed, self._count, ["chosen"], **QUICK)

    def _count(self, roll: Roll) -> Updates:
        return {"chosen": self.handlers.describe(roll)}

    def _take_over(self) -> None:
        """An archive that is given to the tab for one photo comes here."""

        def moved(path: str | None, paths: list[str] | None) -> dict[Any, Any]:
            if path is None:
                return {}
            said = translatable(lambda: f"<p>{text('many_moved')}</p>")
            files, tabs = [*(paths or []), path], gr.update(selected=self.id)
            return self.parts.updates({"files": files, "tabs": tabs, "status": said})

        album, gives = self.one_photo.parts["album"], self.parts.components(["files", "tabs", "status"])
        self.one_photo.given(moved, [album, self.parts["files"]], gives, **QUICK)

    def _connect(self, context: Context, gives: list[str]) -> None:
        """gives: the names of all that an album fills."""
        parts, handlers, on = self.parts, self.handlers, self.parts.on
        colouring: dict[str, Any] = {"show_progress_on": [parts["status"]], **ALBUMS, **PRIVATE}

        def film_wanted(request: PhotoRequest) -> Updates:
            look = {"value": request.preset} if request.preset in PRESETS else {}
            network = {"checkpoint": request.checkpoint, **handlers.checkpoint_chosen(str(request.checkpoint))}
            return {"tabs": gr.update(selected=self.id), **network, "preset": {**network["preset"], **look}}

        def run(running: Running | None, **values: Any) -> Iterator[dict[Any, Any]]:
            if running and running.active:  # a film is wanted while an album is under way
                yield {}
                return
            chosen = Form.of(values)
            yield from map(parts.updates, shown(handlers.run(running, form=chosen, **values), values["roll"]))

        def shown(steps: Generator[Updates, None, None], roll: Roll) -> Iterator[Updates]:
            """Updates, and the strip with the photos that are in colour now. What is visible is said each time: of two
            updates that come at once, a browser may show the last one alone."""
            visible = Updates()
            with closing(steps):
                for updates in steps:
                    visible |= {name: updates[name] for name in VISIBLE if name in updates}
                    strip = {"filmstrip": roll_update(roll)} if "view" in updates else {}
                    yield {**visible, **updates, **strip}

        def go_on(running: Running | None, roll: Roll, partial: bool) -> Iterator[Updates]:
            yield from shown(handlers.go_on(running, partial), roll)

        def stopping() -> Updates:
            return {"status": translatable(lambda: f"<p>{text('many_stopping')}</p>")}

        def catch_up(running: Running | None) -> Iterator[Updates]:
            if running and running.behind():
                yield from shown(handlers.catch_up(running), running.roll)

        def came(key: str, running: Running | None, roll: Roll, chose: bool, request: PhotoRequest) -> Updates:
            look = {} if chose or request.preset not in PRESETS else {"preset": request.preset}
            if roll.at(request.path) and request.asked():
                roll.note(request)  # the first tab may still wait for its colours
            return {**handlers.came(running, roll, key), **roll_shown(roll), **look}

        names = ("key", "running", "checkpoint", "preset", "roll", "partial", *FORM)
        values = {**{name: parts[name] for name in names}, "paths": parts["files"]}
        outputs = parts.components(gives)
        film = on(parts["film_button"].click, film_wanted, ["tabs", "checkpoint", "checkpoint_line", "preset"], **QUICK)
        film.success(None, None, None, js=TO_THE_STATUS, **PRIVATE)
        for event in (parts["button"].click, film.success):
            event(run, None, outputs, inputs_kwargs=values, js=WITH_KEY, **colouring)
        on(parts["more"].click, go_on, gives, **colouring)
        # Said before it stops: afterwards it might come later than the album's last updates, and stay.
        said = on(parts["stop"].click, stopping, ["status"], **QUICK)
        on(said.then, handlers.stopped, gives, **QUICK)
        on(parts["preset"].input, lambda: {"chose": True}, ["chose"], **QUICK)
        arrived = on(context.tab.select, came, [*gives, "preset"], js=WITH_KEY, **QUICK)
        on(arrived.success, self._count, ["chosen"], **QUICK)
        on(arrived.success, catch_up, gives, **{**ALBUMS, **SILENT})
        on(parts["checkpoint"].input, handlers.checkpoint_chosen, ["preset", "checkpoint_line"], **QUICK)

    def _connect_roll(self, context: Context) -> None:
        """Connect the events of the photos that all tabs share."""
        handlers, on = self.handlers, self.parts.on

        def described(files: list[str] | None, roll: Roll, kept: Any) -> Updates:
            return {"chosen": handlers.describe_files(files, roll, kept), **roll_shown(roll)}

        def written(event: Mapping[str, Any], roll: Roll, running: Running | None) -> Updates:
            with plain_errors():
                roll.write(event.get("key"), str(event.get("name")), event.get("value", ""))
            return {**handlers.looked_at(running), **roll_shown(roll)}

        changed = ["filmstrip", "captions"]
        added = on(self.parts["files"].change, described, ["chosen", *changed], js=known("album"), **QUICK)
        context.roll.hear_after(added, context.shelf)
        on(self.parts["captions"].written, written, ["view", "more", *changed], **QUICK)

    def _connect_exports(self) -> None:
        parts, inputs = self.parts, {"running": self.parts["running"]}
        make_on_click(parts["sheet"], lambda progress, running: sheet(running), inputs, parts)
        make_on_click(parts["deck"], lambda progress, running: deck(running, progress), inputs, parts)
        make_on_click(parts["page"], lambda progress, running: page(running, progress), inputs, parts)


def roll_shown(roll: Roll) -> Updates:
    """Updates of what shows the photos of a visitor."""
    return {"filmstrip": roll_update(roll), "captions": captions_update(roll.frames())}


def _lay_out_input(shelf: Shelf) -> tuple[dict[str, Any], dict[str, Any]]:
    """The files and how to colour them, and the buttons that start and stop the album and go on with it."""
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
    return {
        "files": files,
        "chosen": chosen,  # a summary of the files
        "preset": preset,
        "chose": gr.State(False),  # whether the visitor chose a look here; else it is that of the first tab
        **form,
        "checkpoint": checkpoint,
        "checkpoint_line": checkpoint_line,
        "key": gr.Textbox(visible=False),  # the secret by which the browser finds its album again
    }, {"button": button, "stop": stop, "more": more}


def lay_out_result(captions: CaptionList) -> dict[str, Any]:
    """The components that an album fills. captions: those of the visitor's photos, not yet laid out."""
    placeholder = gr.HTML(translatable(_placeholder), elem_id="many-waiting")
    status = gr.HTML(elem_id="many-status")
    films = gr.File(
        label=text("many_films"), file_count="multiple", interactive=False, visible=False, elem_id="many-films"
    )
    with gr.Row(elem_id="many-outcome", visible=False) as outcome:
        archive = download_button(text("many_zip"), variant="primary", elem_id="many-zip", min_width=220)
        sheet_button = gr.Button(text("many_sheet"), interactive=False, elem_id="many-sheet", min_width=180)
        deck_button = gr.Button(text("many_deck"), interactive=False, elem_id="many-deck", min_width=180)
        page_button = gr.Button(text("export_page"), interactive=False, elem_id="many-page", min_width=180)
    made = made_file("many-")
    errors = gr.HTML(elem_id="many-errors")
    captions.render()
    return {
        "running": gr.State(None, delete_callback=forget),  # the visitor's album, a `Running`
        "placeholder": placeholder,
        "status": status,
        "outcome": outcome,
        "zip": archive,
        "sheet": sheet_button,
        "deck": deck_button,
        "page": page_button,
        **made,
        "films": films,
        "errors": errors,
        "captions": captions,
        "view": AlbumView(elem_id="many-view"),  # last: there may be hundreds of photos
    }


def _placeholder() -> str:
    ghosts = "<i></i>" * 8
    words = html.escape(text("many_waiting"))
    return f'<div class="album-waiting"><div class="album-ghosts" aria-hidden="true">{ghosts}</div>{words}</div>'
