"""Permalinks: the query of an address as settings of the page."""

from dataclasses import replace

import gradio as gr
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from colorizer import build
from colorizer.checkpoints.file import save_checkpoint
from colorizer.colour.readout import PRESETS, SLIDERS, Readout
from colorizer.page.i18n.texts import speaking
from colorizer.page.serving.served_files import cached_copy
from colorizer.page.session.request import OWN, PhotoRequest
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.one_photo.handlers import Handlers, Link, read_link
from colorizer.page.tabs.one_photo.layout import lay_out

TABS = ["one", "compare"]


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    from conftest import colour_photo

    folder = tmp_path_factory.mktemp("examples")
    for i, name in enumerate(("coffee", "temple")):
        colour_photo(40, 30, seed=i).save(folder / f"{name}.jpg")
    return sorted(folder.glob("*.jpg"))


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """Checkpoints with and without a distribution, and one that paints."""
    folder = tmp_path_factory.mktemp("weights")
    networks = {
        "flagship": build("mobile-unet", width=0.25),
        "plain": build("alpha"),
        "painter": build("conv-fc", width=0.25),
    }
    for name, network in networks.items():
        torch.manual_seed(0)
        save_checkpoint(folder / f"{name}.safetensors", network, working_size=64)
    return Shelf(folder)


@pytest.fixture(scope="module")
def parts(shelf, examples):
    """The components of the first tab."""
    with gr.Blocks():
        return lay_out(shelf, examples)


def test_a_link_is_read(shelf, examples):
    query = {"example": "coffee", "checkpoint": "flagship", "preset": "vivid", "view": "versions", "tab": "compare"}
    wanted, problems = read_link({**query, "lang": "it", "__theme": "dark"}, shelf, examples, TABS)
    assert wanted == Link(**{**query, "example": examples[0]})
    assert problems == []
    assert read_link({"__theme": "dark", "anything": "else"}, shelf, examples, TABS) == (Link(), [])


def test_an_unknown_name_gives_a_warning_and_the_rest_is_followed(shelf, examples):
    query = {
        "example": "tea",
        "checkpoint": "nothing",
        "preset": "vivid",
        "view": "x",
        "tab": "y",
        "lang": "xx",
    }
    wanted, problems = read_link(query, shelf, examples, TABS)
    assert wanted == Link(preset="vivid")
    assert len(problems) == 5
    assert problems[0] == "The page does not know “example=tea” in the link and left it out; it knows coffee, temple."
    with speaking("ru"):
        assert "не знает" in read_link(query, shelf, examples, TABS)[1][0]
    assert read_link({"view": "api"}, shelf, examples, TABS) == (Link(), [])  # Gradio's own


@pytest.mark.parametrize("preset", ["own", "vivid"])
def test_what_older_links_say_of_sliders_is_ignored(shelf, examples, preset):
    query = {"checkpoint": "painter", "preset": preset, "saturation": "1.5", "temperature": "warm", "raw": "1"}
    wanted = Link(checkpoint="painter", preset=None if preset == "own" else preset)
    assert read_link(query, shelf, examples, TABS) == (wanted, [])


@given(
    st.dictionaries(
        st.sampled_from(("example", "checkpoint", "preset", "view", "tab", "lang", "x")),
        st.text(max_size=8),
        max_size=5,
    )
)
def test_no_address_breaks_the_page(shelf, examples, parts, query):
    wanted, problems = read_link(query, shelf, examples, TABS)
    assert Handlers(shelf).followed(examples, wanted).keys() <= {*Handlers(shelf).linked()}
    assert len(parts.components(Handlers(shelf).linked())) == len({*Handlers(shelf).linked()})
    assert len(problems) <= len(query)


@pytest.mark.parametrize("checkpoint", ["flagship", "plain"])
def test_a_link_is_followed(shelf, examples, checkpoint):
    view = "versions" if checkpoint == "flagship" else "compare"
    updates = Handlers(shelf).followed(examples, Link(examples[1], checkpoint, "vivid", view))
    assert updates["source"] == updates["photo"] == cached_copy(examples[1])
    assert (updates["checkpoint"]["value"], updates["stage"]["value"]) == (checkpoint, view)
    assert updates["preset"]["value"] == "vivid"


@pytest.mark.parametrize("checkpoint", ["flagship", "plain", "painter"])
@pytest.mark.parametrize("preset", [*PRESETS, OWN])
def test_a_photo_of_the_roll_comes_back_with_its_sliders(shelf, checkpoint, preset):
    sliders = {"temperature": 0.3, "vividness": 0.4, "saturation": 1.5, "finish": 0.5}
    asked = PhotoRequest("a.jpg", checkpoint, preset, Readout(**sliders), raw=True, view="compare")
    updates = Handlers(shelf).opened(asked)
    again = PhotoRequest(
        "a.jpg",
        updates["checkpoint"]["value"],
        updates["preset"]["value"],
        Readout(**{name: updates[name]["value"] for name in SLIDERS}),
        raw=updates["raw"]["value"],
        view=updates["stage"]["value"],
    )
    assert again.numbers(shelf.card(checkpoint)) == asked.numbers(shelf.card(checkpoint))
    assert replace(again, sliders=asked.sliders) == asked


def test_nothing_changes_without_a_link(shelf, examples):
    assert Handlers(shelf).followed(examples, Link()) == {}
    assert "source" not in Handlers(shelf).followed(examples, Link(preset="vivid"))
    assert set(Handlers(shelf).followed(examples, Link(example=examples[0]))) == {"source", "photo", "gallery"}
