"""How languages write numbers and plurals."""

import json
import re
import string
from pathlib import Path

import pytest

import colorizer
from colorizer.page.i18n.texts import LANGUAGES, PLURALS, ROWS, counted, written

PACKAGE = Path(colorizer.__file__).parent
WORDS = PACKAGE / "page" / "i18n"
COUNTS = (0, 1, 2, 4, 5, 11, 12, 14, 21, 22, 25, 101, 111, 112, 121, 1001)


def sentences(language):
    groups = json.loads((WORDS / f"{language}.json").read_text(encoding="utf-8"))
    return {key: sentence for group in groups.values() for key, sentence in group.items()}


def plurals(sentence):
    """The forms of each plural in a sentence, by the name of its blank."""
    fields = [(name, form) for _, name, form, _ in string.Formatter().parse(sentence) if form and "|" in form]
    return {name: [form.split(" ", 1)[0] for form in forms.split("|")] for name, forms in fields}


def forms_of(language):
    rule = PLURALS[ROWS[language]["plural"]]
    return {rule(count) for count in range(200)}


@pytest.mark.parametrize(
    ("language", "whole", "small", "fraction"),
    [
        ("en", "1,234,567", "1,234", "−0.30"),
        ("de", "1.234.567", "1.234", "−0,30"),
        ("es", "1.234.567", "1234", "−0,30"),
        ("fr", "1\u202f234\u202f567", "1\u202f234", "−0,30"),
        ("it", "1.234.567", "1234", "−0,30"),
        ("pt", "1\u00a0234\u00a0567", "1234", "−0,30"),
        ("ru", "1\u00a0234\u00a0567", "1\u00a0234", "−0,30"),
    ],
)
def test_numbers_are_written_as_in_cldr(language, whole, small, fraction):
    assert written(1_234_567, ",", language) == whole
    assert written(1234, ",.0f", language) == small
    assert written(-0.3, ".2f", language) == fraction
    assert written(1234.5, ".1f", language).startswith("1234")


def test_plurals_follow_the_rules_of_cldr():
    assert [PLURALS["one"](count) for count in COUNTS[:4]] == ["other", "one", "other", "other"]
    assert [PLURALS["zero and one"](count) for count in COUNTS[:4]] == ["one", "one", "other", "other"]
    russian = [*"moffmmmmofmommoo"]
    assert [PLURALS["one, few, many"](count)[0] for count in COUNTS] == russian
    assert {PLURALS["none"](count) for count in COUNTS} == {"other"}
    assert counted(0, "one # photo|other # photos", "fr") == "0 photo"
    assert counted(2100, "one # photo|other # photos", "fr") == "2\u202f100 photos"
    assert counted(22, "one # поправка|few # поправки|many # поправок", "ru") == "22 поправки"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plural_has_every_form_of_its_language(language):
    found = 0
    for key, sentence in sentences(language).items():
        for forms in plurals(sentence).values():
            assert set(forms) == forms_of(language), key
            found += 1
    assert found >= 2


def test_sentences_that_the_browser_fills_have_no_plural():
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in (PACKAGE / "page", PACKAGE / "site")
        for path in folder.rglob("*.js")
    )
    named = set(re.findall(r"\w+", code))
    for language in LANGUAGES:
        for key, sentence in sentences(language).items():
            assert not (plurals(sentence) and (key in named or key.startswith(("picker_", "site_")))), key


def test_french_and_german_have_their_own_signs():
    for key, whole in sentences("fr").items():
        sentence = re.sub(r"\*\*\?\*\*|Color!|\{[^}]*\}", "x", whole)  # a key, the name of a paper, blanks
        assert not re.search(r"[^\u202f][;!?»]|«[^\u202f]|(?<=\w) ?:(?=\s|$)", sentence), key
        assert not re.search(r"[\"“”„]", sentence.replace('"#rrggbb"', "")), key
    for key, sentence in sentences("de").items():
        assert sentence.count("„") == sentence.count("“"), key
        assert not re.search(r"[\"”«»‚’']", sentence.replace('"#rrggbb"', "")), key
