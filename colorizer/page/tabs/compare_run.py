"""One photo through every checkpoint, and any two of the results on either side of the divider."""

from __future__ import annotations

import html
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np

from colorizer.checkpoints.card import Card
from colorizer.colour import metrics
from colorizer.errors import CheckpointError
from colorizer.page.i18n.texts import error_text, number, text, translatable, translated
from colorizer.page.i18n.toasts import plain_errors, refusal
from colorizer.page.serving.served_files import preview, served_file, shown_file
from colorizer.page.session.opened import PhotoFile
from colorizer.page.session.shelf import Shelf, why_broken
from colorizer.page.widgets.stage import SYSTEM, sides_update
from colorizer.photo.save import save_photo
from colorizer.runtime.once import once

from .one_photo.wording import directions
from .tab import Updates

if TYPE_CHECKING:
    from PIL import Image

SIDE = 1024
"""Longest side of the compared pictures, in pixels."""

NO_SHEET = gr.update(value=None, interactive=False)
"""No sheet can be downloaded: that of the photo before must not stay."""

GRAY, ORIGINAL = "gray", "original"

Files = Mapping[str, str]
"""Paths of the pictures in the grid, in its order, by their side of the divider: `GRAY`, `OpenedPhoto.kind`, or
`SYSTEM` and a checkpoint's name."""


@dataclass
class _Shown:
    """A picture in the grid."""

    side: str
    picture: Image.Image
    file: str
    row: Row
    lines: Sequence[str] = ()
    best: bool = False
    """Whether no other checkpoint came closer to this photo."""

    @property
    def gain(self) -> float:
        """Over this photo's gray, dB; minus infinity if that is not known."""
        return self.row.figures.get(GAIN, -math.inf)

    def caption(self) -> str:
        lines = [self.row.name, *self.lines]
        if self.row.card and self.gain > -math.inf:
            lines.append(text("compare_here", gain=self.gain))
        if self.row.card and nearly_gray(self.row.figures):
            lines.append(text("nearly_gray"))
        if self.best:
            lines.append(text("compare_best_mark"))
        return translatable(lambda: "\n".join(map(translated, lines)))


@dataclass
class CompareHandlers:
    """The handlers of the tab, as plain functions of the values on it."""

    shelf: Shelf

    def run(self, file: PhotoFile | None, only: Sequence[str] = ()) -> Iterator[Updates]:
        """Yield updates of all that `cleared` does, again after each checkpoint. Raises gr.Error.

        only: the names of the checkpoints to compare, if not all. One that fails is named in the status, and the others
        go on.
        """
        from colorizer.figures import captioned_grid  # brings torch, which the page must not wait for

        if file is None:
            raise refusal("compare_nothing")
        with plain_errors():
            opened = self.shelf.open(file)
        photo, toned = preview(opened.photo, SIDE), not opened.black_and_white
        scan, kind = preview(opened.scan, SIDE) if opened.scan else photo, opened.kind
        del opened  # it may be large, and others wait meanwhile
        cards = [card for card in self.shelf.ranked() if not only or card.name in only]
        measured = _Measured(photo if kind == ORIGINAL else None)
        stem, start = Path(file.path).stem, time.perf_counter()
        failed = [why_broken(card) for card in self.shelf.broken()]
        shown: list[_Shown] = []

        def add(side: str, picture: Any, name: str, card: Card | None = None) -> None:
            with plain_errors():
                file = shown_file(picture, f"{stem}-{side.removeprefix(SYSTEM)}")
            whose = [card.facts.origin or text("family_" + card.facts.family)] if card else []
            shown.append(_Shown(side, picture, file, Row(name, measured.figures(picture), card), whose))

        for i, card in enumerate(cards):
            under_way = _under_way(card.name, i, len(cards))
            yield {**_pictures(shown), "status": under_way, "download": NO_SHEET}
            try:
                result = self.shelf.run(card.name, photo)
            except CheckpointError as error:
                failed.append(error_text(error))
                continue
            except RuntimeError as error:  # torch's, such as too little memory
                failed.append(f"{card.name}: {error_text(error)}")
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

    def cleared(self) -> Updates:
        """The results without a photo."""
        return {**_pictures([]), "status": text("compare_waiting"), "download": NO_SHEET}


def _pictures(shown: Sequence[_Shown]) -> Updates:
    files = {each.side: each.file for each in shown}
    grid = [(each.file, each.caption()) for each in shown]
    figures = translatable(lambda: table([each.row for each in shown]))
    return {"grid": grid, "files": files, "tap": gr.update(visible=bool(shown)), "table": figures}


def _mark_best(shown: Sequence[_Shown]) -> str:
    """Mark the checkpoint with the highest PSNR on this photo in its caption, if there is a true original and more than
    one checkpoint. Returns a sentence about it, or ""."""
    systems = [each for each in shown if each.row.card and each.gain > -math.inf]
    if len(systems) < 2:
        return ""
    best = max(systems, key=lambda each: each.gain)
    best.best = True
    return text("compare_best", name=html.escape(best.row.name), psnr=best.row.figures["psnr"], gain=best.gain)


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

    def figures(self, picture: Image.Image) -> dict[str, float]:
        """`Row.figures` of a picture; of its colourfulness alone without an original."""
        if self.truth is None:
            return {"colourfulness": metrics.colourfulness(np.asarray(picture.convert("RGB")))}
        if picture is self.truth:
            return {"colourfulness": self.beside["true_colourfulness"]}
        values = metrics.compare(picture.convert("RGB"), self.truth, self.beside)
        return {
            GAIN: round(values["psnr"] - self.beside["gray_psnr"], 2) + 0.0,  # never -0.00
            **{each.key: values[each.key] for each in metrics.FIGURES},
        }


GAIN = "gain"
"""The key of the PSNR over that of this photo's gray, dB."""


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    name: str
    figures: Mapping[str, float]
    """By the keys of `metrics.FIGURES`, and `GAIN`: those that are known of this photo."""
    card: Card | None = None
    """That of a checkpoint; None for gray and for the original, which stay below."""


def table(rows: Sequence[Row]) -> str:
    """The table as HTML, in the current language; "" if there is no checkpoint to compare. It sorts by its headings.

    A photo without a true original has its colourfulness alone: nothing can be measured against."""
    ranked = [row for row in rows if row.card]
    if not ranked:
        return ""
    here = [key for key in (GAIN, *(row.key for row in metrics.FIGURES[1:])) if key in ranked[0].figures]
    lower = {row.key for row in metrics.FIGURES if row.better == "lower"}
    heads = "".join(_heading(text(_titles(key)), key not in lower) for key in here)
    heads = _heading(text("models_name"), down=False) + heads + _heading(text("compare_usual"), down=True)
    body = "".join(_line(row, here) for row in ranked)
    foot = "".join(_line(row, here) for row in rows if not row.card)
    notes = " ".join([text("compare_table_note"), directions()]) if GAIN in here else text("compare_no_truth")
    copy = f"""<p><button type="button" class="copy" data-done="{html.escape(text("table_copied"))}" data-else="{
        html.escape(text("table_by_hand"))
    }">{text("table_copy")}</button> <span role="status"></span></p>"""
    return f"""<div class="models-scroll" role="region" tabindex="0" aria-label="{html.escape(text("compare_table"))}">
<table class="models-table"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody><tfoot>{foot}</tfoot></table></div>
{copy}<p class="small">{notes}</p>"""


def nearly_gray(figures: Mapping[str, float]) -> bool:
    """Whether a picture has hardly any colour."""
    return figures.get("colourfulness", metrics.NEARLY_GRAY) < metrics.NEARLY_GRAY


def _titles(key: str) -> str:
    return "models_gain" if key == GAIN else f"measure_{key}"


def _heading(title: str, down: bool) -> str:
    return f'<th scope="col"><button type="button" data-down="{int(down)}">{html.escape(title)}</button></th>'


def _line(row: Row, keys: Sequence[str]) -> str:
    forms = {GAIN: "+.2f", **{each.key: each.format for each in metrics.FIGURES}}
    cells = "".join(_cell(row.figures.get(key), forms[key]) for key in keys)
    pale = f" <small>({text('nearly_gray')})</small>" if row.card and nearly_gray(row.figures) else ""
    name = html.escape(row.name)
    usual = metrics.gain(row.card.metrics) if row.card else None
    return f'<tr><th scope="row" data-value="{name}">{name}{pale}</th>{cells}{_cell(usual, forms[GAIN])}</tr>'


def _cell(value: float | None, form: str) -> str:
    return "<td>–</td>" if value is None else f'<td data-value="{value}">{number(value, form)}</td>'
