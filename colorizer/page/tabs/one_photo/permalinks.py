"""Giving a permalink to what the first tab shows, and opening the page with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr

from colorizer.colour.readout import SLIDERS
from colorizer.page.gradio_private import event_values
from colorizer.page.i18n.toasts import plain_errors, warn
from colorizer.page.serving.served_files import cached_copy
from colorizer.page.session.request import DEFAULT_PRESET, OWN, PhotoRequest
from colorizer.page.session.shelf import Shelf
from colorizer.page.widgets.link_button import linking

from .choices import PICTURE
from .handlers import Handlers, Updates
from .links import read_link, write_link

FILLED = (
    "architecture", "architecture_line", "checkpoint", "checkpoint_line", "preset", *SLIDERS, "raw", "fine", "like_box",
    "view", "source", "photo", "gallery",
)  # fmt: skip
"""The first tab's parts that a permalink decides on."""
CONTROLLING = {"checkpoint", "preset", *SLIDERS, "raw", "view"}
"""What a permalink may ask for that controls show."""

CLICK = """(photo) => {
  // A photograph of the visitor's own that came meanwhile is being coloured already.
  const linked = new URLSearchParams(location.search).has('example');
  if (photo && linked) document.querySelector('#opened-with-photo')?.click();
}"""


def link(shelf: Shelf, examples: Sequence[Path], request: PhotoRequest, number: Any) -> Any:
    """An update of the link button: a permalink, for the `number`th time that one was asked for."""
    with plain_errors():
        query = write_link(request, shelf, examples)
    missing = {
        "link_upload": request.path and "example" not in query,
        "link_clicked": request.points or request.like != "nothing",
    }
    return linking(number, query, [note for note, applies in missing.items() if applies])


def followed(shelf: Shelf, examples: Sequence[Path], wishes: Mapping[str, Any]) -> Updates:
    """What a permalink asks for, as `read_link` gives it, on a page that was just opened."""
    updates = _controls(shelf, wishes) if shelf.cards() and not wishes.keys().isdisjoint(CONTROLLING) else {}
    if "example" in wishes:
        path = cached_copy(wishes["example"])
        place = gr.update(selected_index=list(examples).index(wishes["example"]))
        updates.update(source=path, photo=path, gallery=place)
    return updates


def _controls(shelf: Shelf, wishes: Mapping[str, Any]) -> Updates:
    name = wishes.get("checkpoint") or shelf.cards()[0].name
    preset = wishes.get("preset", DEFAULT_PRESET)
    updates = Handlers(shelf).named(name, preset, wishes.get("view", PICTURE))
    updates["preset"] = {**updates["preset"], "value": preset}
    for name in (*SLIDERS, "raw"):
        if name in wishes:
            updates[name] = {**updates[name], "value": wishes[name]}
    if preset == OWN:
        updates["fine"] = gr.update(open=True)
    return updates


def give_links(parts: SimpleNamespace, shelf: Shelf, examples: Sequence[Path], request: Mapping[str, Any]) -> None:
    """Connect the first tab's link button. request: the parts that make a `PhotoRequest`."""

    def given(event: gr.EventData, **values: Any) -> Any:
        return link(shelf, examples, PhotoRequest.from_values(**values), event_values(event).get("n"))

    parts.link.ask(
        given,
        None,
        parts.link,
        inputs_kwargs=request,
        api_visibility="private",
        show_progress="hidden",
        trigger_mode="multiple",
    )


def follow_links(parts: SimpleNamespace, shelf: Shelf, examples: Sequence[Path], tabs: gr.Tabs, opened: Any) -> None:
    """Let the page follow the permalink that it was opened with, after the event `opened`."""

    def follow(request: gr.Request) -> Any:
        names = [str(tab.id) for tab in tabs.children if isinstance(tab, gr.Tab)]
        wishes, problems = read_link(dict(request.query_params), shelf, examples, names)
        for problem in problems:
            warn(problem)
        updates = {getattr(parts, name): update for name, update in followed(shelf, examples, wishes).items()}
        if "tab" in wishes:
            updates[tabs] = gr.update(selected=wishes["tab"])
        return updates or gr.skip()

    outputs = [*(getattr(parts, name) for name in FILLED), tabs]
    # Through the queue, as only there a toast can be shown.
    event = opened.then(follow, None, outputs, api_visibility="private", show_progress="hidden")
    event.success(None, parts.photo, None, js=CLICK, api_visibility="private")
