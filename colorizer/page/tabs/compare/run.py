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

from colorizer.checkpoints.card import Card
from colorizer.errors import CheckpointError
from colorizer.page.i18n.texts import error_text, text, translatable, translated
from colorizer.page.i18n.toasts import plain_errors, refusal
from colorizer.page.serving.served_files import preview, served_file, shown_file
from colorizer.page.session.opened import PhotoFile
from colorizer.page.session.shelf import Shelf, gain_over_gray, why_broken
from colorizer.page.widgets.stage import SYSTEM, sides_update
from colorizer.photo.save import save_photo

from ..parts import Updates

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
    lines: list[str]
    psnr: float | None = None
    """If there is a true original."""
    best: bool = False
    """Whether no other checkpoint came closer to this photo."""

    def caption(self) -> str:
        lines = list(self.lines)
        if self.psnr is not None:
            lines.append(text("compare_psnr", psnr=self.psnr))
        if self.best:
            lines.append(text("compare_best_mark"))
        return translatable(lambda: "\n".join(map(translated, lines)))


@dataclass
class CompareHandlers:
    """The handlers of the tab, as plain functions of the values on it."""

    shelf: Shelf

    def cards(self) -> list[Card]:
        """Usable checkpoints, those with the highest PSNR over plain gray first, those never measured last."""
        return sorted(self.shelf.cards(), key=lambda card: -gain_over_gray(card))

    def run(self, file: PhotoFile | None) -> Iterator[Updates]:
        """Yield updates of all of `ResultParts`, again after each checkpoint. Raises gr.Error.

        A checkpoint that fails is named in the status, and the others go on.
        """
        from colorizer.figures import captioned_grid  # brings torch, which the page must not wait for

        if file is None:
            raise refusal("compare_nothing")
        with plain_errors():
            opened = self.shelf.open(file)
        photo, toned = preview(opened.photo, SIDE), not opened.black_and_white
        scan, kind = preview(opened.scan, SIDE) if opened.scan else photo, opened.kind
        del opened  # it may be large, and others wait meanwhile
        cards = self.cards()
        truth = photo if kind == ORIGINAL else None
        stem, start = Path(file.path).stem, time.perf_counter()
        failed = [why_broken(card) for card in self.shelf.broken()]
        shown: list[_Shown] = []

        def add(side: str, picture: Any, *lines: str) -> None:
            with plain_errors():
                file = shown_file(picture, f"{stem}-{side.removeprefix(SYSTEM)}")
            shown.append(_Shown(side, picture, file, list(lines), _closeness(picture, truth)))

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
                if truth is not None:
                    add(ORIGINAL, photo, text("original"))
                elif toned:
                    add(kind, scan, text(f"as_{kind}"))
            add(SYSTEM + card.name, result.image, *_about(card))
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
        """All of `ResultParts` without a photo."""
        return {**_pictures([]), "status": text("compare_waiting"), "download": NO_SHEET}


def _pictures(shown: Sequence[_Shown]) -> Updates:
    files = {each.side: each.file for each in shown}
    grid = [(each.file, each.caption()) for each in shown]
    return {"grid": grid, "files": files, "tap": gr.update(visible=bool(shown))}


def _mark_best(shown: Sequence[_Shown]) -> str:
    """Mark the checkpoint with the highest PSNR on this photo in its caption, if there is a true original and more than
    one checkpoint. Returns a sentence about it, or ""."""
    systems = [each for each in shown if each.side.startswith(SYSTEM) and each.psnr is not None]
    gray = next((each.psnr for each in shown if each.side == GRAY), None)
    if len(systems) < 2 or gray is None:
        return ""
    best = max(systems, key=lambda each: each.psnr or -math.inf)
    assert best.psnr is not None
    best.best = True
    name = html.escape(best.side.removeprefix(SYSTEM))
    return text("compare_best", name=name, psnr=best.psnr, gain=best.psnr - gray)


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


def _about(card: Card) -> list[str]:
    """The first lines of a caption: the checkpoint's name, whose network it is, and its gain over plain gray."""
    known = card.facts
    gain = gain_over_gray(card)
    told = text("compare_unmeasured") if gain == -math.inf else text("compare_gain", gain=gain)
    return [card.name, known.origin or text("family_" + known.family), told]


def _closeness(picture: Any, truth: Any) -> float | None:
    """The PSNR, which the first tab shows too; None without a true original, and for the original itself."""
    if truth is None or picture is truth:
        return None
    from colorizer.colour.metrics import compare

    return float(compare(picture.convert("RGB"), truth, beside={})["psnr"])
