"""Choosing a network and how boldly it is read: what each choice changes in the controls."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import gradio as gr

from colorizer.architectures.registry import Facts, facts
from colorizer.checkpoints.card import Card
from colorizer.colour.metrics import gain
from colorizer.colour.readout import PRESETS, SLIDERS, preset_readout
from colorizer.page.i18n.texts import said, story, text, titled
from colorizer.page.session.request import OWN

PICTURE, COMPARE, VERSIONS = "picture", "compare", "versions"


def architecture_choices(cards: Sequence[Card]) -> list[tuple[str, str]]:
    """What the dropdown offers, as (label, name): each architecture with its family, in the order of `cards`."""
    names = list(dict.fromkeys(card.architecture for card in cards))
    return [(labelled(name), name) for name in names]


def labelled(architecture: str) -> str:
    """An architecture's name and family."""
    return said(lambda: f"{architecture} · {text('family_' + facts(architecture).family)}")


def preset_choices() -> list[tuple[str, str]]:
    """The presets from the safest to the boldest, and what moved sliders make of them."""
    return [(text(f"preset_{name}"), name) for name in (*PRESETS, OWN)]


def view_choices(known: Facts | None) -> list[tuple[str, str]]:
    """What the large picture can show under an architecture, the best first."""
    views = [(text("view_compare"), COMPARE)]
    if known and (known.takes_hints or known.has_distribution):
        views.insert(0, (text("view_hints" if known.takes_hints else "view_doubt"), PICTURE))
    if known and known.takes_hints and known.has_distribution:
        views.append((text("view_versions"), VERSIONS))
    return views


def view_chosen(known: Facts | None, view: str) -> Any:
    """The views under a newly chosen architecture; the one shown stays if it can."""
    choices = view_choices(known)
    return gr.update(choices=choices, value=view if view in {name for _, name in choices} else choices[0][1])


def controls_for(card: Card | None, preset: str, view: str) -> dict[str, Any]:
    """Only the controls that a checkpoint can answer, where the preset puts them; a visitor's own sliders stay."""
    known = facts(card.architecture) if card else None
    distribution = bool(known and known.has_distribution)
    sliders = {
        name: gr.update(visible=control.answered_by(known) if known else not control.needs)
        for name, control in SLIDERS.items()
    }
    if card and distribution and preset in PRESETS:
        for name, value in slider_values(preset, card).items():
            sliders[name]["value"] = value
    return {
        "preset": gr.update(visible=distribution),
        **sliders,
        "raw": gr.update(visible=bool(known and known.predicts_rgb), value=False),
        "fine": gr.update(open=bool(known) and not distribution),
        "like_box": gr.update(visible=distribution),
        "view": view_chosen(known, view),
    }


def slider_values(preset: str, card: Card) -> dict[str, float]:
    """Where a preset puts the sliders under a checkpoint."""
    readout = preset_readout(preset, card.temperature)
    return {name: getattr(readout, name) for name in SLIDERS}


def about(architecture: str) -> str:
    """An architecture's story in two sentences, and what it can answer."""
    known = facts(architecture)
    return said(lambda: f"{story(architecture)} {text('answers', answers='; '.join(answers(known)))}")


def answers(known: Facts) -> list[str]:
    """What an architecture can answer, each in a few words."""
    keys = ["answers_distribution" if known.has_distribution else "answers_ab"]
    for flag, answer in (("predicts_rgb", "rgb"), ("classifies", "classes"), ("takes_hints", "hints")):
        if getattr(known, flag):
            keys.append(f"answers_{answer}")
    return [text(key) for key in keys]


def describe(card: Card) -> str:
    """One line on a checkpoint: its title, size and, if it was measured, how it compares with plain gray."""

    def line() -> str:
        parts = [html.escape(titled(card.title)), text("parameters", millions=card.parameters / 1e6)]
        above = gain(card.metrics)
        if above is not None:
            parts.append(text("measured", psnr=card.metrics["psnr"], gain=above))
        return " · ".join(part for part in parts if part)

    return said(line)
