"""A new tab needs a class, its sentence, and one line in the list of tabs."""

import gradio as gr

from colorizer.page import app
from colorizer.page.i18n import texts
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.one_photo.handlers import Link, read_link
from colorizer.page.tabs.tab import Context, Tab


class CountTab(Tab):
    id = "count"

    def build(self, context: Context) -> None:
        count = gr.Markdown(elem_id="count")
        context.tab.select(lambda: str(len(context.shelf.cards())), None, count)


def test_a_new_tab_is_on_the_page(weights, tmp_path, monkeypatch):
    sentences = texts._sentences
    monkeypatch.setattr(texts, "_sentences", lambda language: {**sentences(language), "tab_count": "Count"})
    tabs = app.page_tabs()
    monkeypatch.setattr(app, "page_tabs", lambda: [*tabs, CountTab()])
    shelf = Shelf(weights)
    page = app.build_page(shelf, tmp_path)
    config = page.get_config_file()
    props = {component["id"]: component["props"] for component in config["components"]}

    shown = {props[part]["id"]: part for part in props if "id" in props[part]}
    assert [*shown] == [tab.id for tab in tabs] + ["count"]
    assert props[shown["count"]]["label"] == "Count"
    (count,) = [part for part in props if props[part].get("elem_id") == "count"]
    (select,) = [event for event in config["dependencies"] if event["outputs"] == [count]]
    assert select["targets"] == [(shown["count"], "select")]
    assert page.fns[select["id"]].fn() == "2"
    assert read_link({"tab": "count"}, shelf, [], shown) == (Link(tab="count"), [])
