"""The choice of a checkpoint, and the chip that names a network other than the usual one."""

import inspect
from pathlib import Path

import gradio as gr

from colorizer.checkpoints.card import Card
from colorizer.page.i18n.texts import speaking
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.one_photo.handlers import Handlers
from colorizer.page.widgets.inputs import CheckpointList, SomeCheckpoints, chip_update, usual

CARDS = [Card(name, Path(name)) for name in ("mobile-unet", "alpha")]


def test_it_is_there_only_for_another_network():
    assert usual(CARDS) == "mobile-unet"
    assert usual([]) is None
    for chosen, cards in (("mobile-unet", CARDS), (None, CARDS), (None, [])):
        assert chip_update(chosen, cards) == gr.update(visible=False)
    shown = chip_update("alpha", CARDS)
    assert shown == gr.update(visible=True, value="Network: alpha ×")
    with speaking("ru"):
        assert shown["value"].again() == "Сеть: alpha ×"


def test_a_name_that_was_a_choice_until_now_is_passed_on():
    choice = CheckpointList(["alpha"], value="alpha")
    assert choice.preprocess("alpha") == "alpha"
    assert choice.preprocess("mobile-unet") == "mobile-unet"
    assert choice.preprocess(None) is None
    assert SomeCheckpoints([("alpha", "alpha")]).preprocess(["alpha", "mobile-unet"]) == ["alpha", "mobile-unet"]


def test_browsers_are_told_all_that_gradios_own_components_tell_them():
    """Gradio takes what it tells from the signature."""
    known = [each for each in below(gr.components.Component) if "is_template" in vars(each)]
    ours = [each for each in known if each.__module__.startswith("colorizer")]
    assert SomeCheckpoints in ours
    for each in ours:
        assert inspect.signature(each.__init__) == inspect.signature(each.__base__.__init__), each
    assert SomeCheckpoints(["alpha"], multiselect=True, value=[]).get_config()["multiselect"]


def below(parent):
    for each in parent.__subclasses__():
        yield each
        yield from below(each)


def test_a_folder_that_was_emptied_leaves_no_chip_and_nothing_to_go_back_to(tmp_path):
    handlers = Handlers(Shelf(tmp_path))
    assert handlers.choose_usual() == {}
    assert handlers.checkpoint_chosen(None)["network_chip"] == gr.update(visible=False)
