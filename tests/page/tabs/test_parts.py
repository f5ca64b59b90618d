"""The components of a tab by name."""

from collections.abc import Mapping
from dataclasses import dataclass

import gradio as gr
import pytest

from colorizer.page.tabs.parts import by_component, components


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


def test_components_have_the_names_of_fields_and_keys(parts):
    named = components(parts)
    assert named == {"button": parts.button, "line": parts.inner.line, "warmth": parts.inner.sliders["warmth"]}
    assert by_component(named, {"warmth": 3}) == {parts.inner.sliders["warmth"]: 3}
    with pytest.raises(KeyError):
        by_component(named, {"wramth": 3})


def test_two_components_of_one_name_are_refused(parts):
    with pytest.raises(ValueError, match="two components are called line, warmth"):
        components(parts.inner, parts)
