"""Connects the components of the tab for one photo with its handlers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.page.gradio_private import Block, event_values
from colorizer.page.i18n.toasts import errors_as_toasts, plain_errors
from colorizer.page.serving.served_files import is_copy_of
from colorizer.page.session.answer import Answer
from colorizer.page.session.kept import browsers_keep, kept, key_of, made_with, request_of
from colorizer.page.session.request import OWN, Asked, PhotoRequest
from colorizer.page.session.roll import Roll
from colorizer.page.widgets.album_input import only_for_albums
from colorizer.page.widgets.filmstrip import roll_update
from colorizer.page.widgets.hint_picker import suggestions_update
from colorizer.page.widgets.inputs import clicked_example
from colorizer.page.widgets.kept import keeping, kept_update

from ..tab import COLOURING, LAST_WINS, PRIVATE, QUICK, SILENT, Named, RollParts, Updates
from . import correcting
from .choices import SIDE
from .export import connect_download, connect_exports
from .handlers import Handlers
from .parts import OnePhotoParts
from .permalinks import connect_link_button, opened, restored


class Events:
    """The events of one tab."""

    def __init__(self, parts: OnePhotoParts, handlers: Handlers, roll: RollParts):
        self.parts = parts
        self.roll = roll
        self.handlers = handlers
        self._result = Named(parts.result).components()
        self._running: list[Any] = []
        """Events that end if the photo is removed."""

    def connect(self, examples: Sequence[Path]) -> None:
        """Connect all of them."""
        self._examples = examples
        self._connect_photo(examples)
        self._connect_network()
        self._connect_presets()
        self._connect_like()
        self._connect_hints()
        self._connect_views()
        self._running += connect_exports(self.parts, self.handlers.shelf, self.roll.state)
        self._running += connect_download(self.parts, self.handlers)
        self._connect_removal()  # last: it cancels all that run

    def colour_after(self, event: Any, **changes: Any) -> None:
        """Colour the photo after an event. changes: of the `PhotoRequest` that the page makes."""

        def colour(roll: Roll, before: Any, **values: Any) -> Iterator[dict[Any, Any]]:
            with errors_as_toasts():
                request = replace(PhotoRequest.from_values(**values), **changes)
                if request.path and (known := request_of(before, request.path)):
                    # Gradio loses the corrections of a picker that is not on the page yet.
                    request = replace(request, points=known.points)
                for updates in self.handlers.show_in_steps(request):
                    yield {**self._updates(updates), **self._noted(roll, request, updates)}
                return
            yield {}  # everything stays: Gradio clears all outputs of a handler that yields nothing

        inputs = {"roll": self.roll.state, "before": self.parts.photo.kept, **self.parts.request_inputs()}
        inputs |= self.parts.form
        coloured = self.handlers.shelf.let_in(
            event,
            colour,
            None,
            [*self._result, self.roll.strip, self.parts.photo.kept],
            inputs_kwargs=inputs,
            show_progress_on=[self.parts.result.stage],
            js=keeping([*inputs], **changes),
            **COLOURING,
        )
        self._running.append(coloured)

    def _noted(self, roll: Roll, request: PhotoRequest, shown: Updates) -> dict[Any, Any]:
        """Note in the visitor's roll how a photo of theirs is shown, and what its file says of it."""
        asked = request.asked() if shown.get("stage", {}).get("panes") else None
        if asked is None or is_copy_of(asked.path, self._examples):
            return {}
        picture = shown["picker"]["shown"]["photo"]
        kept = {self.parts.photo.kept: self.kept(asked, picture)} if browsers_keep() else {}
        with plain_errors():
            new, frame, opened = roll.note(request), roll.at(asked.path), self.handlers.shelf.peek(asked.file)
            titled = roll.read(frame.key, opened.metadata) if frame and opened else False
            return {self.roll.strip: roll_update(roll.frames()), **kept} if new or titled else kept

    def kept(self, asked: Asked, picture: dict[str, Any] | None = None) -> Any:
        """An update: the visitor's browser keeps the photo as it is shown. picture: a file that shows it, if another
        than before."""
        return kept_update(key_of(asked.path), Path(asked.path), kept(asked), picture)

    def _ask(
        self, event: Any, handler: Callable[..., Any], outputs: Sequence[Block], progress: Any, options: Any
    ) -> Any:
        """Connect a handler of what makes a `PhotoRequest`. progress: the components that show it."""
        inputs = self.parts.request_inputs()
        return event(handler, None, outputs, inputs_kwargs=inputs, show_progress_on=progress, **options)

    def _updates(self, updates: Updates) -> dict[Any, Any]:
        return self.parts.named.updates(updates)

    def _answer(
        self,
        event: Any,
        handler: Callable[[Answer], Updates],
        outputs: Sequence[Block],
        options: Any,
        progress: Any = None,
    ) -> Any:
        """Connect a handler of answers."""

        def answered(**given: Any) -> dict[Any, Any]:
            return self._updates(self.handlers.answered(handler, PhotoRequest.from_values(**given)))

        return self._ask(partial(self.handlers.shelf.let_in, event), answered, outputs, progress, options)

    def _connect_photo(self, examples: Sequence[Path]) -> None:
        photo, picker, invert = self.parts.photo, self.parts.result.picker, self.parts.form["invert"]
        stage = self.parts.result.stage

        def uploaded(path: str, before: Any) -> dict[Any, Any]:
            """Hints belong to the old photo, unless the browser kept this one. A film goes to another tab."""
            if path and only_for_albums(path):
                return {photo.album: path, photo.photo: None, photo.source: None, picker: []}
            with plain_errors():
                updates = opened(self.handlers.shelf, request_of(before, path))
            return {photo.album: None, photo.source: path, **self._updates(updates)}

        def example_clicked(event: gr.SelectData) -> dict[Any, Any]:
            path = clicked_example(examples, event)
            return {photo.source: path, photo.photo: path, picker: [], invert: False, stage: gr.update(value=SIDE)}

        new = [photo.source, picker, invert, stage]
        again = [photo.source, *self.parts.named.components(restored(self.handlers, self.parts))]
        given = [photo.photo, photo.kept]
        self.given = photo.photo.upload(uploaded, given, [photo.album, photo.photo, *again], **QUICK).success
        self.colour_after(self.given)
        self.colour_after(photo.gallery.select(example_clicked, None, [photo.photo, *new], **QUICK).success)
        connect_link_button(self.parts, self.handlers.shelf, examples)
        # A permalink that sets a photo clicks this button. Only the browser knows whether there is one, and an event
        # has no condition.
        by_link = gr.Button(visible="hidden", elem_id="opened-with-photo")
        self.colour_after(by_link.click)
        result = self.parts.result
        wanted = result.show_partial.click(lambda path: path, photo.source, self.parts.partial, **QUICK)
        self.colour_after(wanted.success)
        self.colour_after(result.invert_it.click(lambda: (True, []), None, [invert, picker], **QUICK).success)
        reading, values = self.parts.reading(), {**self.parts.request_inputs(), **self.parts.form}
        for control in reading.values():
            self.colour_after(control.input)
        # What colours nothing, or waits for another answer first, is kept at once.
        written: list[Any] = [each for name, each in self.parts.form.items() if name not in reading]
        for control in (*written, result.stage, result.preset, self.parts.network.checkpoint):
            control.input(None, [*values.values()], None, js=keeping([*values]), **PRIVATE)

        def gone_on(answer: Answer) -> Updates:
            """Settings and corrections as the photo's file says them."""
            made = made_with(answer.opened.metadata, answer.asked.path, answer.opened.photo.size)
            return opened(self.handlers.shelf, made) if made else {}

        self.colour_after(self._answer(result.go_on.click, gone_on, again[1:], SILENT).success)

    def _connect_network(self) -> None:
        network, handlers = self.parts.network, self.handlers
        changed = handlers.chosen_network()
        for event, handler, gives in (
            (network.checkpoint.input, handlers.checkpoint_chosen, handlers.checkpoint_chosen(None)),
            (network.network_chip.click, handlers.choose_usual, changed),
        ):
            self.colour_after(self.parts.named.on(event, handler, gives, **QUICK).success)

    def _connect_presets(self) -> None:
        preset, fine = self.parts.result.preset, self.parts.fine
        # Arrow keys choose faster than the server answers; the sliders must end at the last choice.
        gives = [*fine.sliders, "fine"]
        chosen = self.parts.named.on(preset.input, self.handlers.preset_chosen, gives, **QUICK, **LAST_WINS)
        self.colour_after(chosen.success)
        for slider in fine.sliders.values():
            slider.input(None, None, preset, js=f"() => '{OWN}'", **PRIVATE)
            self.colour_after(slider.input, preset=OWN)
        self.colour_after(fine.raw.input)

    def _connect_like(self) -> None:
        parts, like_chosen = self.parts.like, self.handlers.like_chosen
        chosen = self.parts.named.on(parts.like.input, like_chosen, like_chosen("nothing"), **QUICK)
        self.colour_after(self._answer(chosen.success, self.handlers.palette_started, [parts.palette], SILENT).success)
        taken = parts.reference_photo.upload(
            self.handlers.check_reference, parts.reference_photo, parts.reference, **SILENT
        )
        self.colour_after(taken.success)
        self.colour_after(parts.reference_photo.clear(lambda: None, None, parts.reference, **QUICK).success)
        self.colour_after(parts.palette.input)
        for slider in parts.sliders.values():
            self.colour_after(slider.input)

    def _connect_hints(self) -> None:
        picker, shelf = self.parts.result.picker, self.handlers.shelf
        self.colour_after(picker.input)

        def point_clicked(event: gr.EventData, **values: Any) -> dict[Any, Any]:
            click, found = event_values(event), Updates()
            with errors_as_toasts():
                request = PhotoRequest.from_values(**values)
                found = self.handlers.answered(lambda answer: correcting.suggest(answer, click), request)
            return self._updates(found or {"picker": suggestions_update(click.get("n"), [])})

        def pointed_at(event: gr.EventData, **values: Any) -> dict[Any, Any]:
            return self._updates(correcting.look(shelf, PhotoRequest.from_values(**values), event_values(event)))

        # Not `LAST_WINS`, which would answer the click before once more.
        self._ask(picker.place, point_clicked, [picker], None, {**SILENT, "trigger_mode": "multiple"})
        # Past the queue, or an outline would come when the pointer has gone on. It need not say why there is none.
        self._ask(picker.look, pointed_at, [picker], None, {**QUICK, "trigger_mode": "multiple"})

    def _connect_views(self) -> None:
        result, sides = self.parts.result, self.parts.sides
        shown = [result.stage, result.versions, result.version_points]
        self._answer(result.stage.input, self.handlers.view_chosen, shown, COLOURING, [result.versions])

        def sides_chosen(event: gr.EventData) -> dict[str, str]:
            chosen = event_values(event)
            return {at: chosen[at] for at in ("left", "right") if isinstance(chosen.get(at), str)}

        chosen = result.stage.sides(sides_chosen, None, sides, **{**QUICK, "trigger_mode": "multiple"})
        # The stage shows by itself that it waits, and stays visible.
        self._answer(chosen.success, self.handlers.sides_chosen, [result.stage], {**COLOURING, **SILENT})

        def version_chosen(event: gr.SelectData, version_points: list[dict[str, Any]], **values: Any) -> dict[Any, Any]:
            request = PhotoRequest.from_values(**values)
            return self._updates(self.handlers.version_chosen(event.index, request, version_points))

        given = {"version_points": result.version_points, **self.parts.request_inputs()}
        taken = result.versions.select(
            version_chosen, None, [result.picker, result.stage], inputs_kwargs=given, **QUICK
        )
        self.colour_after(taken.success)

    def _connect_removal(self) -> None:
        source = self.parts.photo.source

        def removed() -> dict[Any, Any]:
            return {source: None, **self._updates(self.handlers.cleared())}

        # The result of an event that still runs must not appear after this.
        self.parts.photo.photo.clear(removed, None, [source, *self._result], cancels=self._running, **QUICK)
