"""The tab for one photo: upload it, look at its colours, correct them, download them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.colour.readout import NUMBERS, SLIDERS
from colorizer.page.i18n.texts import errors_as_toasts, plain_errors, refusal, warn
from colorizer.page.serving.headers import in_cache
from colorizer.page.serving.served_files import as_file, cached_copy, is_copy_of
from colorizer.page.session.answer import Answer
from colorizer.page.session.request import OWN, Asked, PhotoRequest, digest_of, kept, request_of
from colorizer.page.session.roll import Frame, Roll
from colorizer.page.session.shelf import PLACES
from colorizer.page.widgets.files import IN_TURN, SAVE, Download, make_on_click
from colorizer.page.widgets.filmstrip import roll_update
from colorizer.page.widgets.hint_picker import suggestions_update
from colorizer.page.widgets.kept import browsers_keep, keeping, kept_update

from ..tab import COLOURING, LAST_WINS, PRIVATE, QUICK, SILENT, Context, Named, Tab, Updates
from . import correcting
from .export import ENDINGS, maker
from .handlers import FORM, READING, Handlers, read_link
from .layout import lay_out
from .wording import SIDE

TO_THE_TOP = "() => { scrollTo({ top: 0 }); document.querySelector('[role=tab][aria-selected=true]')?.focus(); }"
"""The click was on a tab that is now hidden, so the keyboard's focus moves to the tab that is open."""
CLICK = """(photo) => {
  // If the visitor has added a photo meanwhile, it is being coloured already.
  const linked = new URLSearchParams(location.search).has('example');
  if (photo && linked) document.querySelector('#opened-with-photo')?.click();
}"""
DOWNLOAD = {"png": "download", "jpg": "download_jpg", "tif": "download_tif"}
"""The download button's words by format: keys of sentences."""
CHIPS = ("album_chip", "film_button")
"""The ways to the tab for many photos."""
EACH: dict[str, Any] = {"trigger_mode": "multiple"}
"""For an event that is answered each time, even while it is under way."""


ANSWERED = "() => window.colorizerWorks()"
EMPTIED = """(photo, said) => {
  window.colorizerWorks();
  return photo?.path.includes(/data-unread="([^"]+)"/.exec(said)?.[1] ?? '?') ? null : { __type__: 'update' };
}"""
"""Empties the input of a photo that cannot be read, so that it takes the next one."""


class OnePhotoTab(Tab):
    """The tab for one photo. Other tabs use its `parts`, so it is built before them."""

    id = "one"
    parts: Named
    given: Any
    """Connects a handler to the moment when a file was given."""

    def build(self, context: Context) -> None:
        self.shelf, self.examples, self.handlers = context.shelf, context.examples, Handlers(context.shelf)
        self.parts = lay_out(context.shelf, context.examples)
        self.parts.update(roll=context.roll.state, filmstrip=context.roll.strip, tabs=context.tabs)
        self.on = self.parts.on
        self._running: list[Any] = []
        """Events that end if the photo is removed."""
        self._connect_photo()
        self._connect_looks()
        self._connect_corrections()
        self._connect_views()
        self._connect_files()
        self._connect_removal()  # last: it cancels all that run
        self.open_frame_on(context.roll.strip.chosen)

    def connect_opening(self, context: Context, opened: Any) -> None:
        """Let the page follow the permalink that it was opened with."""
        tabs = [str(tab.id) for tab in context.tabs.children if isinstance(tab, gr.Tab)]

        def follow(request: gr.Request) -> dict[Any, Any]:
            wanted, problems = read_link(dict(request.query_params), self.shelf, self.examples, tabs)
            for problem in problems:
                warn(problem)
            opens = {"tabs": gr.update(selected=wanted.tab)} if wanted.tab else {}
            return self.parts.updates({**self.handlers.followed(self.examples, wanted), **opens})

        event = opened.then(follow, None, self.parts.components([*self.handlers.linked(), "tabs"]), **SILENT)
        event.success(None, self.parts["photo"], None, js=CLICK, **PRIVATE)

    def colour_after(self, event: Any, **changes: Any) -> Any:
        """Colour the photo after an event; returns the event of that. changes: of the `PhotoRequest` that the page
        makes."""

        def colour(roll: Roll, kept: Any, request: PhotoRequest) -> Iterator[Updates]:
            request = replace(request, **changes)
            if request.path and not request.photo_box:  # it was removed meanwhile, or cannot be read
                yield {"source": None}
                return
            if request.path and (known := request_of(kept, request.path)):
                # Gradio loses the corrections of a picker that is not on the page yet.
                request = replace(request, points=known.points)
            for updates in roll.until_taken_away(self.id, self.handlers.show_in_steps(request)):
                yield {**updates, **self._noted(roll, request, updates)}

        coloured = self._in_turn(
            event,
            colour,
            [*self.handlers.cleared(), "source", "filmstrip", "kept", *CHIPS],
            show_progress_on=[self.parts["stage"]],
            js=keeping(["roll", "kept", *self.parts.asks], **changes),
            **COLOURING,
        )
        self._running.append(coloured)
        return coloured

    def _noted(self, roll: Roll, request: PhotoRequest, shown: Updates) -> Updates:
        """Note in the visitor's roll how a photo of theirs is shown, and what its file says of it; and offer the way to
        its album or its film."""
        asked = request.asked() if shown.get("stage", {}).get("panes") else None
        if asked is None:
            return {}
        if is_copy_of(asked.path, self.examples):
            return chips_of(None)
        with plain_errors():
            new, frame, opened = roll.note(request), roll.at(asked.path), self.shelf.peek(asked.file)
            stays = self._keeps(asked, roll, shown["picker"]["shown"]["photo"])
            titled = roll.read(frame.key, opened.metadata) if frame and opened else False
            updates = {**chips_of(frame), **stays}
            return {"filmstrip": roll_update(roll), **updates} if new or titled else updates

    def _keeps(self, asked: Asked, roll: Roll, picture: dict[str, Any] | None = None) -> Updates:
        """The visitor's browser keeps the photo as it is shown, unless the host wants none of it. picture: a file that
        shows it, if another than before."""
        if not browsers_keep():
            return {}
        path, frame = asked.path, roll.at(asked.path)
        made = kept(frame.made) if frame and frame.made else None
        return {"kept": kept_update(digest_of(path), Path(path), picture, request=kept(asked), made=made)}

    def _in_turn(self, event: Any, handler: Callable[..., Any], gives: Iterable[str], **options: Any) -> Any:
        """Connect a handler that works on photos."""
        return self.on(partial(self.shelf.let_in, event), handler, gives, **options)

    def _answer(self, event: Any, handler: Callable[[Answer], Updates], gives: Iterable[str], **options: Any) -> Any:
        """Connect a handler of the answer to what the page asks for."""

        def answered(request: PhotoRequest) -> Updates:
            return self.handlers.answered(handler, request)

        return self._in_turn(event, answered, gives, **options)

    def _connect_photo(self) -> None:
        parts, handlers = self.parts, self.handlers
        again, new = [*handlers.restored(), "source"], ["photo", "source", "picker", "invert", "stage"]
        self.given = self.on(parts["photo"].upload, handlers.uploaded, ["album", "photo", *again], **QUICK).success
        said = [parts["photo"], parts["question_text"]]
        self.colour_after(self.given).success(None, said, parts["photo"], js=EMPTIED, **PRIVATE)

        def taken(event: Mapping[str, Any]) -> Updates:
            """A photo that the browser kept, and that the server still has."""
            path = str(event.get("path"))
            if not in_cache(path):
                raise refusal("gone")
            with plain_errors():
                return {**handlers.opened(request_of(event, path)), "source": path, "photo": path}

        self.colour_after(self.on(parts["kept"].taken, taken, ["photo", *again], **SILENT).success)

        def example_clicked(event: Mapping[str, Any]) -> Updates:
            path = cached_copy(self.examples[event["index"]])
            return {"source": path, "photo": path, "picker": [], "invert": False, "stage": gr.update(value=SIDE)}

        example = self.colour_after(self.on(parts["gallery"].select, example_clicked, new, **QUICK).success)
        example.success(None, None, None, js=ANSWERED, **PRIVATE)
        # A permalink that sets a photo clicks this button. Only the browser knows whether there is one, and an event
        # has no condition.
        by_link = gr.Button(visible="hidden", elem_id="opened-with-photo")
        self.colour_after(by_link.click)

        partly = self.on(parts["show_partial"].click, lambda source: {"partial": source}, ["partial"], **QUICK)
        self.colour_after(partly.success)
        inverted = {"invert": True, "picker": []}
        self.colour_after(self.on(parts["invert_it"].click, lambda: inverted, inverted, **QUICK).success)
        self.colour_after(self._answer(parts["go_on"].click, handlers.gone_on, handlers.restored(), **SILENT).success)
        for name in READING:
            self.colour_after(parts[name].input)
        # What colours nothing, or waits for another answer first, is kept at once.
        values = parts.asks
        for name in (*(name for name in FORM if name not in READING), "stage", "preset", "checkpoint"):
            parts[name].input(None, [*values.values()], None, js=keeping([*values]), **PRIVATE)

    def _connect_looks(self) -> None:
        parts, handlers, on = self.parts, self.handlers, self.on
        network = handlers.chosen_network()
        self.colour_after(on(parts["checkpoint"].input, handlers.checkpoint_chosen, network[1:], **QUICK).success)
        self.colour_after(on(parts["network_chip"].click, handlers.choose_usual, network, **QUICK).success)
        # Arrow keys choose faster than the server answers; the sliders must end at the last choice.
        chosen = on(parts["preset"].input, handlers.preset_chosen, [*SLIDERS, "fine"], **QUICK, **LAST_WINS)
        self.colour_after(chosen.success)
        for name in SLIDERS:
            parts[name].input(None, None, parts["preset"], js=f"() => '{OWN}'", **PRIVATE)
            self.colour_after(parts[name].input, preset=OWN)
        chosen = on(parts["like"].input, handlers.like_chosen, handlers.like_chosen("nothing"), **QUICK)
        self.colour_after(self._answer(chosen.success, handlers.palette_started, ["palette"], **SILENT).success)
        taken = on(parts["reference_photo"].upload, handlers.reference_given, ["reference"], **SILENT)
        self.colour_after(taken.success)
        gone = on(parts["reference_photo"].clear, lambda: {"reference": None}, ["reference"], **QUICK)
        self.colour_after(gone.success)
        for name in ("raw", "palette", *(name for name in NUMBERS if name not in SLIDERS)):
            self.colour_after(parts[name].input)

    def _connect_corrections(self) -> None:
        picker = self.parts["picker"]
        self.colour_after(picker.input)

        def clicked(event: Mapping[str, Any], request: PhotoRequest) -> Updates:
            found = Updates()
            with errors_as_toasts():
                found = self.handlers.answered(lambda answer: correcting.suggest(answer, event), request)
            return found or {"picker": suggestions_update(event.get("n"), [])}

        def pointed_at(event: Mapping[str, Any], request: PhotoRequest) -> Updates:
            return correcting.look(self.shelf, request, event)

        def noted(roll: Roll, request: PhotoRequest) -> Updates:
            """Keep what the visitor notes on a correction with the photo. It changes no colour, so nothing else
            does."""
            asked = request.asked() if roll.at(request.path) else None
            if asked is None:
                return {}
            roll.note(request)
            return self._keeps(asked, roll)

        # Not `LAST_WINS`, which would answer the click before once more.
        self._in_turn(picker.place, clicked, ["picker"], **SILENT, **EACH)
        # Past the queue, or an outline would come when the pointer has gone on. It need not say why there is none.
        self.on(picker.look, pointed_at, ["picker"], **QUICK, **EACH)
        self.on(picker.noted, noted, ["kept"], **QUICK, **LAST_WINS)

    def _connect_views(self) -> None:
        parts, handlers, stage = self.parts, self.handlers, self.parts["stage"]
        shown = ["stage", "versions", "version_points"]
        self._answer(stage.input, handlers.view_chosen, shown, show_progress_on=[parts["versions"]], **COLOURING)

        def sides_chosen(event: Mapping[str, Any]) -> Updates:
            return {"sides": {at: event[at] for at in ("left", "right") if isinstance(event.get(at), str)}}

        chosen = self.on(stage.sides, sides_chosen, ["sides"], **QUICK, **EACH)
        # The stage shows by itself that it waits, and stays visible.
        self._answer(chosen.success, handlers.sides_chosen, ["stage"], **{**COLOURING, **SILENT})
        taken = self.on(parts["versions"].select, handlers.version_chosen, ["picker", "stage"], **QUICK)
        self.colour_after(taken.success)

    def _connect_files(self) -> None:
        """Let buttons make the photo at full size, to save or share it, which takes longer than all the page shows; and
        files that show it."""
        parts, handlers, stage = self.parts, self.handlers, self.parts["stage"]
        # Here and not beside the button: Gradio sometimes shows a hidden component when it shows its container.
        parts["download_file"] = Download(visible="hidden")

        def shared(answer: Answer) -> Updates:
            return {"stage": gr.update(given=as_file(handlers.full_size(answer)["download_file"]))}

        # `let_in` says whose turn it is.
        places = {**IN_TURN, "concurrency_id": "full size", "concurrency_limit": PLACES}
        options: dict[str, Any] = {"show_progress_on": [parts["time"]], **places}
        saved = self._answer(stage.save, handlers.full_size, ["download_file"], **options)
        saved.success(None, parts["download_file"], None, js=SAVE, **PRIVATE)
        self._running += [saved, self._answer(stage.give, shared, ["stage"], **options)]
        self.on(parts["format"].input, lambda format: {"stage": gr.update(says=DOWNLOAD[format])}, ["stage"], **QUICK)
        inputs = {**parts.asks, "roll": parts["roll"]}
        self._running += [make_on_click(parts[kind], maker(self.shelf, kind), inputs, parts) for kind in ENDINGS]

    def _connect_removal(self) -> None:
        def removed(roll: Roll) -> Updates:
            roll.take_away(self.id)
            return {"source": None, **chips_of(None), **self.handlers.cleared()}

        # The result of an event that still runs must not appear after this.
        gives = ["source", *CHIPS, *self.handlers.cleared()]
        self.on(self.parts["photo"].clear, removed, gives, cancels=self._running, **QUICK)

    def open_frame_on(self, event: Any, **changes: Any) -> None:
        """Let an event, with {"key"}, open a photo of the visitor's roll in this tab, as it was shown here last, or as
        the album coloured it. changes: of how it was."""

        def open_frame(event: Mapping[str, Any], roll: Roll) -> Updates:
            frame = roll.get(event.get("key"))
            if frame is None:
                raise refusal("gone")
            with plain_errors():
                path = roll.path_of(frame)
                request = frame.request or frame.made
                updates = self.handlers.opened(replace(request, **changes) if request else None)
            return {**updates, "source": path, "photo": path, "tabs": gr.update(selected=self.id)}

        changed = dict.fromkeys([*self.handlers.linked(), *self.handlers.restored()])
        self._open_here(event, open_frame, changed)

    def choose_checkpoint_on(self, event: Any) -> None:
        """Let an event of another tab, with {"name"}, choose a checkpoint and open this tab."""

        def choose(event: Mapping[str, Any], preset: str, view: str) -> Updates:
            updates = self.handlers.choose_checkpoint(str(event.get("name")), preset, view)
            return {**updates, "tabs": gr.update(selected=self.id)}

        self._open_here(event, choose, self.handlers.chosen_network())

    def _open_here(self, event: Any, handler: Callable[..., Updates], gives: Iterable[str]) -> None:
        """Let an event open this tab, as `handler` says, and colour the photo."""
        choice = self.on(event, handler, [*gives, "tabs"], **SILENT)
        choice.success(None, None, None, js=TO_THE_TOP, **PRIVATE)
        self.colour_after(choice.success)


def chips_of(frame: Frame | None) -> Updates:
    """Updates of `CHIPS` for what the tab shows: the way back to the album that coloured it, or to its film in
    colour."""
    made = bool(frame and frame.made)
    film = bool(frame and frame.is_film and not made)
    return {"album_chip": gr.update(visible=made), "film_button": gr.update(visible=film)}
