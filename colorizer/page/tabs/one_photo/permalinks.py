"""Writes a permalink to what the first tab shows, and opens the page with one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.colour.readout import DEFAULT_PRESET, NUMBERS, PRESETS, SLIDERS
from colorizer.page.gradio_private import event_values
from colorizer.page.i18n.toasts import plain_errors, warn
from colorizer.page.serving.served_files import cached_copy
from colorizer.page.session.request import OWN, PhotoRequest
from colorizer.page.session.shelf import Shelf
from colorizer.page.widgets.drawer import link_update
from colorizer.photo.form import OPTIONS

from ..tab import PRIVATE, SILENT, Context, Updates
from .choices import SIDE
from .handlers import Handlers
from .links import Link, read_link, write_link
from .parts import OnePhotoParts

CLICK = """(photo) => {
  // If the visitor has added a photo meanwhile, it is being coloured already.
  const linked = new URLSearchParams(location.search).has('example');
  if (photo && linked) document.querySelector('#opened-with-photo')?.click();
}"""


def link(shelf: Shelf, examples: Sequence[Path], request: PhotoRequest, number: Any) -> Any:
    """An update of the link button: the permalink. number: of the click that asks for it."""
    with plain_errors():
        query = write_link(request, shelf, examples)
    missing = {
        "link_upload": request.path and "example" not in query,
        "link_clicked": request.points or request.like != "nothing",
        "link_fine": request.preset == OWN or request.raw,
    }
    return link_update(number, query, [note for note, applies in missing.items() if applies])


def linked(handlers: Handlers) -> list[str]:
    """The names of all that a permalink may change."""
    return [*handlers.chosen_network(), "source", "photo", "gallery"]


def followed(shelf: Shelf, examples: Sequence[Path], wanted: Link) -> Updates:
    """The changes by a permalink on a page that was just opened."""
    controls = wanted != Link(example=wanted.example, tab=wanted.tab)
    updates = _controls(shelf, wanted) if shelf.cards() and controls else {}
    if wanted.example:
        path = cached_copy(wanted.example)
        place = gr.update(selected_index=list(examples).index(wanted.example))
        updates.update(source=path, photo=path, gallery=place)
    return updates


def restored(handlers: Handlers, parts: OnePhotoParts) -> list[str]:
    """The names of all that `opened` may change."""
    names = [*handlers.chosen_network(), *parts.form, *handlers.like_chosen("nothing")]
    return [*dict.fromkeys([*names, "picker", "partial", "like", "palette", "reference", "reference_photo"])]


def opened(shelf: Shelf, request: PhotoRequest | None) -> Updates:
    """The changes on the page for a photo that was shown before as `request` says, or not at all: a new one stands
    side by side first, however the last one was looked at."""
    updates: Updates = {"picker": gr.update(value=list(request.points) if request else [])}
    card = next((card for card in shelf.cards() if request and card.name == request.checkpoint), None)
    if request is None or card is None:
        return {**updates, "partial": None, "invert": False, "stage": gr.update(value=SIDE)}
    updates |= _controls(shelf, Link(checkpoint=card.name, preset=request.preset, view=request.view))
    by_preset = request.preset in PRESETS and card.facts.has_distribution
    values = {} if by_preset else {name: getattr(request.sliders, name) for name in SLIDERS}
    for name, value in {**values, "raw": request.raw}.items():
        if value is not None:
            updates[name] = {**updates[name], "value": value}
    if request.preset == OWN:
        updates["fine"] = gr.update(open=True)
    like, picture = request.like, request.reference
    updates |= {"like": like, "palette": list(request.palette), "reference": picture, "reference_photo": picture}
    if like != "nothing":
        updates["like_box"] = {**updates["like_box"], "open": True}
    for name, update in Handlers(shelf).like_chosen(like).items():
        updates[name] = {**update, "value": getattr(request.sliders, name)} if name in NUMBERS else update
    for name, each in OPTIONS.items():
        if each.control and name != "partial":
            updates[name] = getattr(request.form, name)
    return {**updates, "partial": request.path if request.form.partial else None}


def _controls(shelf: Shelf, wanted: Link) -> Updates:
    checkpoint = wanted.checkpoint or shelf.cards()[0].name
    preset = wanted.preset or DEFAULT_PRESET
    updates = Handlers(shelf).choose_checkpoint(checkpoint, preset, wanted.view or SIDE)
    return {**updates, "preset": {**updates["preset"], "value": preset}}


def connect_link_button(parts: OnePhotoParts, shelf: Shelf, examples: Sequence[Path]) -> None:
    """Let the link button write permalinks."""

    def ask(event: gr.EventData, **values: Any) -> Any:
        return link(shelf, examples, PhotoRequest.from_values(**values), event_values(event).get("n"))

    parts.link.ask(
        ask, None, parts.link, inputs_kwargs=parts.request_inputs(), **{**SILENT, "trigger_mode": "multiple"}
    )


def connect_following(parts: OnePhotoParts, context: Context, opened: Any) -> None:
    """Let the page follow the permalink that it was opened with, after the event `opened`."""
    shelf, examples, tabs = context.shelf, context.examples, context.tabs

    def follow(request: gr.Request) -> Any:
        names = [str(tab.id) for tab in tabs.children if isinstance(tab, gr.Tab)]
        wanted, problems = read_link(dict(request.query_params), shelf, examples, names)
        for problem in problems:
            warn(problem)
        updates = parts.named.updates(followed(shelf, examples, wanted))
        if wanted.tab:
            updates[tabs] = gr.update(selected=wanted.tab)
        return updates or gr.skip()

    outputs = [*parts.named.components(linked(Handlers(shelf))), tabs]
    event = opened.then(follow, None, outputs, **SILENT)
    event.success(None, parts.photo.photo, None, js=CLICK, **PRIVATE)
