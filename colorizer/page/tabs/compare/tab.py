"""The Compare tab: one photo, coloured by every checkpoint."""

from __future__ import annotations

import html
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np

from colorizer.checkpoints.card import Card
from colorizer.colour import metrics
from colorizer.errors import CheckpointError
from colorizer.page.i18n.texts import error_text, plain_errors, refusal, text, translatable, translated
from colorizer.page.serving.served_files import cached_copy, served_file, shown_file
from colorizer.page.session.request import PhotoFile, PhotoRequest
from colorizer.page.session.roll import Roll
from colorizer.page.session.shelf import Shelf, why_broken
from colorizer.page.widgets.files import download_button
from colorizer.page.widgets.inputs import (
    SomeCheckpoints,
    captioned_gallery,
    example_gallery,
    photo_input,
)
from colorizer.page.widgets.stage import SYSTEM, Pair, sides_update
from colorizer.photo.picture import at_most
from colorizer.photo.save import save_photo
from colorizer.runtime.once import once

from ..one_photo.tab import OnePhotoTab
from ..one_photo.wording import network_choices
from ..tab import LAST_WINS, PRIVATE, QUICK, Context, Named, Tab, Updates
from .table import GAIN, GRAY, ORIGINAL, SCRIPT, Shown, table

if TYPE_CHECKING:
    from PIL import Image

SIDE = 1024
"""Longest side of the compared pictures, in pixels."""

NO_SHEET = gr.update(value=None, interactive=False)
"""No sheet can be downloaded: that of the photo before must not stay."""

Files = Mapping[str, str]
"""Paths of the pictures in the grid, in its order, by their side of the divider: `GRAY`, `OpenedPhoto.kind`, or
`SYSTEM` and a checkpoint's name."""


@dataclass
class CompareHandlers:
    """The handlers of the tab, as plain functions of the values on it."""

    shelf: Shelf

    def run(self, file: PhotoFile | None, only: Sequence[str] = ()) -> Iterator[Updates]:
        """Yield updates of all that `cleared` does, again after each checkpoint. Raises gr.Error.

        only: the names of the checkpoints to compare, if not all. One that fails is named in the status, and the others
        go on.
        """
        from colorizer.figures.sheets import captioned_grid  # brings torch, which the page must not wait for

        if file is None:
            raise refusal("compare_nothing")
        with plain_errors():
            opened = self.shelf.open(file)
        photo, toned = at_most(opened.photo, SIDE), not opened.black_and_white
        scan, kind = at_most(opened.scan, SIDE) if opened.scan else photo, opened.kind
        del opened  # it may be large, and others wait meanwhile
        cards = [card for card in self.shelf.ranked() if not only or card.name in only]
        measured = _Measured(photo if kind == ORIGINAL else None)
        stem, start = Path(file.path).stem, time.perf_counter()
        failed = [why_broken(card) for card in self.shelf.broken()]
        shown: list[Shown] = []

        def add(side: str, picture: Any, name: str, card: Card | None = None) -> None:
            with plain_errors():
                file = shown_file(picture, f"{stem}-{side.removeprefix(SYSTEM)}")
            shown.append(Shown(side, picture, file, name, measured.figures(picture, side == GRAY), card))

        for i, card in enumerate(cards):
            under_way = _under_way(card.name, i, len(cards))
            yield {**_pictures(shown), "status": under_way, "download": NO_SHEET}
            try:
                result = self.shelf.run(card.name, photo)
            except CheckpointError as error:
                failed.append(error_text(error))
                continue
            except RuntimeError as error:  # torch's, such as too little memory
                failed.append(translatable(partial(_named, card.name, error_text(error))))
                continue
            if not shown:
                add(GRAY, result.grayscale, text("grayscale"))
                if kind == ORIGINAL:
                    add(ORIGINAL, photo, text("original"))
                elif toned:
                    add(kind, scan, text(f"as_{kind}"))
            add(SYSTEM + card.name, result.image, card.name, card)
        seconds = time.perf_counter() - start
        worked = [each.side.removeprefix(SYSTEM) for each in shown if each.side.startswith(SYSTEM)]
        best = _mark_best(shown)
        status = translatable(lambda: _outcome(len(cards), len(worked), seconds, failed, best))
        if not shown:
            yield {**_pictures([]), "status": status, "download": NO_SHEET}
            return
        with plain_errors():
            target = served_file(f"{stem}-compared.png")
            sheet = captioned_grid([(each.caption().replace("\n", ", "), each.picture) for each in shown])
            save_photo(sheet, target, checkpoint=", ".join(worked))
        download = gr.update(value=str(target), interactive=True)
        yield {**_pictures(shown), "status": status, "download": download}

    def beside(self, files: Files, chosen: Mapping[str, str]) -> dict[str, Any]:
        """A property of the divider: the choice, as far as those pictures are there, and "of", which differs between
        photos. Without a choice, the original, or gray, is beside the checkpoint that was measured best."""
        if not files:
            return {"sides": {}}
        systems = [side for side in files if side.startswith(SYSTEM)]
        usual = {"left": ORIGINAL if ORIGINAL in files else GRAY, "right": systems[0] if systems else GRAY}
        sides = {at: chosen[at] if chosen.get(at) in files else side for at, side in usual.items()}
        shown = sides_update({at: (side, files[side]) for at, side in sides.items()}, list(files), "", chosen)
        return {"sides": {**shown["sides"], "of": Path(files[GRAY]).parent.name}}

    def tapped(self, files: Files, chosen: Mapping[str, str], index: int) -> Mapping[str, str]:
        """The choice after a tap on a picture of the grid: it comes to the right, and what was there to the left, so
        that two taps choose two pictures."""
        sides = list(files)
        if not 0 <= index < len(sides):
            return chosen
        right = self.beside(files, chosen)["sides"]["right"]["side"]
        return chosen if sides[index] == right else {"left": right, "right": sides[index]}

    def take_over(self, file: PhotoFile | None, request: PhotoRequest) -> Updates:
        """Take over the first tab's photo as it is read there, unless this tab has one."""
        if file or not request.path:
            return {}
        return {"file": PhotoFile(request.path, request.form), "photo": request.path}

    def cleared(self) -> Updates:
        """The results without a photo."""
        return {**_pictures([]), "status": text("compare_waiting"), "download": NO_SHEET}


def _named(name: str, reason: str) -> str:
    return f"{name}: {translated(reason)}"


def _pictures(shown: Sequence[Shown]) -> Updates:
    files = {each.side: each.file for each in shown}
    grid = [(each.file, each.caption()) for each in shown]
    figures = translatable(lambda: table(shown))
    return {"grid": grid, "files": files, "tap": gr.update(visible=bool(shown)), "table": figures}


def _mark_best(shown: Sequence[Shown]) -> str:
    """Mark the checkpoint with the highest PSNR on this photo in its caption, if there is a true original and more than
    one checkpoint. Returns a sentence about it, or ""."""
    systems = [each for each in shown if each.card and each.gain > -math.inf]
    if len(systems) < 2:
        return ""
    best = max(systems, key=lambda each: each.gain)
    best.best = True
    return text("compare_best", name=html.escape(best.name), psnr=best.figures["psnr"], gain=best.gain)


def _outcome(cards: int, worked: int, seconds: float, failed: Sequence[str], best: str) -> str:
    """How many checkpoints worked, how long they took, which was best, and why others failed."""
    said = [text("compare_done", count=worked, seconds=seconds) if cards else text("no_checkpoints")]
    if best:
        said.append(translated(best))
    if failed:
        said.append(text("broken_checkpoints", names=html.escape(" ".join(map(translated, failed)), quote=False)))
    return " ".join(said)


def _under_way(name: str, done: int, count: int) -> str:
    """Which checkpoint is at work, and a bar; a gr.Progress would cover the finished pictures."""
    sentence = text("compare_under_way", done=done + 1, count=count, name=html.escape(name))
    return translatable(lambda: f'{translated(sentence)}\n\n<progress value="{done}" max="{count}"></progress>')


class _Measured:
    """The measures of one photo's pictures. truth: its true original, PIL "RGB", or None."""

    def __init__(self, truth: Image.Image | None):
        self.truth = truth

    @once
    def beside(self) -> Mapping[str, float]:
        """The figures of gray and of the original."""
        assert self.truth
        return metrics.reference(self.truth)

    def figures(self, picture: Image.Image, gray: bool) -> dict[str, float]:
        """`Shown.figures` of a picture; of its colourfulness alone without an original. gray: whether it is plain
        gray."""
        if self.truth is None:
            return {"colourfulness": metrics.colourfulness(np.asarray(picture.convert("RGB")))}
        if picture is self.truth:
            return {"colourfulness": self.beside["true_colourfulness"]}
        values = self.beside if gray else metrics.compare(picture.convert("RGB"), self.truth, self.beside)
        figures = {each.key: values[f"gray_{each.key}" if gray else each.key] for each in metrics.FIGURES}
        return {GAIN: round(figures["psnr"] - self.beside["gray_psnr"], 2) + 0.0, **figures}  # never -0.00


IN_VIEW = "() => document.querySelector('#compare-pair .stage-view')?.scrollIntoView({ block: 'nearest' })"
"""On a phone the pictures to tap are below what they change."""


@dataclass
class CompareTab(Tab):
    """The Compare tab."""

    id = "compare"
    one_photo: OnePhotoTab
    """Its photo is compared until this tab gets one of its own."""

    def build(self, context: Context) -> None:
        with gr.Row(elem_id="compare-work"):
            with gr.Column(scale=1, min_width=300):
                given = _lay_out_input(context.examples, context.shelf)
            with gr.Column(scale=3, min_width=320):
                shown = _lay_out_result()
        states = {
            "file": gr.State(None),  # a `PhotoFile`, in Gradio's cache, or None
            "files": gr.State({}),  # the pictures in the grid: `Files`
            "chosen": gr.State({}),  # the sides of the divider
            "roll": context.roll.state,
        }
        self.parts = Named(states, given, shown, asks=self.one_photo.parts.asks)
        self.handlers = CompareHandlers(context.shelf)
        self._connect(context)
        self._connect_divider()

    def _connect(self, context: Context) -> None:
        parts, handlers, on = self.parts, self.handlers, self.parts.on
        results = handlers.cleared()

        def run(roll: Roll, file: PhotoFile | None, only: Sequence[str]) -> Iterator[Updates]:
            yield from roll.until_taken_away(self.id, handlers.run(file, only))

        def example_clicked(event: Mapping[str, Any]) -> Updates:
            path = cached_copy(context.examples[event["index"]])
            return {"file": PhotoFile(path), "photo": path}

        def run_after(event: Any, **options: Any) -> Any:
            # A photo that is chosen while another one is compared comes next. By default Gradio drops it, and the page
            # would show it above the results of the other one.
            options = {**LAST_WINS, **options, **PRIVATE, "show_progress": "minimal"}
            turn = partial(context.shelf.let_in, event)
            return on(turn, run, results, show_progress_on=[parts["grid"]], **options)

        upload = on(parts["photo"].upload, lambda photo: {"file": PhotoFile(photo)}, ["file"], **QUICK)
        example = on(parts["gallery"].select, example_clicked, ["file", "photo"], **QUICK)
        running = [
            run_after(upload.success),
            run_after(example.success),
            run_after(parts["button"].click, trigger_mode="once"),
        ]

        def removed(roll: Roll) -> Updates:
            roll.take_away(self.id)
            return {"file": None, **handlers.cleared()}

        on(context.tab.select, handlers.take_over, ["file", "photo"], **QUICK)
        on(parts["photo"].clear, removed, ["file", *results], cancels=running, **QUICK)

    def _connect_divider(self) -> None:
        parts, on, gives = self.parts, self.parts.on, ["chosen", "pair"]

        def show(files: Files, chosen: Mapping[str, str]) -> Updates:
            return {"pair": gr.update(**self.handlers.beside(files, chosen))}

        def choose(event: Mapping[str, Any], files: Files) -> Updates:
            chosen = {at: str(event.get(at)) for at in ("left", "right")}
            return {"chosen": chosen, **show(files, chosen)}

        def tapped(event: Mapping[str, Any], files: Files, chosen: Mapping[str, str]) -> Updates:
            chosen = self.handlers.tapped(files, chosen, event["index"])
            return {"chosen": chosen, **show(files, chosen)}

        on(parts["files"].change, show, ["pair"], **LAST_WINS, **QUICK)
        tap = on(parts["grid"].select, tapped, gives, trigger_mode="multiple", **QUICK)
        tap.success(None, None, None, js=IN_VIEW, **PRIVATE)
        on(parts["pair"].sides, choose, gives, **LAST_WINS, **QUICK)


def _lay_out_input(examples: Sequence[Path], shelf: Shelf) -> dict[str, Any]:
    gr.Markdown(text("compare_intro"), elem_id="compare-intro")
    return {
        "photo": photo_input("compare-photo", 200),
        "gallery": example_gallery("compare-examples", examples),
        "only": SomeCheckpoints(  # the names of the checkpoints to compare; none stands for all
            network_choices(shelf.ranked()),
            multiselect=True,
            label=text("compare_only"),
            info=text("compare_only_info"),
        ),
        "button": gr.Button(text("compare_button"), variant="primary", elem_id="compare-button"),
    }


def _lay_out_result() -> dict[str, Any]:
    """The results of all checkpoints, and the divider between two of them."""
    return {
        "status": gr.Markdown(text("compare_waiting"), elem_id="compare-status", elem_classes="announced"),
        "pair": Pair(elem_id="compare-pair"),
        "tap": gr.Markdown(text("compare_tap"), visible=False),  # says that two pictures can be tapped
        "grid": captioned_gallery(text("compare_grid"), elem_id="compare-grid", columns=3),
        "table": gr.HTML("", html_template='<div class="models"></div>', js_on_load=SCRIPT),
        "download": download_button(text("compare_download"), elem_id="compare-download", min_width=220),
    }
