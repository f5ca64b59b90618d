"""The tab's sentences about a coloured photo."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from colorizer.page.i18n.texts import error_text, text, translatable, translated
from colorizer.page.session.answer import Answer

LEAST_LIKELY = 0.2
"""A class that is less likely is not said: of a hundred, the best guess is often a wrong one."""
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


def classes_line(classes: Sequence[tuple[str, float]] | None) -> str:
    """The likeliest names for what the picture shows, three at most; "" if there are none that are likely.

    classes: names and probabilities, the likeliest first; None of an architecture that does not classify."""
    best = [(name, p) for name, p in (classes or ())[:3] if p >= LEAST_LIKELY]
    named = ", ".join(f"{html.escape(name.replace('_', ' '))} {100 * p:.0f}\u00a0%" for name, p in best)
    return text("classes", classes=named) if best else ""
