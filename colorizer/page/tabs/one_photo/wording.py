"""The tab's sentences about a coloured photo."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from colorizer.architectures.registry import Facts
from colorizer.checkpoints.card import Card
from colorizer.colour import metrics
from colorizer.colour.metrics import NEARLY_GRAY, finite, gain
from colorizer.colour.readout import PRESETS, SLIDERS, Readout, preset_readout
from colorizer.page.i18n.texts import (
    Translatable,
    error_text,
    number,
    story,
    text,
    title_text,
    translatable,
    translated,
)
from colorizer.page.session.answer import Answer

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


def measures_table(answer: Answer, what: str) -> str:
    """A Markdown table of `metrics.FIGURES` for a photo that is `comparable`: of the picture on the page, of the same
    with the checkpoint's own readout, unless that is shown, of plain gray and of the original. what: a few words about
    the picture on the page."""
    original, beside = answer.opened.preview, answer.opened.reference
    values = metrics.compare(answer.picture, original, beside)
    rows = [(what, _row(values))]
    if answer.result.readout != answer.plain.readout:
        safest = answer.plain.at_size(original).image
        rows.append((text("row_safest"), _row(metrics.compare(safest, original, beside))))
    rows.append((text("row_gray"), _row(values, "gray_")))
    perfect = [values[f"true_{row.key}"] if row.relative else row.perfect for row in metrics.FIGURES]
    rows.append((text("row_original"), perfect))
    return translatable(lambda: _table(translated(rows)))


def directions() -> str:
    """A sentence about each measure: which direction is better."""
    return " ".join(text(f"measure_{row.key}_info") for row in metrics.FIGURES)


def _row(values: Mapping[str, float], whose: str = "") -> list[float]:
    return [values[whose + row.key] for row in metrics.FIGURES]


def _table(rows: Sequence[tuple[str, Sequence[float]]]) -> str:
    """rows: a name, and the values of `metrics.FIGURES`; an infinite one is a dash."""
    heads = [text("row_what"), *(text(f"measure_{row.key}") for row in metrics.FIGURES)]
    lines = [f"### {text('figures')}", "", _line(heads), "|:--|" + "--:|" * len(metrics.FIGURES)]
    for name, values in rows:
        forms = ((value, row.format) for value, row in zip(values, metrics.FIGURES, strict=True))
        lines.append(_line([name, *("–" if math.isinf(value) else number(value, form) for value, form in forms)]))
    return "\n".join([*lines, "", f"{directions()} {text('figures_note')}"])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


_MARKDOWN = re.compile(r"[\\`*_{}\[\]()<>#+!|~&-]")
"""Letters that mean something in Markdown; a file's name may have them."""


def time_line(answer: Answer) -> str:
    """How long it took, and what there is to say of the file, as Markdown."""
    seconds = answer.plain.seconds
    values = {"total": seconds.total, "network": seconds.network, "checkpoint": answer.card.name}
    width, height = answer.opened.photo.size
    notes = answer.opened.notes

    def lines() -> str:
        said = [_MARKDOWN.sub(r"\\\g<0>", error_text(note)) for note in notes]
        return "  \n".join([text("time", width=width, height=height, **values), *said])

    return translatable(lines)


def looks_chosen(answer: Answer) -> list[str]:
    """The preset, and whose colours are preferred, in words; empty for a network without a distribution."""
    asked = answer.asked
    words = [text(f"preset_{asked.preset}")] if answer.card.facts.has_distribution else []
    if answer.result.readout.prefers_colours and asked.like != "nothing":
        words.append(text(f"row_like_{asked.like}"))
    return words


def corrections(answer: Answer) -> list[str]:
    """How many corrections there are, in words; empty if there are none."""
    return [text("row_hints", count=len(answer.plain.hints))] if answer.plain.hints else []


def small(name: str) -> str:
    """A look's name within a sentence. German nouns in it stay large."""
    return name[:1].lower() + name[1:]


def row_name(answer: Answer) -> str:
    """The name of a row of the table: the preset, and everything else that the visitor chose."""
    notes = [*looks_chosen(answer), *corrections(answer)]
    if answer.card.facts.has_distribution:  # the preset, which is no noun
        notes[0] = translatable(lambda: small(text(f"preset_{answer.asked.preset}")))
    if not notes:
        return text("in_colour")
    return translatable(lambda: f"{text('in_colour')} ({', '.join(map(translated, notes))})")
