"""The base class of the page's tabs, and the context that they are built in.

A new tab is a folder (or a file) with a subclass of `Tab`, a sentence `tab_<id>` for its title, and one line in
`page_tabs` of `app.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from inspect import isgeneratorfunction, signature
from pathlib import Path
from typing import Any, ClassVar

import gradio as gr
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from ..gradio_private import Block, event_values
from ..i18n.texts import error_text, errors_as_toasts, plain_errors, text, warn
from ..session.request import PhotoRequest
from ..session.roll import Roll
from ..session.shelf import Shelf
from ..widgets.album_input import upload_button
from ..widgets.caption_list import CaptionList, captions_update
from ..widgets.filmstrip import Filmstrip, roll_update

Updates = dict[str, Any]
"""The updates that a handler returns: new values, or `gr.update(...)`, by the components' names."""

PRIVATE: dict[str, Any] = {"api_visibility": "private"}
"""For an event that programs cannot call. Its function must not have the name of an endpoint in `api`, or Gradio would
rename that endpoint."""
SILENT: dict[str, Any] = {**PRIVATE, "show_progress": "hidden"}
"""For a private event that shows no progress. It goes through the queue: only there does Gradio show an error."""
QUICK: dict[str, Any] = {**SILENT, "queue": False}
"""For a private event that needs no network and cannot fail."""
LAST_WINS: dict[str, Any] = {"trigger_mode": "always_last"}
"""For an event that happens again while it is under way: it then runs once more. By default Gradio drops it, and the
page would show a new photo above the colours of the old one."""
COLOURING: dict[str, Any] = {**PRIVATE, **LAST_WINS}
"""For an event that colours the photo; `Shelf.let_in` connects it."""


class Named(dict[str, Any]):
    """The components of a tab by name, and events whose handlers know nothing but these names."""

    def __init__(self, *parts: Mapping[str, Any], asks: Mapping[str, Any] | None = None, **more: Any):
        """parts, more: components by name. asks: those that make a `PhotoRequest`, by the names that
        `PhotoRequest.from_values` takes. Raises ValueError if two have one name."""
        super().__init__()
        for part in (*parts, more):
            if twice := self.keys() & part.keys():
                raise ValueError(f"two components are called {', '.join(sorted(twice))}")
            self.update(part)
        self.asks = asks or {}

    def components(self, names: Iterable[str] | None = None) -> list[Block]:
        """The components with these names, in this order; by default all."""
        return [self[name] for name in (self if names is None else names)]

    def updates(self, updates: Updates) -> dict[Any, Any]:
        """Updates as Gradio takes them. Raises KeyError for a name that no component has."""
        return {self[name]: update for name, update in updates.items()}

    def on(self, event: Any, handler: Callable[..., Any], gives: Iterable[str], **options: Any) -> Any:
        """Connect a handler with an event. Its parameters are names of components, whose values it gets; and `event`,
        what the widget says of it, and `request`, the `PhotoRequest` that the page makes. It may be a generator, whose
        errors are shown as toasts. gives: the names of the updates that it may return."""
        names = [*signature(handler).parameters]
        takes = {name: self[name] for name in names if name not in ("event", "request")}
        asks = self.asks if "request" in names else {}

        def given(values: dict[str, Any]) -> dict[str, Any]:
            found = {name: values[name] for name in takes}
            if asks:
                found["request"] = PhotoRequest.from_values(**{name: values[name] for name in asks})
            return found

        def whole(**values: Any) -> dict[Any, Any]:
            return self.updates(handler(**given(values)))

        def stepwise(**values: Any) -> Iterator[dict[Any, Any]]:
            some = False
            with errors_as_toasts():
                for updates in handler(**given(values)):
                    some = True
                    yield self.updates(updates)
                if some:
                    return
            yield {}  # everything stays: Gradio clears all outputs of a handler that yields nothing

        def hearing(event: gr.EventData, **values: Any) -> dict[Any, Any]:
            return self.updates(handler(event=event_values(event), **given(values)))

        handle = stepwise if isgeneratorfunction(handler) else hearing if "event" in names else whole
        return event(handle, None, self.components(gives), inputs_kwargs={**takes, **asks}, **options)


MOST_SAID = 3
"""Most refused files for which the page gives the reason: an archive may hold hundreds."""


def known(where: str) -> str:
    """JavaScript of an event whose values are files, the roll, and one that becomes what the browser kept of photos
    that come back. where: to the "strip" or the "album"."""
    return f"async (files, roll) => [files, roll, await window.colorizerKnown?.('{where}') ?? null]"


@cache
def template(name: str, **known: Any) -> Template:
    """A template in this folder. known: the functions that it may call."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(known)
    return environment.get_template(name)


@dataclass(frozen=True)
class RollParts:
    """The photos of a visitor, and the strip that shows them at the foot of the page."""

    state: gr.State
    """A `Roll`."""
    strip: Filmstrip
    captions: CaptionList
    """Titles, years and credits of the photos."""
    changed: list[Any] = field(default_factory=list)
    """Methods that connect a handler to changes of the photos: some came or went."""
    heard: list[Any] = field(default_factory=list)
    """Methods that connect a handler to the filling of captions."""

    def updates(self, roll: Roll) -> dict[Any, Any]:
        """Updates of the components that show the photos."""
        return {self.strip: roll_update(roll), self.captions: captions_update(roll.frames())}

    def lay_out(self, shelf: Shelf) -> None:
        """Lay out the strip at the foot of the page with a button that adds photos, and connect what belongs to no
        tab."""
        with gr.Row(elem_id="roll-row"):
            add = upload_button(text("roll_add"), elem_id="roll-add", size="sm", scale=0, min_width=180)
            self.strip.render()

        def dropped(event: gr.EventData, roll: Roll) -> dict[Any, Any]:
            roll.remove(event_values(event).get("key"))
            return self.updates(roll)

        self.add_on(add, shelf)
        gone = self.strip.dropped(dropped, self.state, [self.strip, self.captions], **QUICK)
        self.changed.append(gone.success)

    def add_on(self, button: gr.UploadButton, shelf: Shelf) -> None:
        """Let a button add photos."""

        def added(files: list[str] | None, roll: Roll, known: Any) -> dict[Any, Any]:
            with plain_errors():
                for refused in roll.add_files(files or [])[:MOST_SAID]:
                    warn(error_text(refused.error))
            roll.take_up(known)
            return self.updates(roll)

        shown = [self.strip, self.captions]
        came = button.upload(added, [button, self.state, self.strip], shown, js=known("strip"), **SILENT)
        self.changed.append(came.success)
        self.hear_after(came, shelf)

    def hear_after(self, event: Any, shelf: Shelf) -> None:
        """After an event that adds photos, fill their captions from the files' metadata. This waits in the queue."""

        def hear(roll: Roll) -> dict[Any, Any]:
            return self.updates(roll) if roll.hear(shelf) else {}

        heard = event.success(hear, self.state, [self.strip, self.captions], **SILENT)
        self.heard.append(heard.success)


@dataclass(frozen=True)
class Context:
    """The context that every tab gets. Its sentences come from `text`, which speaks the visitor's language."""

    shelf: Shelf
    """Checkpoints and opened photos."""
    examples: Sequence[Path]
    """The example photos."""
    tabs: gr.Tabs
    """All tabs of the page. An event opens another tab with `gr.update(selected=id)`."""
    roll: RollParts
    """The visitor's photos, which all tabs share."""
    tab: gr.Tab
    """The tab itself. Its `select` event happens when a visitor opens it."""


class Tab(ABC):
    """A tab of the page. Links open it with `?tab=<id>`; its title is the sentence `tab_<id>`."""

    id: ClassVar[str]

    @abstractmethod
    def build(self, context: Context) -> None:
        """Lay out the tab and connect its events. The page calls this once, inside the tab's `gr.Tab`."""

    def connect_opening(self, context: Context, opened: Any) -> None:  # noqa: B027  # most tabs need none
        """Connect handlers to the opening of the page by a visitor; by default none.

        opened: the event after which the page is in the visitor's language. All tabs are built by then.
        """
