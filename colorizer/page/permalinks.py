"""Giving a permalink to what the first tab shows, and opening the page with one."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr

from .asked import DEFAULT_PRESET, OWN, RANGES, Asked
from .choices import PICTURE
from .handlers import Handlers, Updates, plain_errors
from .link_button import LinkButton, linking
from .links import read_link, write_link
from .models import Shelf
from .source import example_file

FILLED = (
    "architecture", "architecture_line", "checkpoint", "checkpoint_line", "preset", "temperature", "vividness",
    "saturation", "raw", "fine", "like_box", "view", "source", "photo", "gallery", "linked",
)  # fmt: skip
"""The first tab's parts that a permalink decides on."""
CONTROLLING = {"checkpoint", "preset", *RANGES, "raw", "view"}
"""What a permalink may ask for that controls show."""


def link(shelf: Shelf, examples: Sequence[Path], asked: Asked, number: Any) -> Any:
    """An update of the link button: a permalink, for the `number`th time that one was asked for."""
    with plain_errors():
        query = write_link(asked, shelf, examples)
    missing = {
        "link_upload": asked.path and "example" not in query,
        "link_clicked": asked.points or asked.like != "nothing",
    }
    return linking(number, query, [note for note, applies in missing.items() if applies])


def followed(shelf: Shelf, examples: Sequence[Path], wishes: Mapping[str, Any]) -> Updates:
    """What a permalink asks for, as `read_link` gives it, on a page that was just opened."""
    updates = _controls(shelf, wishes) if shelf.cards() and not wishes.keys().isdisjoint(CONTROLLING) else {}
    if "example" in wishes:
        path = example_file(wishes["example"])
        place = gr.update(selected_index=list(examples).index(wishes["example"]))
        updates.update(source=path, photo=path, gallery=place, linked=path)
    return updates


def _controls(shelf: Shelf, wishes: Mapping[str, Any]) -> Updates:
    handlers = Handlers(shelf)
    card = shelf.card(wishes["checkpoint"]) if "checkpoint" in wishes else shelf.cards()[0]
    preset, view = wishes.get("preset", DEFAULT_PRESET), wishes.get("view", PICTURE)
    updates = handlers.architecture_chosen(card.architecture, preset, view)
    updates["architecture"] = card.architecture
    updates["checkpoint"] = {**updates["checkpoint"], "value": card.name}
    updates.update(handlers.checkpoint_chosen(card.name, preset, view))
    updates["preset"] = {**updates["preset"], "value": preset}
    for name in (*RANGES, "raw"):
        if name in wishes:
            updates[name] = {**updates[name], "value": wishes[name]}
    if preset == OWN:
        updates["fine"] = gr.update(open=True)
    return updates


def link_button(parts: SimpleNamespace) -> None:
    """Lay out the button, inside the result."""
    parts.linked = gr.State(None)
    parts.link = LinkButton(elem_id="link")


def give_links(parts: SimpleNamespace, shelf: Shelf, examples: Sequence[Path], asked: Sequence[Any]) -> Any:
    """Connect the first tab's link button. asked: the parts that make an `Asked`. Returns the event that comes when the
    page was opened with a permalink to an example."""

    def given(event: gr.EventData, *values: Any) -> Any:
        return link(shelf, examples, Asked(*values), dict(event._data).get("n"))

    parts.link.ask(given, asked, parts.link, api_visibility="private", show_progress="hidden")
    return parts.linked.change


def follow_links(parts: SimpleNamespace, shelf: Shelf, examples: Sequence[Path], tabs: gr.Tabs, opened: Any) -> None:
    """Let the page follow the permalink that it was opened with, after the event `opened`."""

    def follow(request: gr.Request) -> Any:
        names = [str(tab.id) for tab in tabs.children if isinstance(tab, gr.Tab)]
        wishes, problems = read_link(dict(request.query_params), shelf, examples, names)
        for problem in problems:
            gr.Warning(html.escape(problem, quote=False))
        updates = {getattr(parts, name): update for name, update in followed(shelf, examples, wishes).items()}
        if "tab" in wishes:
            updates[tabs] = gr.update(selected=wishes["tab"])
        return updates or gr.skip()

    outputs = [*(getattr(parts, name) for name in FILLED), tabs]
    # Through the queue, as only there a toast can be shown.
    opened.then(follow, None, outputs, api_visibility="private", show_progress="hidden")
