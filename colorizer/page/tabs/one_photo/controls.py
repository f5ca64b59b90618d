"""The controls of the tab for one photograph: which network, how boldly it is read, whose colours it prefers."""

from __future__ import annotations

import html
from types import SimpleNamespace

import gradio as gr

from colorizer.architectures.registry import facts
from colorizer.checkpoints.card import Card
from colorizer.colour.readout import CONTROLS, NUMBERS, SLIDERS, preset_readout
from colorizer.page.i18n.texts import said, text
from colorizer.page.session.request import DEFAULT_PRESET
from colorizer.page.session.shelf import Shelf, why
from colorizer.page.widgets.palette import Palette
from colorizer.page.widgets.photo_source import photo_input

from .choices import about, architecture_choices, describe, preset_choices, view_choices


def network_controls(parts: SimpleNamespace, shelf: Shelf) -> None:
    """Architecture and checkpoint, and what there is to say about them."""
    cards, broken = shelf.cards(), shelf.broken()
    first = cards[0] if cards else None
    with gr.Group():
        parts.architecture = gr.Dropdown(
            architecture_choices(cards),
            value=first.architecture if first else None,
            label=text("architecture"),
            elem_id="architecture",
        )
        parts.architecture_line = gr.Markdown(about(first.architecture) if first else "", elem_classes="about")
    with gr.Group():
        parts.checkpoint = gr.Dropdown(
            [card.name for card in cards if first and card.architecture == first.architecture],
            value=first.name if first else None,
            label=text("checkpoint"),
            elem_id="checkpoint",
        )
        parts.checkpoint_line = gr.Markdown(describe(first) if first else text("no_checkpoints"), elem_classes="about")
    if broken:
        gr.Markdown(said(lambda: text("broken_checkpoints", names=html.escape("; ".join(map(why, broken))))))


def preset_control(parts: SimpleNamespace, first: Card | None) -> None:
    """How bold a guess. first: the checkpoint chosen when the page opens."""
    parts.preset = gr.Radio(
        preset_choices(),
        value=DEFAULT_PRESET,
        label=text("preset"),
        info=text("preset_info"),
        elem_id="preset",
        elem_classes="segmented",
        visible=bool(first and facts(first.architecture).has_distribution),
    )


def fine_controls(parts: SimpleNamespace, first: Card | None) -> None:
    """The sliders that presets set."""
    known = facts(first.architecture) if first else None
    start = preset_readout(DEFAULT_PRESET, first.temperature if first else 1.0)
    with gr.Accordion(text("fine"), open=not (known and known.has_distribution), elem_id="fine") as parts.fine:
        for name, control in SLIDERS.items():
            visible = control.answered_by(known) if known else not control.needs
            setattr(parts, name, _slider(name, getattr(start, name), visible))
        parts.raw = gr.Checkbox(
            value=False,
            label=text("raw"),
            info=text("raw_info"),
            elem_id="raw",
            visible=bool(known and known.predicts_rgb),
        )


def _slider(name: str, value: float, visible: bool) -> gr.Slider:
    control = CONTROLS[name]
    return gr.Slider(
        control.lowest,
        control.highest,
        value=value,
        step=control.step,
        label=text(name),
        info=text(f"{name}_info"),
        elem_id=name,
        visible=visible,
    )


def like_controls(parts: SimpleNamespace, first: Card | None) -> None:
    """A picture or a palette whose colours to prefer: one at a time, as both at once mean nothing."""
    known = facts(first.architecture) if first else None
    with gr.Accordion(
        text("like"), open=False, elem_id="like-box", visible=bool(known and known.has_distribution)
    ) as parts.like_box:
        choices = [(text(f"like_{name}"), name) for name in ("nothing", "picture", "palette")]
        parts.like = gr.Radio(
            choices, value="nothing", label=text("like_label"), elem_id="like", elem_classes="segmented"
        )
        parts.reference = gr.State(None)
        with gr.Column(visible=False) as parts.like_picture:
            parts.reference_photo = photo_input("reference", 180, label=text("reference"))
        with gr.Column(visible=False) as parts.like_palette:
            parts.palette = Palette(elem_id="palette")
        for name in NUMBERS:
            if name not in SLIDERS:
                setattr(parts, name, _slider(name, CONTROLS[name].default, visible=False))


def view_control(parts: SimpleNamespace, first: Card | None) -> None:
    """What the large picture shows; style sheets hide the others by it."""
    choices = view_choices(facts(first.architecture) if first else None)
    parts.view = gr.Radio(
        choices,
        value=choices[0][1],
        show_label=False,
        container=False,
        label=text("view"),
        elem_id="view",
        elem_classes="segmented",
    )
