"""Every option of files is a field of `Form`; the command line, the page and the endpoint offer what it says."""

import argparse
from inspect import signature

import gradio as gr
import pytest

from colorizer.cli.parser import command_line
from colorizer.colour.readout import CONTROLS
from colorizer.errors import UserError
from colorizer.figures.mark import MARKS
from colorizer.page.api.endpoints import Endpoints
from colorizer.page.i18n.texts import LANGUAGES, knows, speaking
from colorizer.page.widgets.files import file_form
from colorizer.photo.form import OPTIONS, Form, noted
from colorizer.photo.save import WRITTEN

OFFERED = {name: option for name, option in OPTIONS.items() if option.control}


@pytest.fixture
def controls():
    with gr.Blocks():
        return file_form("many-")


def flags():
    """The flags of `colorize`, and the values that they give by themselves."""
    (commands,) = (each for each in command_line()._actions if isinstance(each, argparse._SubParsersAction))
    known = {each.dest: each for each in commands.choices["colorize"]._actions}
    return known, vars(command_line().parse_args(["colorize", "a.jpg", "-o", "b.png"]))


def test_every_option_is_a_flag():
    known, given = flags()
    others = {
        "help", "inputs", "out", "overwrite", "resume", "workers", "engine", "checkpoint", "weights", "device",
        "preset", "hints", "height", "crf",
    }  # fmt: skip
    assert known.keys() - others - CONTROLS.keys() == OPTIONS.keys()
    assert Form(**{name: given[name] for name in OPTIONS}) == Form()
    for name, option in OPTIONS.items():
        assert (known[name].option_strings, known[name].help) == ([f"--{name}"], option.help)
        if known[name].choices:
            assert {*known[name].choices, option.default} == {*option.choices}


def test_every_option_that_the_page_offers_has_a_control_and_sentences(controls):
    assert [*controls] == [*OFFERED] == ["format", "bits", "invert", "levels", "strip", "mark", "partial"]
    assert [each.elem_id for each in controls.values()] == [f"many-{each.control}" for each in OFFERED.values()]
    keys = {f"file_{option.control}" for option in OFFERED.values()} | {f"row_{name}" for name in noted_options()}
    for language in LANGUAGES:
        with speaking(language):
            assert [key for key in keys if not knows(key)] == []


def test_a_control_gives_and_takes_the_values_of_its_option(controls):
    for name, option in OFFERED.items():
        control = controls[name]
        shown = [control.postprocess(choice) for choice in option.choices]
        assert [control.preprocess(each) for each in shown] == [*option.choices], name
        assert control.value == control.postprocess(option.default), name
    assert (controls["strip"].value, controls["bits"].value) == (True, False)  # what it says stays; 8 bits


def test_every_option_that_programs_may_set_is_a_parameter():
    parameters = signature(Endpoints.colorize).parameters
    others = {"self", "photo", "checkpoint", "preset", "hints"}
    assert parameters.keys() - others - CONTROLS.keys() == {name for name, each in OPTIONS.items() if each.says}
    given = {name: parameters[name].default for name, each in OPTIONS.items() if each.says}
    assert Form(**{name: value for name, value in given.items() if value is not None}) == Form()


def test_choices_are_those_of_what_does_it():
    assert OPTIONS["mark"].choices == ("", *MARKS)
    assert {f".{suffix}" for suffix in OPTIONS["format"].choices} <= {*WRITTEN}


def test_what_makes_no_difference_to_the_colours_is_left_out():
    form = Form("tif", bits=16, invert=True, levels=True, strip=True, mark="corner", partial=True, page=2)
    assert form.until("decoding") == Form(invert=True, partial=True, page=2)
    assert form.until("colouring") == Form(invert=True, partial=True, page=2, levels=True)
    assert Form("tif", strip=True, levels=True).read_as(Form(invert=True)) == Form("tif", strip=True, invert=True)
    assert form.decoding() == {"invert": True, "partial": True, "page": 2, "deep": True}


def test_manifests_say_what_is_unusual():
    assert Form("tif", triptych=True).settings() == {}
    assert Form(bits=16, strip=True).settings() == {"bits": 16, "strip": True}
    assert Form(invert=True, levels=True, strip=True).provenance() == {"negative": "inverted", "levels": "corrected"}
    assert noted(Form(levels=True).settings()) == ["levels"]


@pytest.mark.parametrize(
    ("form", "suffix"),
    [
        (Form("jpg", bits=16), ""), (Form(bits=16), "jpeg"), (Form(bits=16, mark="strip"), ""),
        (Form(bits=16, levels=True), ""), (Form(bits=16, triptych=True), ""),
        (Form(space="adobe-rgb", levels=True), ""),
    ],
)  # fmt: skip
def test_options_that_do_not_go_together(form, suffix):
    with pytest.raises(UserError):
        form.check(suffix)
    Form("jpg", bits=16, space="adobe-rgb").check("png")


def test_16_bits_do_not_count_where_the_page_does_not_offer_them():
    values = {"format": "jpg", "bits": 16, "mark": "corner", "path": "a.tif"}
    assert Form.of(values) == Form("jpg", mark="corner")
    assert values == {"path": "a.tif"}


def noted_options():
    return [name for name, option in OPTIONS.items() if option.provenance]
