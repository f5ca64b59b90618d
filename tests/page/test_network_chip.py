"""The chip that names a network other than the usual one."""

from pathlib import Path

import gradio as gr

from colorizer.checkpoints.card import Card
from colorizer.page.i18n.texts import speaking
from colorizer.page.widgets.network_chip import chip_update, network_chip, usual

CARDS = [Card(name, Path(name)) for name in ("mobile-unet", "alpha")]


def test_it_is_there_only_for_another_network():
    assert usual(CARDS) == "mobile-unet"
    assert usual([]) is None
    with gr.Blocks():
        assert not network_chip().visible
    for chosen, cards in (("mobile-unet", CARDS), (None, CARDS), (None, [])):
        assert chip_update(chosen, cards) == gr.update(visible=False)
    shown = chip_update("alpha", CARDS)
    assert shown == gr.update(visible=True, value="Network: alpha ×")
    with speaking("ru"):
        assert shown["value"].again() == "Сеть: alpha ×"
