"""Lays out the controls of the tab for one photo: the network, how bold its colours are, and colours to prefer."""

from __future__ import annotations

import html

import gradio as gr

from colorizer.checkpoints.card import Card
from colorizer.colour.readout import CONTROLS, DEFAULT_PRESET, NUMBERS, PRESETS, SLIDERS
from colorizer.page.i18n.texts import text, translatable
from colorizer.page.session.request import OWN
from colorizer.page.session.shelf import Shelf, why_broken
from colorizer.page.widgets.drawer import Looks, Palette
from colorizer.page.widgets.inputs import CheckpointDropdown, photo_input

from .choices import describe_checkpoint, network_choices, slider_values
from .parts import FineParts, LikeParts, NetworkParts

LIKE = ("nothing", "picture", "palette")
"""Whose colours can be preferred."""


def network_controls(shelf: Shelf, chip: gr.Button) -> NetworkParts:
    """The checkpoints, the best first, and a line about the chosen one. chip: a `network_chip` at the stage."""
    first, broken = next(iter(shelf.cards()), None), shelf.broken()
    with gr.Group():
        checkpoint = CheckpointDropdown(
            network_choices(shelf.ranked()),
            value=first.name if first else None,
            label=text("drawer_network"),
            elem_id="checkpoint",
        )
        checkpoint_line = gr.Markdown(
            describe_checkpoint(first) if first else text("no_checkpoints"), elem_classes="about"
        )
    if broken:
        gr.Markdown(
            translatable(lambda: text("broken_checkpoints", names=html.escape("; ".join(map(why_broken, broken)))))
        )
    return NetworkParts(checkpoint, checkpoint_line, chip)


def preset_control(first: Card | None) -> Looks:
    """The looks. first: the checkpoint that is chosen when the page opens."""
    return Looks(
        DEFAULT_PRESET,
        names=[*PRESETS, OWN],
        elem_id="preset",
        visible=bool(first and first.facts.has_distribution),
    )


def fine_controls(first: Card | None) -> FineParts:
    """The sliders that presets set. first: as in `preset_control`."""
    known = first.facts if first else None
    start = slider_values(DEFAULT_PRESET, first)
    with gr.Accordion(text("fine"), open=not (known and known.has_distribution), elem_id="fine") as fine:
        sliders = {
            name: _slider(name, start[name], control.answered_by(known) if known else not control.needs)
            for name, control in SLIDERS.items()
        }
        raw = gr.Checkbox(
            value=False,
            label=text("raw"),
            info=text("raw_info"),
            elem_id="raw",
            visible=bool(known and known.predicts_rgb),
        )
    return FineParts(fine, sliders, raw)


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


def like_controls(first: Card | None) -> LikeParts:
    """A picture or a palette with colours to prefer; one at a time, because both together make no sense. first: as in
    `preset_control`."""
    known = first.facts if first else None
    visible = bool(known and known.has_distribution)
    with gr.Accordion(text("like"), open=False, visible=visible) as like_box:
        choices = [(text(f"like_{name}"), name) for name in LIKE]
        like = gr.Radio(choices, value=LIKE[0], label=text("like_label"), elem_id="like", elem_classes="segmented")
        reference = gr.State(None)
        with gr.Column(visible=False) as like_picture:
            reference_photo = photo_input("reference", 180, label=text("reference"))
        with gr.Column(visible=False) as like_palette:
            palette = Palette(elem_id="palette")
        dependent = [name for name in NUMBERS if name not in SLIDERS]
        sliders = {name: _slider(name, CONTROLS[name].default, visible=False) for name in dependent}
    return LikeParts(like_box, like, like_picture, reference_photo, reference, like_palette, palette, sliders)
