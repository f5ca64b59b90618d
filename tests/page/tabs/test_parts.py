"""The components of a tab by name."""

import gradio as gr
import pytest

from colorizer.page.tabs.tab import Named


def test_a_handler_gets_values_and_gives_updates_by_name():
    with gr.Blocks() as page:
        parts = Named(
            {"button": gr.Button(), "warmth": gr.Slider()}, {"line": gr.Markdown()}, asks={"path": gr.State()}
        )

        def said(event, warmth, request):
            return {"line": f"{event['n']}: {warmth} degrees for {request.path}"}

        def counted(warmth):
            yield from ({"line": number} for number in range(warmth))

        parts.on(parts["button"].click, said, ["line"])
        parts.on(parts["button"].click, counted, ["line"])
    once, stepwise = page.fns.values()
    assert (once.inputs, once.outputs) == ([parts["warmth"], parts.asks["path"]], [parts["line"]])
    event = gr.EventData(None, {"n": 5})
    assert once.fn(event, warmth=3, path="a.png") == {parts["line"]: "5: 3 degrees for a.png"}
    assert list(stepwise.fn(warmth=2)) == [{parts["line"]: 0}, {parts["line"]: 1}]
    assert list(stepwise.fn(warmth=0)) == [{}], "Gradio clears all outputs of a handler that yields nothing"


def test_steps_that_fail_are_told_and_the_event_does_not_fail(monkeypatch):
    said = []
    monkeypatch.setattr("colorizer.page.i18n.texts.show_error", said.append)

    def failing():
        yield {"line": 1}
        raise gr.Error("no more")

    with gr.Blocks() as page:
        parts = Named({"button": gr.Button(), "line": gr.Markdown()})
        parts.on(parts["button"].click, failing, ["line"])
    (event,) = page.fns.values()
    assert list(event.fn()) == [{parts["line"]: 1}, {}]
    assert said == ["no more"]


def test_two_components_of_one_name_are_refused():
    with gr.Blocks(), pytest.raises(ValueError, match="two components are called line"):
        Named({"line": gr.Markdown()}, line=gr.Markdown())
