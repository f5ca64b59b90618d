"""Files to show the coloured photo: slides, a film, a PowerPoint deck, a web page; and the photo at full size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from colorizer.page.i18n.texts import error_text, number, refusal, text, warn
from colorizer.page.serving.served_files import served_file
from colorizer.page.session.answer import INCOMPLETE, Answer
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.roll import Roll
from colorizer.page.session.shelf import Shelf
from colorizer.page.widgets.files import Progress, guess_note, speaker_notes, web_words
from colorizer.photo.caption import Caption
from colorizer.photo.form import noted
from colorizer.photo.picture import at_most
from colorizer.photo.save import save_photo

from .wording import corrections, looks_chosen

ENDINGS = {
    "triptych": "-triptych.png", "slide": "-slide.png", "slide_4k": "-slide-4k.png", "film": "-film.mp4",
    "deck": ".pptx", "page": ".html",
}  # fmt: skip
"""The kinds of files to make, and how a file's name ends after the photo's name."""

SIDE = 3840
"""Longest side in pixels of the pictures in these files; none of them shows more."""
COLUMN = 1280
"""Width in pixels of a picture in a triptych, at most."""


def make(answer: Answer, kind: str, progress: Progress | None = None, caption: Caption | None = None) -> Path:
    """Make the file of a `kind` in `ENDINGS`; returns its path, which Gradio may serve. caption: what a
    person wrote about the photo, or its file says; of it, a film shows the credit.

    Its words are in the visitor's language. Raises PhotoError, CheckpointError, ValueError.
    """
    from colorizer.figures.deck import write_deck
    from colorizer.figures.film import wipe_video
    from colorizer.figures.fonts import problem_with
    from colorizer.figures.sheets import captioned_grid
    from colorizer.figures.slide import Exhibit, triptych_slide
    from colorizer.figures.web_page import write_web_page

    opened = answer.opened
    small = answer.result.at_size(at_most(opened.photo, SIDE))
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
    made = replace(answer.result.provenance, incomplete=opened.incomplete)
    if kind == "triptych":
        return save_photo(captioned_grid(panes, 3, min(small.image.width, COLUMN)), target, provenance=made)
    caption = caption or Caption()
    name = caption.line(stem)
    weights = text("export_sha256", sha256=answer.result.provenance.sha256)
    exhibit = Exhibit(name, panes, note, caption.credit, notes_of(answer).split("\n"), weights)
    if kind == "film":
        return wipe_video(exhibit, target, progress=progress)
    if kind == "deck":
        return write_deck([exhibit], target)
    if kind == "page":
        return write_web_page([exhibit], target, words=web_words())
    if problem := problem_with(stem, caption.line() + exhibit.footer):
        warn(error_text(problem))
    size = (3840, 2160) if kind == "slide_4k" else (1920, 1080)
    return save_photo(triptych_slide(exhibit._replace(name=caption.line()), size), target, provenance=made)


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


def maker(shelf: Shelf, kind: str) -> Callable[..., Path]:
    """A function for `make_on_click` that makes the file of a `kind` of the photo that the page shows."""

    def made(progress: Progress, roll: Roll, **values: Any) -> Path:
        asked = PhotoRequest.from_values(**values).asked()
        if asked is None:
            raise refusal("compare_nothing")
        frame = roll.at(asked.path)
        return make(shelf.answer(asked), kind, progress, frame.caption if frame else None)

    return made
