"""The letters of the page are its own."""

import json
from pathlib import Path

from starlette.applications import Starlette
from starlette.testclient import TestClient

from colorizer.figures.fonts import INTER, _face
from colorizer.page.i18n import texts
from colorizer.page.theme import HEAD, ROUTES, SERVED, WEIGHTS, theme


def test_letters_are_served_and_may_be_kept_for_ever():
    client = TestClient(Starlette(routes=ROUTES))
    for weight, (address, _) in SERVED.items():
        answer = client.get(address)
        assert answer.content == (INTER / f"Inter-{weight}.woff2").read_bytes()
        assert answer.headers["content-type"] == "font/woff2"
        assert "immutable" in answer.headers["cache-control"]
        assert HEAD.count(address) == 2  # where it is asked for, and where it is used
    assert "Inter" in str(theme().font)


def test_every_sentence_of_every_language_has_its_letters():
    for weight in WEIGHTS:
        for file in Path(texts.__file__).parent.glob("??.json"):
            said = "".join(_sentences(json.loads(file.read_text(encoding="utf-8"))))
            assert len(said) > 5000
            for suffix in ("woff2", "otf"):  # on the page, and on slides
                assert _face(INTER / f"Inter-{weight}.{suffix}").has(said), file.name


def _sentences(node):
    if isinstance(node, dict):
        for value in node.values():
            yield from _sentences(value)
    elif isinstance(node, list):
        for value in node:
            yield from _sentences(value)
    else:
        yield str(node)
