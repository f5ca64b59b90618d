"""The tab for one photo: upload it, look at its colours, correct them, download them."""

from __future__ import annotations

from typing import Any

import gradio as gr

from colorizer.page.gradio_private import event_values
from colorizer.page.i18n.toasts import plain_errors, refusal
from colorizer.page.session.kept import browsers_keep
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.roll import Roll

from ..tab import LAST_WINS, PRIVATE, QUICK, SILENT, Context, Tab
from .events import Events
from .handlers import Handlers
from .layout import lay_out
from .parts import OnePhotoParts
from .permalinks import connect_following, linked, opened, restored

TO_THE_TOP = "() => { scrollTo({ top: 0 }); document.querySelector('[role=tab][aria-selected=true]')?.focus(); }"
"""The click was on a tab that is now hidden, so the keyboard's focus moves to the tab that is open."""


class OnePhotoTab(Tab):
    """The tab for one photo. Other tabs use its `parts`, so it is built before them."""

    id = "one"
    parts: OnePhotoParts

    def build(self, context: Context) -> None:
        self.parts = lay_out(context.shelf, context.examples)
        self._handlers = Handlers(context.shelf)
        self._events = Events(self.parts, self._handlers, context.roll)
        self._events.connect(context.examples)
        self.open_frame_on(context.roll.strip.chosen, context)
        self._keep_notes(context.roll.state)

    @property
    def given(self) -> Any:
        """Connects a handler to the moment when a file was given."""
        return self._events.given

    def connect_opening(self, context: Context, opened: Any) -> None:
        connect_following(self.parts, context, opened)

    def _keep_notes(self, roll: gr.State) -> None:
        """Keep what the visitor notes on a correction with the photo. It changes no colour, so nothing else does."""

        def noted(roll: Roll, **values: Any) -> Any:
            request = PhotoRequest.from_values(**values)
            asked = request.asked() if roll.at(request.path) else None
            if asked is None:
                return gr.skip()
            roll.note(request)
            return self._events.kept(asked) if browsers_keep() else gr.skip()

        inputs = {"roll": roll, **self.parts.request_inputs()}
        self.parts.result.picker.noted(noted, None, self.parts.photo.kept, inputs_kwargs=inputs, **QUICK, **LAST_WINS)

    def open_frame_on(self, event: Any, context: Context) -> None:
        """Let an event, with {"key"}, open a photo of the visitor's roll in this tab, as it was shown here last, or as
        the album coloured it."""
        parts = self.parts

        def open_frame(data: gr.EventData, roll: Roll) -> dict[Any, Any]:
            frame = roll.get(event_values(data).get("key"))
            if frame is None:
                raise refusal("gone")
            with plain_errors():
                path = roll.path_of(frame)
                updates = opened(context.shelf, frame.request or frame.made)
            updates.update(source=path, photo=path)
            return {**parts.named.updates(updates), context.tabs: gr.update(selected=self.id)}

        changed = dict.fromkeys([*linked(self._handlers), *restored(self._handlers, parts)])
        outputs = [*parts.named.components(changed), context.tabs]
        choice = event(open_frame, None, outputs, inputs_kwargs={"roll": context.roll.state}, **SILENT)
        choice.success(None, None, None, js=TO_THE_TOP, **PRIVATE)
        self._events.colour_after(choice.success)

    def choose_checkpoint_on(self, event: Any, tabs: gr.Tabs) -> None:
        """Let an event of another tab, with {"name"}, choose a checkpoint and open this tab."""

        def choose(data: gr.EventData, preset: str, view: str) -> dict[Any, Any]:
            updates = self._handlers.choose_checkpoint(str(event_values(data).get("name")), preset, view)
            return {**self.parts.named.updates(updates), tabs: gr.update(selected=self.id)}

        inputs = {"preset": self.parts.result.preset, "view": self.parts.result.stage}
        outputs = [*self.parts.named.components(self._handlers.chosen_network()), tabs]
        choice = event(choose, None, outputs, inputs_kwargs=inputs, **SILENT)
        choice.success(None, None, None, js=TO_THE_TOP, **PRIVATE)
        self._events.colour_after(choice.success)
