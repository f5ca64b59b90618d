"""What happens on the tab for one photograph, as plain functions of what it shows."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from ..architectures import facts
from ..checkpoint import Card, CheckpointError
from ..photo import PhotoError, is_grayscale, open_photo, save_photo
from .components import browsers_show, preview, served_file, shown_file
from .models import Shelf, readout
from .texts import text


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show what the package has to say as a toast; the page goes on."""
    try:
        yield
    except FileNotFoundError:
        raise gr.Error(text("gone"), print_exception=False) from None
    except (PhotoError, CheckpointError, ValueError) as error:
        raise gr.Error(html.escape(str(error), quote=False), print_exception=False) from None


@dataclass
class Handlers:
    """What happens on the page, as plain functions of what it shows."""

    shelf: Shelf

    def take(self, path: str | None) -> tuple[str | None, Any]:
        """A new upload: remember its path; show formats that browsers cannot."""
        if path is None or browsers_show(path):
            return path, gr.skip()
        try:
            return path, preview(open_photo(path))
        except PhotoError:
            return path, gr.skip()  # colouring it will say what is wrong, where it can be read

    def show(
        self, path: str | None, checkpoint: str | None, temperature: float, saturation: float, raw: bool = False
    ) -> list[Any]:
        """Everything on the right: three panes, slider, figures, time, classes. Raises gr.Error.

        raw: show what an RGB architecture painted itself.
        """
        if path is None:
            return self.cleared()
        if not checkpoint:
            raise gr.Error(text("no_checkpoints"), print_exception=False)
        with plain_errors():
            result = readout(self.shelf.colorize(path, checkpoint), temperature, saturation)
            small = result.at_size(preview(result.original))
            black_and_white = is_grayscale(result.original)
            classes = _classes(result)
            width, height = result.original.size
            line = text(
                "time",
                total=result.seconds.total,
                network=result.seconds.network,
                checkpoint=checkpoint,
                width=width,
                height=height,
            )
            stem = Path(path).stem
            gray = shown_file(small.grayscale, f"{stem}-gray")
            shown = (small.raw if raw else None) or small.image
            figures = "" if black_and_white else _figures(shown, small.original)
            colour = shown_file(shown, f"{stem}-colorized")
            truth = None if black_and_white else shown_file(small.original, stem)
            return [
                gr.update(visible=False),
                gr.update(visible=True),
                gray,
                colour,
                gr.update(value=truth, visible=not black_and_white),
                gr.update(visible=black_and_white),
                (gray, colour),
                gr.update(value=figures, visible=bool(figures)),
                line,
                gr.update(value=classes, visible=bool(classes)),
                gr.update(interactive=False),
            ]

    def cleared(self) -> list[Any]:
        """The page without a photograph."""
        return [
            gr.update(visible=True),
            gr.update(visible=False),
            None,
            None,
            gr.update(value=None),
            gr.update(visible=False),
            None,
            gr.update(value="", visible=False),
            "",
            gr.update(value="", visible=False),
            gr.update(value=None, interactive=False),
        ]

    def file(
        self, path: str | None, checkpoint: str | None, temperature: float, saturation: float, raw: bool = False
    ) -> Any:
        """The full-size PNG behind the download button, named after the upload."""
        if path is None or not checkpoint:
            return gr.update(value=None, interactive=False)
        with plain_errors():
            result = readout(self.shelf.colorize(path, checkpoint), temperature, saturation)
            target = served_file(f"{Path(path).stem}-colorized.png")
            save_photo((result.raw if raw else None) or result.image, target, checkpoint=checkpoint)
            return gr.update(value=str(target), interactive=True)

    def architecture_chosen(self, architecture: str) -> list[Any]:
        """The checkpoints of an architecture, its line, and only the controls it can answer."""
        cards = [card for card in self.shelf.cards() if card.architecture == architecture]
        first = cards[0] if cards else None
        return [
            gr.update(choices=[(card.name, card.name) for card in cards], value=first.name if first else None),
            about(architecture),
            *self.checkpoint_chosen(first.name if first else None),
        ]

    def checkpoint_chosen(self, name: str | None) -> list[Any]:
        """A checkpoint's line, its own temperature, and whether there is a picture of its own to show."""
        if name is None:
            return [text("no_checkpoints"), gr.update(visible=False), gr.update(visible=False, value=False)]
        with plain_errors():
            card = self.shelf.card(name)
        known = facts(card.architecture)
        return [
            describe(card),
            gr.update(visible=known.has_distribution, value=card.temperature),
            gr.update(visible=known.predicts_rgb, value=False),
        ]


def architecture_choices(cards: Sequence[Card]) -> list[tuple[str, str]]:
    """What the dropdown offers, as (label, name): each architecture with its family, in the order of `cards`."""
    names = list(dict.fromkeys(card.architecture for card in cards))
    return [(f"{name} · {text('family_' + facts(name).family)}", name) for name in names]


def about(architecture: str) -> str:
    """An architecture's story in two sentences, and what it can answer."""
    known = facts(architecture)
    answers = ["answers_distribution" if known.has_distribution else "answers_ab"]
    for flag, answer in (("predicts_rgb", "rgb"), ("classifies", "classes"), ("takes_hints", "hints")):
        if getattr(known, flag):
            answers.append(f"answers_{answer}")
    return f"{known.story} {text('answers', answers='; '.join(map(text, answers)))}"


def describe(card: Card) -> str:
    """One line on a checkpoint: its title, size and, if it was measured, how it compares with plain gray."""
    parts = [html.escape(card.title), text("parameters", millions=card.parameters / 1e6)]
    if {"psnr", "gray_psnr"} <= set(card.metrics):
        psnr = card.metrics["psnr"]
        parts.append(text("measured", psnr=psnr, gain=psnr - card.metrics["gray_psnr"]))
    return " · ".join(part for part in parts if part)


def _classes(result: Any) -> str:
    """The three best guesses at what the picture shows, or "" where the architecture does not say."""
    best = (result.classes or [])[:3]
    named = ", ".join(f"{html.escape(name.replace('_', ' '))} {p:.0%}" for name, p in best)
    return text("classes", classes=named) if best else ""


def _figures(shown: Any, original: Any) -> str:
    """A Markdown table: the prediction and, beside it always, plain gray."""
    from ..metrics import compare

    m = compare(shown, original)
    rows = (
        (text("row_predicted"), m["psnr"], m["delta_e"], m["colourfulness"]),
        (text("row_gray"), m["gray_psnr"], m["gray_delta_e"], m["gray_colourfulness"]),
    )
    lines = [
        f"**{text('figures')}**",
        "",
        f"| | {text('psnr')} | {text('delta_e')} | {text('colourfulness')} |",
        "|:--|--:|--:|--:|",
        *(f"| {name} | {psnr:.2f} | {delta:.2f} | {colour:.1f} |" for name, psnr, delta, colour in rows),
        f"| {text('row_original')} | – | 0 | {m['true_colourfulness']:.1f} |",
        "",
        text("figures_note"),
    ]
    return "\n".join(lines)
