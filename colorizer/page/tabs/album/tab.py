"""The tab for many photographs: add files and ZIP archives, watch them come, download all. What it does is in
`album_run`."""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import gradio as gr

from colorizer.albums.album import MOST_BYTES, MOST_PHOTOS
from colorizer.architectures.registry import facts
from colorizer.checkpoints.card import Card
from colorizer.colour.readout import PRESETS
from colorizer.files.names import SUFFIXES
from colorizer.page.i18n.texts import said, text
from colorizer.page.session.request import DEFAULT_PRESET
from colorizer.page.session.shelf import Shelf
from colorizer.page.widgets.album_input import AlbumInput
from colorizer.page.widgets.album_view import AlbumView
from colorizer.page.widgets.download import download_button
from colorizer.page.widgets.made_files import made_button, makes

from ..one_photo.choices import describe
from ..one_photo.handlers import Updates
from .made_files import deck, sheet
from .run import NO_FILES, ManyPhotos, forget

ALBUMS_AT_ONCE = 2
"""More wait in a queue of their own: each has a photograph open, and they share the networks."""

FILLED = ("running", "waiting", "view", "errors", "status", "button", "stop", "outcome", *NO_FILES)
"""The parts that `ManyPhotos.run` fills."""


def many_photos(shelf: Shelf) -> None:
    """Lay out the tab and connect it, inside a gr.Tab."""
    parts = SimpleNamespace(running=gr.State(None, delete_callback=forget))
    with gr.Row(elem_id="many-work"):
        with gr.Column(scale=1, min_width=300, elem_id="many-input"):
            _lay_out_input(parts, shelf)
        with gr.Column(scale=3, min_width=320, elem_id="many-result"):
            _lay_out_result(parts)
    _connect(parts, ManyPhotos(shelf))


def _lay_out_input(parts: SimpleNamespace, shelf: Shelf) -> None:
    cards = shelf.cards()
    first = cards[0] if cards else None
    gr.Markdown(text("many_intro", photos=MOST_PHOTOS, gigabytes=MOST_BYTES // 10**9))
    parts.files = AlbumInput(
        file_count="multiple",
        file_types=["image", ".zip", *sorted(SUFFIXES)],
        label=text("many_files"),
        elem_id="many-files",
        height=230,
        interactive=True,
    )
    parts.chosen = gr.HTML(elem_id="many-chosen")
    parts.button = gr.Button(text("many_button"), variant="primary", elem_id="many-button")
    parts.stop = gr.Button(text("many_stop"), variant="stop", visible=False, elem_id="many-stop")
    parts.preset = gr.Radio(
        [(text(f"preset_{name}"), name) for name in PRESETS],
        value=DEFAULT_PRESET,
        label=text("preset"),
        info=text("preset_info"),
        elem_id="many-preset",
        elem_classes="segmented",
        visible=_has_presets(first),
    )
    parts.suffix = gr.Radio(
        [(text(f"many_format_{suffix}"), suffix) for suffix in ("png", "jpg")],
        value="png",
        label=text("many_format"),
        elem_id="many-format",
        elem_classes="segmented",
    )
    with gr.Group():
        parts.checkpoint = gr.Dropdown(
            [(_named(card), card.name) for card in cards],
            value=first.name if first else None,
            label=text("checkpoint"),
            elem_id="many-checkpoint",
        )
        line = describe(first) if first else text("no_checkpoints")
        parts.checkpoint_line = gr.Markdown(line, elem_classes="about")


def _lay_out_result(parts: SimpleNamespace) -> None:
    parts.waiting = gr.HTML(said(_waiting), elem_id="many-waiting")
    parts.status = gr.HTML(elem_id="many-status")
    with gr.Row(elem_id="many-outcome", visible=False) as parts.outcome:
        parts.zip = download_button(text("many_zip"), variant="primary", elem_id="many-zip", min_width=220)
        parts.sheet = gr.Button(text("many_sheet"), interactive=False, elem_id="many-sheet", min_width=180)
        parts.deck = gr.Button(text("many_deck"), interactive=False, elem_id="many-deck", min_width=180)
    parts.making = gr.Markdown(elem_id="many-making")
    parts.made = made_button("many-made")
    parts.errors = gr.HTML(elem_id="many-errors")
    parts.view = AlbumView(elem_id="many-view")  # last: there may be hundreds


def _waiting() -> str:
    ghosts = "<i></i>" * 8
    words = html.escape(text("many_waiting"))
    return f'<div class="album-waiting"><div class="album-ghosts" aria-hidden="true">{ghosts}</div>{words}</div>'


def _named(card: Card) -> str:
    return said(lambda: f"{card.name} · {text('family_' + facts(card.architecture).family)}")


def _has_presets(card: Card | None) -> bool:
    return bool(card and facts(card.architecture).has_distribution)


def _connect(parts: SimpleNamespace, handlers: ManyPhotos) -> None:
    quick: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}
    filled = [getattr(parts, name) for name in FILLED]

    def named(updates: Updates) -> dict[Any, Any]:
        return {getattr(parts, name): update for name, update in updates.items()}

    def run(*values: Any) -> Iterator[dict[Any, Any]]:
        with closing(handlers.run(*values)) as steps:
            yield from map(named, steps)

    parts.files.change(lambda paths: handlers.look(paths)["chosen"], parts.files, parts.chosen, **quick)
    parts.button.click(
        run,
        [parts.running, parts.files, parts.checkpoint, parts.preset, parts.suffix],
        filled,
        # Not in the queue of single photographs, which would wait for the whole album.
        concurrency_id="albums",
        concurrency_limit=ALBUMS_AT_ONCE,
        api_visibility="private",
        show_progress="minimal",
        show_progress_on=[parts.status],
    )
    parts.stop.click(lambda running: named(handlers.stopped(running)), parts.running, filled, **quick)
    parts.checkpoint.input(
        lambda name: _checkpoint_chosen(handlers.shelf, name),
        parts.checkpoint,
        [parts.preset, parts.checkpoint_line],
        **quick,
    )
    makes(parts.sheet, lambda tell, running: sheet(running), {"running": parts.running}, parts)
    makes(parts.deck, lambda tell, running: deck(running, tell), {"running": parts.running}, parts)


def _checkpoint_chosen(shelf: Shelf, name: str) -> tuple[Any, str]:
    """Whether there are presets to choose, and the line about the checkpoint."""
    card = shelf.card(name)
    return gr.update(visible=_has_presets(card)), describe(card)
