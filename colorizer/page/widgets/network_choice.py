"""The choice of a checkpoint, and the chip that names one other than the usual; a click goes back to the usual one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from colorizer.checkpoints.card import Card

from ..i18n.texts import text


class CheckpointDropdown(gr.Dropdown):
    """A dropdown whose value may be none of its choices any more.

    The choices change with the architecture. A gr.Dropdown refuses the value of an event that was on its way meanwhile,
    in English; then the event that waits for that one never runs, and the page keeps the colours of the old network.
    """

    is_template = True  # the browser shows it as a gr.Dropdown

    def preprocess(self, payload: Any) -> Any:
        """The checkpoint's name, or None; a list of names if several may be chosen. `Shelf.card` says which there
        are."""
        if self.multiselect:
            return [str(name) for name in payload or ()]
        return None if payload is None else str(payload)


def network_chip() -> gr.Button:
    """Lay out the chip, hidden: the page begins with the usual network."""
    return gr.Button("", visible=False, size="sm", scale=0, min_width=40, elem_id="network-chip")


def usual(cards: Sequence[Card]) -> str | None:
    """The name of the checkpoint that the page begins with. cards: as `Shelf.cards` has them."""
    return cards[0].name if cards else None


def chip_update(chosen: str | None, cards: Sequence[Card]) -> Any:
    """An update: named after the chosen checkpoint, and hidden for the usual one and for none."""
    if not chosen or chosen == usual(cards):
        return gr.update(visible=False)
    return gr.update(visible=True, value=text("network_chip", name=chosen))
