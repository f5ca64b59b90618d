"""The head of a request is short, or nothing parses it."""

import pytest
from conftest import run_async

from colorizer.page.serving import questions
from colorizer.page.serving.answers import Refused
from colorizer.page.serving.gate import Gate
from colorizer.page.serving.headers import MOST_COOKIES, MOST_HEAD, MOST_HEADERS, MOST_PATH
from colorizer.page.serving.questions import picture_in


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("gradio_api/call" + "/a" * MOST_PATH, {}, 414),
        ("gradio_api/call/" + "%2fa" * MOST_PATH, {}, 414),
        ("?" + "a" * MOST_HEAD, {}, 431),
        ("", {"Referer": "a" * MOST_HEAD}, 431),
        ("", {f"X-{number}": "" for number in range(MOST_HEADERS)}, 431),
    ],
)
def test_a_long_head_is_refused(stranger, path, headers, status):
    answer = stranger.get(path, headers=headers)
    assert answer.status_code == status
    assert "at most" in answer.json()["detail"]
    assert answer.headers["content-security-policy"]


@pytest.mark.parametrize(("size", "read"), [(MOST_COOKIES, True), (MOST_COOKIES + 1, False)])
def test_many_cookies_are_not_read(size, read):
    """Python takes 4 s for 60 kB of backslashes."""
    came = []

    async def app(scope, receive, send):
        came.extend(scope["headers"])

    half = size // 2
    headers = [(b"cookie", b"\\" * half), (b"host", b"a"), (b"cookie", b"\\" * (size - half))]
    run_async(Gate(app)({"type": "http", "path": "/", "headers": headers}, None, None))
    assert came == (headers if read else [(b"host", b"a")])


@pytest.mark.parametrize("content", [b'"' + b"\\n" * 2_000_000 + b'"', b"," * 30_000])
def test_what_takes_long_to_parse_is_counted_first(content, monkeypatch):
    monkeypatch.setattr(questions, "json", None)
    with pytest.raises(Refused):
        picture_in(content)
