"""Permalinks: settings to the query of an address, and back."""

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
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.shelf import Shelf
from colorizer.page.session.tones import OWN
from colorizer.page.tabs.one_photo.layout import lay_out
from colorizer.page.tabs.one_photo.links import QUERY_KEYS, Link, read_link, write_link
from colorizer.page.tabs.one_photo.permalinks import followed, link
from colorizer.page.tabs.parts import components

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
        "raw": "2",
    }
    wanted, problems = read_link(query, shelf, examples, TABS)
    assert wanted == Link(preset="vivid")
    assert len(problems) == 6
    assert problems[0] == ("“example=tea” in the link means nothing here and was left out; possible: coffee, temple.")
    with speaking("ru"):
        assert "ничего не значит" in read_link(query, shelf, examples, TABS)[1][0]
    assert read_link({"view": "api"}, shelf, examples, TABS) == (Link(), [])  # Gradio's own


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"preset": "own", "temperature": "0.3"}, Link(preset="own", numbers={"temperature": 0.3})),
        ({"saturation": "1.5"}, Link(preset="own", numbers={"saturation": 1.5})),
        ({"preset": "vivid", "saturation": "1.5"}, Link(preset="vivid")),
        ({"checkpoint": "plain", "saturation": "0"}, Link(checkpoint="plain", numbers={"saturation": 0.0})),
        ({"checkpoint": "painter", "raw": "1"}, Link(checkpoint="painter", raw=True)),
        ({"checkpoint": "plain", "raw": "1"}, Link(checkpoint="plain")),
    ],
)
def test_numbers_count_only_with_a_preset_of_ones_own(shelf, examples, query, wanted):
    assert read_link(query, shelf, examples, TABS) == (wanted, [])


@pytest.mark.parametrize("value", ["9", "-1", "nan", "inf", "", "warm", "1e999"])
def test_a_number_out_of_range_gives_a_warning(shelf, examples, value):
    wanted, (problem,) = read_link({"temperature": value}, shelf, examples, TABS)
    assert wanted == Link()
    assert problem.endswith("it must be a number from 0.1 to 1.2.")


@given(st.dictionaries(st.sampled_from((*QUERY_KEYS, "lang", "x")), st.text(max_size=8), max_size=5))
def test_no_address_breaks_the_page(shelf, examples, parts, query):
    wanted, problems = read_link(query, shelf, examples, TABS)
    named = components(parts)
    assert {named[name] for name in followed(shelf, examples, wanted)} <= set(parts.link_outputs())
    assert len(problems) <= len(query)


numbers = st.fixed_dictionaries(
    {
        name: st.floats(control.lowest, control.highest).map(lambda value: float(f"{value:.6g}"))
        for name, control in SLIDERS.items()
    }
)


@given(
    checkpoint=st.sampled_from(["flagship", "plain", "painter"]),
    preset=st.sampled_from([*PRESETS, OWN]),
    sliders=numbers,
    raw=st.booleans(),
    view=st.sampled_from(["picture", "compare", "versions"]),
    example=st.sampled_from([None, 0, 1]),
)
def test_a_link_brings_back_what_was_there(shelf, examples, checkpoint, preset, sliders, raw, view, example):
    if checkpoint != "flagship":
        view = "compare"
    path = cached_copy(examples[example]) if example is not None else None
    asked = PhotoRequest(path, checkpoint, preset, Readout(**sliders), raw=raw, view=view)
    query = write_link(asked, shelf, examples)
    wanted, problems = read_link(query, shelf, examples, TABS)
    assert problems == []
    updates = followed(shelf, examples, wanted)
    card = shelf.card(checkpoint)
    again = PhotoRequest(
        updates.get("source"),
        updates["checkpoint"]["value"],
        updates["preset"]["value"],
        Readout(**{name: updates[name].get("value", sliders[name]) for name in SLIDERS}),
        raw=updates["raw"]["value"],
        view=updates["stage"]["value"],
    )
    assert again.path == path
    assert (again.checkpoint, again.view) == (checkpoint, view)
    assert again.raw == (raw and checkpoint == "painter")
    if checkpoint == "flagship":
        assert again.preset == preset
    assert again.numbers(card) == asked.numbers(card)


def test_a_link_says_that_it_does_not_contain_the_upload(shelf, examples, tmp_path):
    (tmp_path / "coffee.jpg").write_bytes(b"another picture of this name")
    update = link(shelf, examples, PhotoRequest(str(tmp_path / "coffee.jpg"), "flagship", "vivid"), 3)["link"]
    assert update == {"n": 3, "query": {"checkpoint": "flagship", "preset": "vivid"}, "notes": ["link_upload"]}
    point = {"x": 0.5, "y": 0.5, "color": "#c03020"}
    asked = PhotoRequest(cached_copy(examples[0]), "flagship", points=[point])
    assert link(shelf, examples, asked, 1)["link"]["notes"] == ["link_clicked"]
    assert link(shelf, examples, PhotoRequest(None, None), 1)["link"] == {"n": 1, "query": {}, "notes": []}


def test_nothing_changes_without_a_link(shelf, examples):
    assert followed(shelf, examples, Link()) == {}
    assert "source" not in followed(shelf, examples, Link(preset="vivid"))
    assert set(followed(shelf, examples, Link(example=examples[0]))) == {"source", "photo", "gallery"}
