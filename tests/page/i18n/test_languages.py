"""Every event in its visitor's language, and what is on the page said again in another."""

import asyncio
import json
import shutil
from types import SimpleNamespace

import gradio as gr
import pytest
from conftest import run_async
from gradio.state_holder import SessionState
from hypothesis import given
from hypothesis import strategies as st

from colorizer.page import build_page
from colorizer.page.i18n.language import (
    Page,
    language_choice,
    preferred,
    translatable_properties,
)
from colorizer.page.i18n.texts import LANGUAGES, speaking, text, translatable, translated
from colorizer.page.session.shelf import Shelf
from colorizer.page.widgets.translated_html import TranslatedHtml


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("it-IT,it;q=0.9,en-US;q=0.8,en;q=0.7", "it"),
        ("fr-CH, fr;q=0.9, pt-BR;q=0.8, en;q=0.7, *;q=0.5", "fr"),
        ("nl, pt-BR;q=0.8, en;q=0.7, *;q=0.5", "pt"),
        ("en;q=0.5, ru;q=0.9", "ru"),
        ("ES", "es"),
        ("de,fr;q=0.9", "de"),
        ("de-AT", "de"),
        ("ja,nl;q=0.9", "en"),
        ("it;q=0", "en"),
        ("it;q=x,es", "es"),
        ("*", "en"),
        ("", "en"),
    ],
)
def test_the_browsers_languages(accepted, language):
    assert preferred(accepted) == language


@given(st.text(alphabet="endefritusp-,;q=0.19* ", max_size=40))
def test_any_header_has_an_answer(accepted):
    assert preferred(accepted) in LANGUAGES


class Visitor:
    """Somebody's browser: asks the page's events one by one, and has what components look like by now."""

    def __init__(self, page, accepts="en", **query):
        self.page, self.state = page, SessionState(page)
        self.request = SimpleNamespace(query_params=query, headers={"accept-language": accepts})
        self.shown = {}

    def ask(self, fn, *inputs, iterator=None):
        """Answer the event with this function; returns what the server said last."""
        result = run_async(self.page.process_api(fn, list(inputs), self.state, self.request, iterator))
        for block, data in zip(fn.outputs, result["data"], strict=False):
            if isinstance(data, dict) and data.get("__type__") == "update":
                self.shown.setdefault(block, {}).update(data)
            elif not block.stateful:
                self.shown.setdefault(block, {})["value"] = data
        return result

    def open(self, remembered=None):
        return self.ask(named(self.page, "opened"), remembered)

    def choose(self, language):
        return self.ask(named(self.page, "changed"), language)


def named(page, name):
    return next(fn for fn in page.fns.values() if fn.name == name)


@pytest.fixture
def page():
    """A small page, with a bit of everything that speaks."""
    with Page() as page:
        page.parts = parts = SimpleNamespace(choice=language_choice())
        with gr.Tabs(), gr.Tab(text("tab_one")) as parts.tab:
            parts.line = gr.Markdown(text("waiting"))
            parts.radio = gr.Radio(
                [(text("preset_natural"), "natural")], label=text("many_files"), info=text("waiting")
            )
            parts.field = gr.Textbox(text("colour_red"), label=text("colour_red"))
            parts.button = gr.Button(text("download"))
            parts.silent = gr.Markdown("42")
            parts.pictures = gr.Gallery()
            parts.widget = TranslatedHtml(words={"slider": text("slider")}, html_template="<p data-say='slider'></p>")

        def spell():
            return text("colour_red")

        def count():
            return "42"

        def steps():
            for number in (1, 2):
                yield text("palette_colour", number=number)

        def fail():
            raise gr.Error(text("compare_nothing"), print_exception=False)

        def see():
            return {parts.pictures: [], parts.line: translatable(lambda: f"<{text('colour_red')}>")}

        for fn, outputs in ((spell, parts.line), (count, parts.line), (steps, parts.silent), (fail, parts.silent)):
            parts.button.click(fn, None, outputs, api_visibility="private")
        parts.button.click(see, None, [parts.pictures, parts.line], api_visibility="private")
        parts.button.click(lambda: gr.update(more=1), None, parts.widget, api_visibility="private", api_name="more")
        page.speak(parts.choice)
    return page


def test_an_english_page_is_not_translated(page):
    visitor = Visitor(page, "en-GB")
    visitor.open()
    assert visitor.shown.pop(page.parts.choice)["value"] == "en"
    said = {name for update in visitor.shown.values() for name in update}
    assert said <= {"__type__", "props", "words"}  # but what Gradio lets widgets forget


@pytest.mark.parametrize(
    ("accepts", "query", "remembered", "language"),
    [
        ("ru", {}, None, "ru"),
        ("ru", {"lang": "it"}, None, "it"),
        ("ru", {}, "es", "es"),
        ("ru", {"lang": "it"}, "es", "it"),
        ("ru", {"lang": "xx"}, "es", "es"),
        ("ru", {}, {"not": "a language"}, "ru"),
        ("de", {}, None, "de"),
        ("ja", {}, None, "en"),
    ],
)
def test_the_address_beats_what_was_chosen_beats_the_browser(page, accepts, query, remembered, language):
    visitor = Visitor(page, accepts, **query)
    visitor.open(remembered)
    assert visitor.shown[page.parts.choice]["value"] == language
    assert visitor.ask(named(page, "spell"))["data"] == [said_in(language, "colour_red")]


def said_in(language, key, **values):
    with speaking(language):
        return str(text(key, **values))


def test_everything_laid_out_is_translated(page):
    visitor, parts = Visitor(page, "it"), page.parts
    visitor.open()
    shown = visitor.shown
    assert shown[parts.tab]["label"] == "Una foto"
    assert shown[parts.line]["value"] == said_in("it", "waiting")
    assert shown[parts.button]["value"] == said_in("it", "download")
    assert shown[parts.radio]["label"] == said_in("it", "many_files")
    assert shown[parts.radio]["choices"] == [["Naturale", "natural"]]
    assert shown[parts.widget]["props"]["words"] == {"slider": said_in("it", "slider")}
    assert "value" not in shown[parts.radio]
    assert shown[parts.field]["label"] == "rosso"
    assert "value" not in shown[parts.field], "what stands in a field is the visitor's own"
    assert shown[parts.choice]["label"] == "Lingua"


def test_what_a_handler_sent_last_is_translated_and_the_rest_stays(page):
    visitor, parts = Visitor(page), page.parts
    visitor.open()
    visitor.ask(named(page, "spell"))
    visitor.choose("it")
    assert visitor.shown[parts.line]["value"] == "rosso"
    visitor.ask(named(page, "see"))
    visitor.choose("ru")
    assert visitor.shown[parts.line]["value"] == "<красный>"
    visitor.ask(named(page, "count"))
    visitor.choose("es")
    assert visitor.shown[parts.line]["value"] == "42"
    visitor.choose("en")
    assert visitor.shown[parts.tab]["label"] == "One photo"
    assert visitor.shown[parts.line]["value"] == "42"


def test_a_choice_is_remembered(page):
    visitor = Visitor(page)
    visitor.open()
    visitor.choose("pt")
    remembered = next(block for block in visitor.shown if isinstance(block, gr.BrowserState))
    assert visitor.shown[remembered]["value"] == "pt"
    assert named(page, "opened").inputs == [remembered]


def test_generators_and_errors_are_in_the_visitors_language(page):
    visitor = Visitor(page, "es")
    visitor.open()
    fn = named(page, "steps")
    first = visitor.ask(fn)
    assert first["data"] == ["Color 1"]
    visitor.choose("ru")  # while it is under way
    assert visitor.ask(fn, iterator=first["iterator"])["data"] == ["Цвет 2"]
    with pytest.raises(gr.Error, match="Сначала добавьте"):
        visitor.ask(named(page, "fail"))


def test_an_answer_arrives_in_the_language_chosen_meanwhile(page):
    visitor = Visitor(page, "it")
    visitor.open()

    async def both():
        fn, slow = named(page, "spell"), asyncio.Event()
        say = fn.fn

        async def slowly():
            answer = say()
            await slow.wait()
            return answer

        fn.fn = slowly
        answer = asyncio.create_task(page.process_api(fn, [], visitor.state, visitor.request))
        await asyncio.sleep(0)
        await page.process_api(named(page, "changed"), ["ru"], visitor.state, visitor.request)
        slow.set()
        return (await answer)["data"]

    assert run_async(both()) == ["красный"]


def test_each_visitor_has_a_language_of_their_own(page):
    italian, russian = Visitor(page, "it"), Visitor(page, "ru")
    italian.open()
    russian.open()
    assert italian.ask(named(page, "spell"))["data"] == ["rosso"]
    assert russian.ask(named(page, "spell"))["data"] == ["красный"]
    assert run_async(page.process_api(named(page, "spell"), []))["data"] == ["red"]  # a program without a session


def test_an_event_before_the_language_is_known(page):
    visitor = Visitor(page, "it")
    assert visitor.ask(named(page, "spell"))["data"] == ["rosso"]
    visitor.open("ru")
    assert visitor.shown[page.parts.line]["value"] == "красный"


def test_a_widget_keeps_its_other_properties(page):
    """Gradio would replace them all, and a widget that is shown later would be without words."""
    visitor = Visitor(page, "it")
    visitor.open()
    visitor.ask(next(fn for fn in page.fns.values() if fn.api_name == "more"))
    assert visitor.shown[page.parts.widget]["props"]["words"] == {"slider": said_in("it", "slider")}
    assert visitor.shown[page.parts.widget]["props"]["more"] == 1
    visitor.choose("es")
    assert visitor.shown[page.parts.widget]["props"]["words"] == {"slider": said_in("es", "slider")}
    assert visitor.shown[page.parts.widget]["props"]["more"] == 1


def test_the_whole_page_is_translated(weights, tmp_path):
    for path in weights.glob("*.safetensors"):
        shutil.copy(path, tmp_path)
    (tmp_path / "broken.safetensors").write_bytes(b"x")
    page = build_page(Shelf(tmp_path))
    visitor = Visitor(page, "ru")
    visitor.open()
    for block in page.blocks.values():
        for name, value in translatable_properties(block).items():
            with speaking("ru"):
                update, wanted = visitor.shown[block], translated(value)
                heard = update.get("props", {}).get(name, update.get(name))
                if isinstance(block, gr.Gallery) and name == "value":
                    heard, wanted = [each["caption"] for each in heard], [caption for _, caption in wanted]
                assert json.dumps(heard) == json.dumps(wanted)
    assert any(
        "broken.safetensors не читается как файл" in str(update.get("value")) for update in visitor.shown.values()
    )


def test_every_sentence_of_the_page_can_be_translated(weights, monkeypatch):
    """Text in English although another language is spoken was put together too early."""
    from colorizer.page.i18n import texts

    page = build_page(Shelf(weights))
    monkeypatch.setattr(texts, "_sentences", lambda language: _Marked())
    marked = build_page(Shelf(weights))
    for block, other in zip(page.blocks.values(), marked.blocks.values(), strict=True):
        said = translatable_properties(other)
        for arguments in getattr(other, "_constructor_args", []):
            for name, value in arguments.items():
                if isinstance(value, str) and "§" in value and name not in ("html_template", "js_on_load"):
                    assert name in said, f"{block} {name} is not `Translatable`: {value}"
    assert translated("§") == "§"


class _Marked(dict):
    """Every sentence is its key, marked."""

    def __missing__(self, key):
        return f"§{key}§"

    def get(self, key, default=None):
        return self[key]
