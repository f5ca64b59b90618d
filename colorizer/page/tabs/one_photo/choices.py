"""The choices of a network, a preset and a view, and what they change in the controls."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import gradio as gr

from colorizer.architectures.registry import Facts
from colorizer.checkpoints.card import Card
from colorizer.colour.metrics import NEARLY_GRAY, finite, gain
from colorizer.colour.readout import PRESETS, SLIDERS, Readout, preset_readout
from colorizer.page.i18n.texts import Translatable, story, text, title_text, translatable

SIDE, PICTURE, BEFORE_AFTER, VERSIONS = "side", "picture", "compare", "versions"


def network_choices(cards: Sequence[Card]) -> list[tuple[str, str]]:
    """The checkpoints to choose from, (label, name), in the order of `cards`. A label has the name and the figure."""

    def label(card: Card) -> Translatable:
        return translatable(lambda: " · ".join([card.name, *figures(card)]))

    return [(label(card), card.name) for card in cards]


def figures(card: Card) -> list[str]:
    """The measures of a checkpoint in words: its gain over plain gray, and whether its colours are hardly any."""
    above, colours = gain(card.metrics), finite(card.metrics.get("colourfulness"))
    said = [text("compare_unmeasured") if above is None else text("compare_gain", gain=above)]
    return [*said, text("nearly_gray")] if colours is not None and colours < NEARLY_GRAY else said


def view_modes(known: Facts | None) -> list[tuple[str, str]]:
    """The modes of the stage for an architecture, (name, key of its words); what it shows by default comes first."""
    corrects, doubts = bool(known and known.takes_hints), bool(known and known.has_distribution)
    large = "view_hints" if corrects else "view_doubt" if doubts else "view_large"
    modes = [(SIDE, "view_side"), (BEFORE_AFTER, "view_compare"), (PICTURE, large)]
    if corrects and doubts:
        modes.append((VERSIONS, "view_versions"))
    return modes


def view_update(known: Facts | None, view: str) -> Any:
    """An update of the modes for an architecture. The current one stays if the architecture has it."""
    modes = view_modes(known)
    value = view if view in {name for name, _ in modes} else modes[0][0]
    return gr.update(modes=[list(mode) for mode in modes], value=value)


def controls_update(card: Card | None, preset: str, view: str) -> dict[str, Any]:
    """Updates that show only the controls that a checkpoint supports, with the preset's values. A visitor's own values
    stay."""
    known = card.facts if card else None
    distribution = bool(known and known.has_distribution)
    sliders = {
        name: gr.update(visible=control.answered_by(known) if known else not control.needs)
        for name, control in SLIDERS.items()
    }
    if card and preset in PRESETS:
        for name, value in slider_values(preset, card).items():
            sliders[name]["value"] = value
    return {
        "preset": gr.update(visible=distribution),
        **sliders,
        "raw": gr.update(visible=bool(known and known.predicts_rgb), value=False),
        "fine": gr.update(open=bool(known) and not distribution),
        "like_box": gr.update(visible=distribution),
        "stage": view_update(known, view),
    }


def slider_values(preset: str, card: Card | None) -> dict[str, float]:
    """The values of the sliders for a look and a checkpoint; a network without a distribution has no looks."""
    own = card.temperature if card else 1.0
    looks = card is None or card.facts.has_distribution
    readout = preset_readout(preset, own) if looks else Readout(own)
    return {name: getattr(readout, name) for name in SLIDERS}


def capabilities(known: Facts) -> list[str]:
    """The capabilities of an architecture, each in a few words."""
    keys = ["answers_distribution" if known.has_distribution else "answers_ab"]
    for flag, answer in (("predicts_rgb", "rgb"), ("classifies", "classes"), ("takes_hints", "hints")):
        if getattr(known, flag):
            keys.append(f"answers_{answer}")
    return [text(key) for key in keys]


def describe_checkpoint(card: Card) -> str:
    """A line about a checkpoint, as HTML: the title that somebody gave it, and what its network is like."""
    title = title_text(card.title)
    own = "" if isinstance(title, Translatable) else html.escape(title)  # ours say nothing to choose by
    return translatable(lambda: " · ".join(filter(None, [own, story(card.architecture)])))
