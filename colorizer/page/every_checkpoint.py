"""The tab that shows one photograph through every checkpoint."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr

from ..architectures import facts
from ..checkpoint import Card, CheckpointError
from ..photo import is_grayscale, open_photo, save_photo
from .components import preview, served_file, shown_file
from .handlers import Handlers, plain_errors
from .models import Shelf
from .source import example_chooser, example_gallery, photo_input
from .texts import text

SIDE = 1024
"""Longest side of the pictures compared, in pixels."""


@dataclass
class Comparison:
    """What happens on the tab, as plain functions of what it shows."""

    shelf: Shelf

    def cards(self) -> list[Card]:
        """Usable checkpoints, the one with the most PSNR over plain gray first, those never measured last."""
        return sorted(self.shelf.cards(), key=lambda card: -gain(card))

    def run(self, path: str | None, progress: gr.Progress | None = None) -> Iterator[list[Any]]:
        """Gallery, status and download after every checkpoint. Raises gr.Error."""
        from ..figures import captioned_grid  # brings torch, which the page must not wait for

        if path is None:
            raise gr.Error(text("compare_nothing"), print_exception=False)
        with plain_errors():
            original = open_photo(path)
        photo = preview(original, SIDE)
        cards = self.cards()
        truth = None if is_grayscale(photo) else photo
        stem, start, failed = Path(path).stem, time.perf_counter(), []
        shown: list[tuple[str, Any]] = []
        gallery: list[tuple[str, str]] = []

        def add(caption: str, picture: Any, name: str) -> None:
            shown.append((caption, picture))
            gallery.append((shown_file(picture, f"{stem}-{name}"), caption))

        for i, card in enumerate(cards):
            if progress is not None:
                progress((i, len(cards)), desc=card.name, unit="")
            yield [list(gallery), text("compare_under_way", done=i + 1, count=len(cards), name=card.name), gr.skip()]
            try:
                result = self.shelf.colorizer(card.name).colorize(photo)
            except CheckpointError as error:
                failed.append(str(error))
                continue
            if not shown:
                add(_caption(text("grayscale"), result.grayscale, truth), result.grayscale, "gray")
                if truth is not None:
                    add(text("original"), truth, "original")
            family = text("family_" + facts(card.architecture).family)
            add(_caption(f"{card.name} ({family})", result.image, truth), result.image, card.name)
        status = text("compare_done", count=len(cards) - len(failed), seconds=time.perf_counter() - start)
        if failed:
            status += " " + text("compare_failed", names="; ".join(failed))
        if not shown:
            yield [[], status, gr.update(value=None, interactive=False)]
            return
        target = served_file(f"{stem}-compared.png")
        save_photo(captioned_grid(shown), target, checkpoint=", ".join(card.name for card in cards))
        yield [gallery, status, gr.update(value=str(target), interactive=True)]


def gain(card: Card) -> float:
    """PSNR over plain gray by a checkpoint's own header, in dB; minus infinity for one never measured."""
    measured = {"psnr", "gray_psnr"} <= set(card.metrics)
    return card.metrics["psnr"] - card.metrics["gray_psnr"] if measured else float("-inf")


def _caption(name: str, picture: Any, truth: Any) -> str:
    """A name and, where there is a truth, how close the picture comes to it."""
    if truth is None:
        return name
    import numpy as np

    from ..metrics import psnr

    return text("compare_psnr", name=name, psnr=psnr(np.asarray(picture.convert("RGB")), np.asarray(truth)))


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
            parts.status = gr.Markdown(elem_id="compare-status")
            parts.grid = gr.Gallery(
                label=text("compare_grid"),
                elem_id="compare-grid",
                columns=3,
                height="auto",
                object_fit="contain",
                interactive=False,
                buttons=["fullscreen"],
            )
            parts.download = gr.DownloadButton(
                text("compare_download"), interactive=False, elem_id="compare-download", min_width=220
            )
    comparison, handlers = Comparison(shelf), Handlers(shelf)
    quick: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}

    def run(path: str | None, progress=gr.Progress()) -> Iterator[list[Any]]:  # noqa: B008  # how Gradio hands it over
        yield from comparison.run(path, progress)

    def taken_over(path: str | None, own: str | None) -> Any:
        """The first tab's photograph, unless this tab has one."""
        return (path, path) if path and not own else (gr.skip(), gr.skip())

    outputs = [parts.grid, parts.status, parts.download]
    options: dict[str, Any] = {
        "concurrency_id": "model", "concurrency_limit": 1, "api_visibility": "private",
        "show_progress_on": [parts.status],
    }  # fmt: skip
    running = [
        parts.photo.upload(handlers.take, parts.photo, [parts.path, parts.photo], **quick).success(
            run, parts.path, outputs, **options
        ),
        parts.gallery.select(example_chooser(examples), None, [parts.path, parts.photo], **quick).success(
            run, parts.path, outputs, **options
        ),
        parts.button.click(run, parts.path, outputs, **options),
    ]
    tab.select(taken_over, [source, parts.path], [parts.path, parts.photo], **quick)
    parts.photo.clear(
        lambda: (None, [], "", gr.update(value=None, interactive=False)),
        None,
        [parts.path, *outputs],
        cancels=running,
        **quick,
    )
