"""The tab that shows one photograph through every checkpoint."""

from __future__ import annotations

import html
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr

from colorizer.architectures.registry import facts
from colorizer.checkpoints.card import Card
from colorizer.errors import CheckpointError
from colorizer.photo.kinds import has_own_colours, is_grayscale
from colorizer.photo.save import save_photo

from ..i18n.texts import explained, said, said_again, text
from ..i18n.toasts import plain_errors, refusal
from ..serving.served_files import preview, served_file, shown_file
from ..session.shelf import NETWORK, Shelf, gain, why
from ..widgets.download import download_button
from ..widgets.photo_source import example_chooser, example_gallery, photo_input

SIDE = 1024
"""Longest side of the pictures compared, in pixels."""


@dataclass
class Comparison:
    """What happens on the tab, as plain functions of what it shows."""

    shelf: Shelf

    def cards(self) -> list[Card]:
        """Usable checkpoints, the one with the most PSNR over plain gray first, those never measured last."""
        return sorted(self.shelf.cards(), key=lambda card: -gain(card))

    def run(self, path: str | None) -> Iterator[list[Any]]:
        """Gallery, status and download after every checkpoint. Raises gr.Error.

        A checkpoint that fails is named in the status, and the others go on.
        """
        from colorizer.figures import captioned_grid  # brings torch, which the page must not wait for

        if path is None:
            raise refusal("compare_nothing")
        with plain_errors():
            original = self.shelf.open(path).photo
        photo = preview(original, SIDE)
        cards = self.cards()
        truth = photo if has_own_colours(photo) else None
        stem, start = Path(path).stem, time.perf_counter()
        failed, worked = [why(card) for card in self.shelf.broken()], []
        no_file = gr.update(value=None, interactive=False)  # the last photograph's sheet must not stay
        shown: list[tuple[str, Any]] = []
        gallery: list[tuple[str, str]] = []

        def add(name: str, picture: Any, *lines: str) -> None:
            lines = (*lines, *_closeness(picture, truth))
            with plain_errors():
                file = shown_file(picture, f"{stem}-{name}")
            shown.append((", ".join(lines), picture))
            gallery.append((file, said(lambda: "\n".join(map(said_again, lines)))))

        for i, card in enumerate(cards):
            yield [list(gallery), _under_way(card.name, i, len(cards)), no_file]
            try:
                result = self.shelf.run(card.name, photo)
            except CheckpointError as error:
                failed.append(explained(error))
                continue
            except RuntimeError as error:  # torch's, such as too little memory
                failed.append(f"{card.name}: {explained(error)}")
                continue
            if not shown:
                add("gray", result.grayscale, text("grayscale"))
                if not is_grayscale(photo):
                    add("original", photo, text("original"))
            add(card.name, result.image, *_about(card))
            worked.append(card.name)
        seconds = time.perf_counter() - start
        status = said(lambda: _outcome(len(cards), len(worked), seconds, failed))
        if not shown:
            yield [[], status, no_file]
            return
        with plain_errors():
            target = served_file(f"{stem}-compared.png")
            save_photo(captioned_grid(shown), target, checkpoint=", ".join(worked))
        yield [gallery, status, gr.update(value=str(target), interactive=True)]


def _outcome(cards: int, worked: int, seconds: float, failed: Sequence[str]) -> str:
    """How many checkpoints answered, in what time, and why others did not."""
    done = text("compare_done", count=worked, seconds=seconds) if cards else text("no_checkpoints")
    if not failed:
        return done
    names = html.escape(" ".join(map(said_again, failed)), quote=False)
    return f"{done} {text('broken_checkpoints', names=names)}"


def _under_way(name: str, done: int, count: int) -> str:
    """Which checkpoint is at work, and a bar; gr.Progress would lie over the pictures that are there already."""
    sentence = text("compare_under_way", done=done + 1, count=count, name=html.escape(name))
    return said(lambda: f'{said_again(sentence)}\n\n<progress value="{done}" max="{count}"></progress>')


def _about(card: Card) -> list[str]:
    """A caption's first lines: name, family, and how the checkpoint did when it was measured."""
    family = text("family_" + facts(card.architecture).family)
    known = gain(card)
    return [card.name, family, text("compare_unmeasured") if known == -math.inf else text("compare_gain", gain=known)]


def _closeness(picture: Any, truth: Any) -> list[str]:
    """A caption's last line: how close the picture comes to the truth, by the figure that the first tab shows too."""
    if truth is None or picture is truth:
        return []
    from colorizer.colour.metrics import compare

    return [text("compare_psnr", psnr=compare(picture.convert("RGB"), truth, beside={})["psnr"])]


def every_checkpoint(shelf: Shelf, examples: list[Path], source: gr.State, tab: gr.Tab) -> None:
    """Lay out the tab and connect it, inside a gr.Tab. source: the photograph of the first tab, which is taken over."""
    parts = SimpleNamespace(path=gr.State(None))
    with gr.Row(elem_id="compare-work"):
        with gr.Column(scale=1, min_width=300):
            gr.Markdown(text("compare_intro"))
            parts.photo = photo_input("compare-photo", 240)
            parts.gallery = example_gallery("compare-examples", examples)
            parts.button = gr.Button(text("compare_button"), variant="primary", elem_id="compare-button")
        with gr.Column(scale=3, min_width=320):
            parts.status = gr.Markdown(text("compare_waiting"), elem_id="compare-status", elem_classes="announced")
            parts.grid = gr.Gallery(
                label=text("compare_grid"),
                elem_id="compare-grid",
                elem_classes="captioned",
                columns=3,
                height="auto",
                object_fit="contain",
                interactive=False,
                buttons=["fullscreen"],
            )
            parts.download = download_button(text("compare_download"), elem_id="compare-download", min_width=220)
    comparison = Comparison(shelf)
    quick: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}

    def taken_over(path: str | None, own: str | None) -> Any:
        """The first tab's photograph, unless this tab has one."""
        return (path, path) if path and not own else (gr.skip(), gr.skip())

    outputs = [parts.grid, parts.status, parts.download]
    run = shelf.at_work(comparison.run)
    options: dict[str, Any] = {
        **NETWORK, "api_visibility": "private",
        "show_progress": "minimal", "show_progress_on": [parts.grid],
        # A photograph chosen while another is under way has its turn; by default events drop it, and it would stand
        # above the pictures of the one before.
        "trigger_mode": "always_last",
    }  # fmt: skip
    taken = [parts.path, parts.photo]
    running = [
        parts.photo.upload(lambda path: path, parts.photo, parts.path, **quick).success(
            run, parts.path, outputs, **options
        ),
        parts.gallery.select(example_chooser(examples), None, taken, **quick).success(
            run, parts.path, outputs, **options
        ),
        parts.button.click(run, parts.path, outputs, **{**options, "trigger_mode": "once"}),
    ]
    tab.select(taken_over, [source, parts.path], taken, **quick)
    parts.photo.clear(
        lambda: (None, [], text("compare_waiting"), gr.update(value=None, interactive=False)),
        None,
        [parts.path, *outputs],
        cancels=running,
        **quick,
    )
