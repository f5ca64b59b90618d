"""Permalinks: settings to the query of an address, and back."""

from dataclasses import replace

import gradio as gr
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from colorizer import build
from colorizer.checkpoints.file import save_checkpoint
from colorizer.colour.readout import DEFAULT_PRESET, PRESETS, SLIDERS, Readout
from colorizer.page.i18n.texts import speaking
from colorizer.page.serving.served_files import cached_copy
from colorizer.page.session.request import OWN, PhotoRequest
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.one_photo.handlers import Handlers
from colorizer.page.tabs.one_photo.layout import lay_out
from colorizer.page.tabs.one_photo.links import QUERY_KEYS, Link, followed, link, linked, read_link, write_link

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
        "flagship": build("mobile-unet", width=0.5),
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


@given(st.dictionaries(st.sampled_from((*QUERY_KEYS, "lang", "x")), st.text(max_size=8), max_size=5))
def test_no_address_breaks_the_page(shelf, examples, parts, query):
    wanted, problems = read_link(query, shelf, examples, TABS)
    assert followed(shelf, examples, wanted).keys() <= {*linked(Handlers(shelf))}
    assert len(parts.components(linked(Handlers(shelf)))) == len({*linked(Handlers(shelf))})
    assert len(problems) <= len(query)


@given(
    checkpoint=st.sampled_from(["flagship", "plain", "painter"]),
    preset=st.sampled_from([*PRESETS, OWN]),
    view=st.sampled_from(["picture", "compare", "versions"]),
    example=st.sampled_from([None, 0, 1]),
)
def test_a_link_brings_back_what_was_there(shelf, examples, checkpoint, preset, view, example):
    if checkpoint != "flagship":
        view = "compare"
    path = cached_copy(examples[example]) if example is not None else None
    query = write_link(PhotoRequest(path, checkpoint, preset, view=view), shelf, examples)
    wanted, problems = read_link(query, shelf, examples, TABS)
    assert problems == []
    updates = followed(shelf, examples, wanted)
    assert updates.get("source") == path
    assert (updates["checkpoint"]["value"], updates["stage"]["value"]) == (checkpoint, view)
    if checkpoint == "flagship":
        assert updates["preset"]["value"] == (DEFAULT_PRESET if preset == OWN else preset)


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


def test_a_link_says_what_it_does_not_contain(shelf, examples, tmp_path):
    (tmp_path / "coffee.jpg").write_bytes(b"another picture of this name")
    update = link(shelf, examples, PhotoRequest(str(tmp_path / "coffee.jpg"), "flagship", "vivid"), 3)["link"]
    assert update == {"n": 3, "query": {"checkpoint": "flagship", "preset": "vivid"}, "notes": ["link_upload"]}
    point = {"x": 0.5, "y": 0.5, "color": "#c03020"}
    asked = PhotoRequest(cached_copy(examples[0]), "flagship", points=[point])
    assert link(shelf, examples, asked, 1)["link"]["notes"] == ["link_clicked"]
    for asked in (PhotoRequest(None, "flagship", OWN), PhotoRequest(None, "painter", raw=True)):
        assert link(shelf, examples, asked, 1)["link"]["notes"] == ["link_fine"]
    assert link(shelf, examples, PhotoRequest(None, None), 1)["link"] == {"n": 1, "query": {}, "notes": []}


def test_nothing_changes_without_a_link(shelf, examples):
    assert followed(shelf, examples, Link()) == {}
    assert "source" not in followed(shelf, examples, Link(preset="vivid"))
    assert set(followed(shelf, examples, Link(example=examples[0]))) == {"source", "photo", "gallery"}
