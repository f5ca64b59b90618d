"""The components of a tab by name."""

from collections.abc import Mapping
from dataclasses import dataclass

import gradio as gr
import pytest

from colorizer.page.tabs.tab import Named, components


@dataclass(frozen=True)
class Inner:
    line: gr.Markdown
    sliders: Mapping[str, gr.Slider]


@dataclass(frozen=True)
class Outer:
    button: gr.Button
    inner: Inner


@pytest.fixture
def parts():
    with gr.Blocks():
        return Outer(gr.Button(), Inner(gr.Markdown(), {"warmth": gr.Slider()}))


def test_a_handler_gets_values_and_gives_updates_by_name():
    with gr.Blocks() as page:
        parts = Outer(gr.Button(), Inner(gr.Markdown(), {"warmth": gr.Slider()}))
        Named(parts).on(parts.button.click, lambda warmth: {"line": f"{warmth} degrees"}, ["line"])
    (event,) = page.fns.values()
    assert (event.inputs, event.outputs) == ([parts.inner.sliders["warmth"]], [parts.inner.line])
    assert event.fn(warmth=3) == {parts.inner.line: "3 degrees"}


def test_two_components_of_one_name_are_refused(parts):
    with pytest.raises(ValueError, match="two components are called line, warmth"):
        components(parts.inner, parts)
