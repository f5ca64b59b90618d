"""The language of what the server itself answers."""

import pytest

from colorizer.page.i18n.texts import LANGUAGES, speaking, text
from colorizer.page.serving.answers import said_to


@pytest.mark.parametrize(
    ("referer", "language"),
    [
        (None, "ru"),
        ("http://127.0.0.1:7860/", "ru"),
        ("http://127.0.0.1:7860/?tab=many&lang=it", "it"),
        ("http://127.0.0.1:7860/?lang=IT#top", "it"),
        ("http://127.0.0.1:7860/?lang=tlh", "ru"),
        ("http://[?lang=%", "ru"),
    ],
)
def test_an_answer_is_in_the_language_of_the_page_that_asked(referer, language):
    assert language in LANGUAGES
    headers = [(b"accept-language", b"ru;q=0.9, en;q=0.5")]
    if referer:
        headers.append((b"referer", referer.encode()))
    with speaking(language):
        expected = text("no_room")
    assert said_to({"type": "http", "headers": headers}, "no_room") == expected
