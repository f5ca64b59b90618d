"""Files to show the coloured photo: slides, a film, a PowerPoint deck, a web page; and the photo at full size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.page.i18n.texts import error_text, number, text
from colorizer.page.i18n.toasts import refusal, warn
from colorizer.page.serving.served_files import as_file, preview, served_file
from colorizer.page.session.answer import INCOMPLETE, Answer
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.roll import Roll
from colorizer.page.session.shelf import PLACES, Shelf
from colorizer.page.widgets.made_files import (
    IN_TURN,
    SAVE,
    Download,
    Progress,
    guess_note,
    make_on_click,
    speaker_notes,
    web_words,
)
from colorizer.photo.caption import Caption
from colorizer.photo.form import noted
from colorizer.photo.save import save_photo

from ..tab import PRIVATE, QUICK
from .handlers import Handlers
from .parts import OnePhotoParts
from .wording import corrections, looks_chosen

ENDINGS = {"slide": "-slide.png", "slide_4k": "-slide-4k.png", "film": "-film.mp4", "deck": ".pptx", "page": ".html"}
"""The kinds of files to make, and how a file's name ends after the photo's name."""

DOWNLOAD = {"png": "download", "jpg": "download_jpg", "tif": "download_tif"}
"""The download button's words by format: keys of sentences."""

SIDE = 3840
"""Longest side in pixels of the pictures in these files; none of them shows more."""


def make(answer: Answer, kind: str, progress: Progress | None = None, caption: Caption | None = None) -> Path:
    """Make the file of a `kind` in `ENDINGS`; returns its path, which Gradio may serve. caption: what a
    person wrote about the photo, or its file says; a film has no room for it.

    Its words are in the visitor's language. Raises PhotoError, CheckpointError, ValueError.
    """
    from colorizer import figures

    opened = answer.opened
    small = answer.result.at_size(preview(opened.photo, SIDE))
    panes = [
        (text("grayscale"), small.grayscale),
        (text("side_hinted" if answer.result.hints else "in_colour"), answer.picture_of(small)),
    ]
    if opened.comparable:
        panes.append((text("original"), small.original))
    stem = answer.stem + (INCOMPLETE if opened.incomplete else "")
    target = served_file(stem + ENDINGS[kind])
    note = guess_note(answer.card.name)
    if opened.incomplete:
        note = f"{note} · {text('partial_note')}"
    if kind == "film":
        (before, gray), (after, colour) = panes[:2]
        return figures.wipe_video(gray, colour, target, (before, after), note, progress=progress)
    caption = caption or Caption()
    name = caption.line(stem)
    weights = text("export_sha256", sha256=answer.result.provenance.sha256)
    exhibit = figures.Exhibit(name, panes, note, caption.credit, notes_of(answer).split("\n"), weights)
    if kind == "deck":
        return figures.write_deck([exhibit], target)
    if kind == "page":
        return figures.write_web_page([exhibit], target, words=web_words())
    if problem := figures.problem_with(stem, caption.line() + exhibit.footer):
        warn(error_text(problem))
    size = (3840, 2160) if kind == "slide_4k" else (1920, 1080)
    made = replace(answer.result.provenance, incomplete=opened.incomplete)
    return save_photo(figures.triptych_slide(panes, size, caption.line(), exhibit.footer), target, provenance=made)


def notes_of(answer: Answer) -> str:
    """The speaker notes of the slide."""
    told = [hint.note for hint in answer.plain.hints if hint.note]
    name, size = Path(answer.asked.path).name, answer.opened.photo.size
    return speaker_notes(name, size, answer.card.name, _settings(answer), told)


def _settings(answer: Answer) -> list[str]:
    if answer.asked.raw and answer.card.facts.predicts_rgb:
        return [text("raw")]
    numbers = answer.result.readout.numbers(answer.card.facts)
    values = [f"{text(name)} {number(value, '.2g')}" for name, value in numbers.items()]
    altered = [text(f"row_{name}") for name in noted(vars(answer.asked.form))]
    return [*looks_chosen(answer), *values, *altered, *corrections(answer)]


def connect_exports(parts: OnePhotoParts, shelf: Shelf, roll: gr.State) -> list[Any]:
    """Let a click on each export button make a file and save it. Returns the events, which may be cancelled.

    roll: the visitor's photos, with what a person wrote about them.
    """
    inputs, made = {**parts.request_inputs(), "roll": roll}, parts.result.made
    return [make_on_click(button, _maker(shelf, kind), inputs, made) for kind, button in parts.exports.items()]


def _maker(shelf: Shelf, kind: str) -> Callable[..., Path]:
    def made(progress: Progress, roll: Roll, **values: Any) -> Path:
        asked = PhotoRequest.from_values(**values).asked()
        if asked is None:
            raise refusal("compare_nothing")
        frame = roll.at(asked.path)
        return make(shelf.answer(asked), kind, progress, frame.caption if frame else None)

    return made


def connect_download(parts: OnePhotoParts, handlers: Handlers) -> list[Any]:
    """Let the stage's buttons make the photo at full size, and save or share it. It is made only then, because that
    takes longer than all the page shows. Returns the events, which may be cancelled."""
    stage = parts.result.stage
    # Here and not beside the button: Gradio sometimes shows a hidden component when it shows its container.
    file = Download(visible="hidden")

    def full_size(values: dict[str, Any]) -> str | None:
        return handlers.answered(handlers.full_size, PhotoRequest.from_values(**values)).get("download_file")

    def saved(**values: Any) -> dict[Any, Any]:
        return {file: full_size(values)}

    def shared(**values: Any) -> dict[Any, Any]:
        made = full_size(values)
        return {stage: gr.update(given=as_file(made) if made else {})}

    options: dict[str, Any] = {
        "inputs_kwargs": {**parts.request_inputs(), **parts.form},
        "show_progress_on": [parts.result.time],
        **{
            **IN_TURN,
            "concurrency_id": "full size",
            "concurrency_limit": PLACES,
        },  # `let_in` says whose turn it is
    }
    save = handlers.shelf.let_in(stage.save, saved, None, [file], **options)
    save.success(None, file, None, js=SAVE, **PRIVATE)
    share = handlers.shelf.let_in(stage.give, shared, None, [stage], **options)
    chosen: Any = parts.form["format"]
    chosen.input(lambda name: gr.update(says=DOWNLOAD[name]), chosen, stage, **QUICK)
    return [save, share]
