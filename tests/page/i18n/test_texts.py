"""The sentences of the page: whole in every language, and able to say themselves again."""

import json
import re
import string
import threading
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_networks import SHIPPED

import colorizer.page.i18n.texts as texts
from colorizer.architectures.registry import facts
from colorizer.colour.readout import NUMBERS
from colorizer.errors import SENTENCES, CheckpointError, PhotoError, UserError
from colorizer.page.i18n.texts import (
    LANGUAGES,
    current_language,
    error_text,
    has_translatable,
    number,
    speaking,
    story,
    text,
    title_text,
    translatable,
    translated,
)

OTHERS = sorted(set(LANGUAGES) - {"en"})

SAME = {
    "Colorizer", "Checkpoint", "PowerPoint", "PPTX", "PSNR", "AuC", "ΔE", "dB", "kB", "MB", "s", "pixels",
    "Esc", "Shift", "Ctrl", "Delete", "Enter", "Home", "End", "Page", "Up", "Down", "Natural", "Original", "File",
    "Architecture", "Error", "Temple", "Sphinx", "orange", "turquoise", "violet", "Corrections", "corrections", "Image",
    "Licence", "suggestion",
}  # fmt: skip
"""Names, units, keys, and words that happen to be the same: all that a sentence may be made of that is in English."""


def sentences(language):
    """The sentences of the language's own file: {key: sentence}."""
    groups = json.loads((Path(texts.__file__).parent / f"{language}.json").read_text(encoding="utf-8"))
    flat = [pair for group in groups.values() for pair in group.items()]
    assert len(flat) == len(dict(flat)), "one key in two groups"
    return dict(flat)


def english():
    """The sentences that every language must have, in English."""
    errors = {f"error_{kind}": sentence for kind, sentence in SENTENCES.items() if kind != "photo_missing"}
    stories = {f"story_{name}": facts(name).story for name in SHIPPED}
    return {**sentences("en"), **errors, **stories}


def blanks(sentence):
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def marks(sentence):
    """Tags, and what Markdown reads: these are laid out alike in every language."""
    return sorted(re.findall(r"</?\w+[^>]*>|\*\*|`[^`]+`|\n", sentence))


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_missing_in_any_language(language):
    own, all_of_them = sentences(language), english()
    assert set(own) == set(all_of_them)
    for key, sentence in all_of_them.items():
        assert own[key].strip(), key
        assert blanks(own[key]) == blanks(sentence), key
        assert marks(own[key]) == marks(sentence), key
        assert own[key].endswith("\n") == sentence.endswith("\n")


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_was_left_in_english(language):
    own = sentences(language)
    left = [sentence for key, sentence in english().items() if own[key] == sentence]
    assert {word for sentence in left for word in re.findall(r"[^\W\d_]+", re.sub(r"\{.*?\}", "", sentence))} <= SAME


@pytest.mark.parametrize("language", OTHERS)
def test_typographic_signs_are_used(language):
    for key, sentence in sentences(language).items():
        assert not re.search(r"\w'\w", sentence), f"{key}: an apostrophe is ’"
        assert not re.search(r"  | $|^ | [.,;:?!](\s|$)", sentence), key


def test_every_sentence_is_used():
    page = Path(texts.__file__).parents[1]
    files = [*page.rglob("*.*"), *(page.parent / "site").rglob("*.*")]
    code = "\n".join(
        path.read_text(encoding="utf-8") for path in files if path.suffix in (".py", ".js", ".jinja", ".html")
    )
    words = set(re.findall(r"\w+", code))
    begun = tuple(re.findall(r"""["']([a-z]\w*_)(?:\{|["'])""", code))  # f"preset_{name}", "about_q_" ~ question
    put_together = {f"{name}_info" for name in NUMBERS}
    unsaid = [key for key in sentences("en") if key not in words | put_together and not key.startswith(begun)]
    assert not unsaid


def test_an_unknown_key_raises_an_error():
    assert "3.00 s" in text("time", total=3.0, network=1.0, checkpoint="x", width=1, height=1)
    with pytest.raises(KeyError):
        text("no such sentence")


def test_numbers_are_written_as_in_the_language():
    values = {"total": 3.25, "network": 1.5, "checkpoint": "v1.5", "width": 1000, "height": 1}
    with speaking("ru"):
        assert "за 3,25\u00a0с" in text("time", **values)
        assert "v1.5" in text("time", **values)
        assert number(-0.3, "+.2f") == "−0,30"
    assert number(-0.3, "+.2f") == "−0.30"
    assert text("compare_gain", gain=-0.5) == "−0.50 dB over gray"
    with speaking("de"):
        assert text("row_hints", count=1) == "1 Korrektur"
        assert text("row_hints", count=1200) == "1.200 Korrekturen"


def test_a_sentence_is_in_the_current_language():
    both = translatable(lambda: f"{current_language()}: {text('title')}")
    assert both == "en: Colorizer"
    for language in LANGUAGES:
        with speaking(language):
            assert current_language() == language
            assert both.again().startswith(f"{language}: ")
    with speaking("xx"):
        assert both.again() == both
    assert current_language() == "en"


def test_the_values_of_blanks_are_translated_too():
    caption = text("version_caption", colour=text("colour_red"), place=text("region_11"))
    with speaking("it"):
        assert caption.again() == "rosso\nnel cerchio, al centro"


plain = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5))
values = st.recursive(
    st.one_of(plain, st.just("Photo").map(lambda _: text("region_11"))),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
    ),
    max_leaves=8,
)


@given(values)
def test_values_at_any_depth_are_translated(value):
    with speaking("ru"):
        again = translated(value)
    assert has_translatable(again) == has_translatable(value)
    assert translated(again) == value  # and back
    assert repr(again) == repr(value).replace("'middle'", "'в центре'")
    if not has_translatable(value):
        assert again is value


def test_a_copy_of_a_sentence_copies_nothing_that_leads_to_it():
    lock = threading.Lock()  # which cannot be copied
    said = translatable(lambda: f"{text('tagline')} {lock.locked()}")
    with speaking("it"):
        assert deepcopy({"label": [said]})["label"][0].again().startswith(sentences("it")["tagline"])


def test_an_error_is_explained_in_the_current_language():
    error = PhotoError.of("photo_folder", name="album")
    assert error_text(error) == str(error) == "album is a folder; choose a photograph in it."
    with speaking("es"):
        assert error_text(error) == "album es una carpeta; elija una fotografía de ella."
        assert "se escribe #rrggbb" in error_text(UserError.of("colour_form", colour="red"))
        assert error_text(PhotoError.of("photo_missing", name="a", reason="gone")) == text("gone")
        assert error_text(CheckpointError("a sentence of its own")) == "a sentence of its own"
        assert error_text(ValueError("any other")) == "any other"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_has_a_sentence(language):
    for kind, sentence in SENTENCES.items():
        parts = [(name, form) for _, name, form, _ in string.Formatter().parse(sentence) if name]
        error = UserError.of(kind, **{name: 1.5 if form else 2 if name == "count" else "thing" for name, form in parts})
        with speaking(language):
            assert "{" not in error_text(error)


def test_descriptions_of_architectures():
    assert story("alpha") == facts("alpha").story
    with speaking("it"):
        assert story("alpha").startswith("La prima rete di Wallner")
        assert story("alpha").again() == story("alpha")


def test_a_network_without_a_translation_is_described_by_its_docstring(monkeypatch):
    described = facts("alpha")._replace(story="A new network. It has one docstring.")
    monkeypatch.setattr(texts, "facts", {"new": described}.__getitem__)
    with speaking("it"):
        assert story("new") == "A new network. It has one docstring."


def test_titles_of_checkpoints():
    title = "Wallner's alpha and the UAB project's Model 1"
    assert title_text(title) == title
    assert title_text("Mine, of my own pictures") == "Mine, of my own pictures"
    with speaking("it"):
        assert title_text(title).startswith("L’alpha di Wallner")
        assert title_text("Mine, of my own pictures") == "Mine, of my own pictures"
