"""The server's promises to every stranger: SECURITY.md names these tests."""

import ast
import io
import os
import re
import sys
from pathlib import Path

import gradio as gr
import pytest
from conftest import colour_photo

from colorizer.page.app import launch
from colorizer.page.serving.gate import Desks
from colorizer.page.session.shelf import Shelf
from page.conftest import META, given

ROOT = Path(__file__).parents[3]


def test_nobody_goes_past_the_queue(stranger, events, launched):
    """Functions that run networks cannot be called directly, past everybody who waits."""
    launched.api_open = False
    try:
        config = stranger.get("config").json()["dependencies"]
        waiting = {each["id"]: len(each["inputs"]) for each in config if each["queue"]}
        assert len(waiting) > 20
        for number, values in waiting.items():
            body = {"data": [None] * values, "fn_index": number, "session_hash": "five"}
            assert stranger.post("gradio_api/run/predict", json=body).status_code == 404
    finally:
        launched.api_open = True


def test_what_does_not_wait_runs_no_network_and_reads_no_photo(stranger, events, launched, upload, monkeypatch):
    """It is answered at once, past everybody who waits."""
    done = []
    for work in ("run", "decode"):
        monkeypatch.setattr(Shelf, work, lambda *_, work=work, **__: done.append(work) or pytest.fail(work))
    buffer = io.BytesIO()
    colour_photo(40, 30).save(buffer, "PNG")
    file = {"path": upload("own.png", buffer.getvalue()), "meta": META}
    asked = {"points": [[0.5, 0.5]], "index": -1, "n": 1}
    at_once = {each["id"] for each in stranger.get("config").json()["dependencies"] if not each["queue"]}
    answered = 0
    for number, inputs in events:
        if number in at_once:
            values = [given(part, file) for part in inputs]
            body = {"data": values, "fn_index": number, "session_hash": "past", "event_data": asked}
            answered += stranger.post("gradio_api/run/predict", json=body).status_code == 200
    assert answered > 20
    assert done == []


def test_every_answer_has_its_headers(stranger, monkeypatch):
    paths = ["", "config", "gradio_api/info", "gradio_api/file=/etc/passwd", "nothing/here", "gradio_api/queue/data"]
    answers = [stranger.get(path) for path in paths]
    answers.append(stranger.options("config", headers={"Origin": "null", "Access-Control-Request-Method": "GET"}))
    answers.append(stranger.put("config"))
    monkeypatch.setattr("gradio.route_utils.update_root_in_config", None)
    answers.append(stranger.get("config", headers={"Host": "another"}))  # one that is not kept
    assert [answer.status_code for answer in answers] == [200, 200, 200, 403, 404, 422, 200, 400, 500]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["content-security-policy"]
    assert "connect-src 'self'" in answers[0].headers["content-security-policy"]
    assert answers[-1].json()["detail"].startswith("Something unexpected went wrong on the server")


def test_an_error_that_nobody_foresaw_is_a_sentence(stranger, events):
    """Gradio by itself answers nothing at all."""
    number, inputs = next((number, inputs) for number, inputs in events if len(inputs) > 3)
    values = [{"path": "/etc/passwd", "meta": META}, *[None] * (len(inputs) - 1)]
    body = {"data": values, "fn_index": number, "session_hash": "six"}
    answer = stranger.post("gradio_api/run/predict", json=body, headers={"Accept-Language": "ru"})
    assert answer.status_code == 500
    assert answer.json()["error"].startswith("На сервере произошло что-то непредвиденное")


@pytest.mark.parametrize(
    ("space", "given", "ancestors"),
    [
        ("", "", "'self'"),
        ("", "https://example.org *.example.com", "https://example.org *.example.com"),
        ("a/b", "", "'self' https://huggingface.co https://*.huggingface.co https://*.hf.space"),
        ("a/b", "*", "*"),
    ],
)
def test_who_may_show_the_page_in_a_frame(stranger, monkeypatch, space, given, ancestors):
    monkeypatch.setenv("SPACE_ID", space)
    monkeypatch.setenv("COLORIZER_FRAME_ANCESTORS", given)
    policy = stranger.get("config").headers["content-security-policy"]
    assert policy.endswith(f"frame-ancestors {ancestors}")
    assert ("default-src" in policy) == (not space)


@pytest.mark.parametrize("given", ["a; script-src *", "a,b", "a\nb", "é"])
def test_a_list_of_frames_is_one(monkeypatch, given):
    monkeypatch.setenv("COLORIZER_FRAME_ANCESTORS", given)
    with pytest.raises(ValueError, match="COLORIZER_FRAME_ANCESTORS is a list of sites"):
        launch()


def test_the_page_is_launched_as_it_is_tested_here(weights, monkeypatch):
    given = {}

    def launched(page, **options):
        given.update(options)
        raise InterruptedError

    monkeypatch.setattr(gr.Blocks, "launch", launched)
    monkeypatch.setenv("COLORIZER_WEIGHTS", str(weights))
    with pytest.raises(InterruptedError):
        launch()
    assert given["app_kwargs"].keys() == {"middleware", "lifespan", "exception_handlers", "routes"}
    assert [each.cls for each in given["app_kwargs"]["middleware"]] == [Desks]
    assert given["max_file_size"] == "500mb"
    assert given["show_error"] is False
    assert given["enable_monitoring"] is False
    assert not given.keys() & {"allowed_paths", "share", "debug"}


FUZZ = [-1, "x" * 5000, "\0", [[]], {"path": None}, {"path": "x.png"}]


def test_errors_name_no_path_of_the_server(stranger, events, cache):
    """An error never says where things lie on the server, whatever was sent."""
    homes = [str(ROOT), str(cache), os.getcwd(), str(Path.home()), sys.prefix, "site-packages", "Traceback", ".py"]
    told = []
    for value in FUZZ:
        for number, inputs in events[::2]:
            body = {"data": [value] * len(inputs), "fn_index": number, "session_hash": "four", "event_data": value}
            answer = stranger.post("gradio_api/run/predict", json=body)
            if answer.status_code != 200:
                told.append(answer.text)
    for value in FUZZ[:2]:
        for endpoint in ("colorize", "compare", "suggest", "models"):
            begun = stranger.post(f"gradio_api/call/{endpoint}", json={"data": [value, value]})
            told.append(begun.text)
            if begun.status_code == 200:
                answer = stranger.get(f"gradio_api/call/{endpoint}/{begun.json()['event_id']}").text
                told.append(answer.rpartition("event: error")[2])
    for path in ("gradio_api/call/nothing", "gradio_api/file=", "assets/x", "static/%2e%2e/x", "gradio_api/theme/x"):
        told.append(stranger.get(path).text)
    for sentence in told:
        assert not [home for home in homes if home in sentence], sentence[:500]
    assert len(told) > 50


def in_the_gate(file, name):
    """Whether `make test` runs a test, and not only `make test-all`; fails if there is no such test."""
    module = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    tests = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == name]
    assert tests, f"{file}::{name}"
    marks = [ast.unparse(mark) for mark in tests[0].decorator_list]
    marks += [ast.unparse(node) for node in module.body if isinstance(node, ast.Assign)]
    return not any(mark == "pytest.mark.full" or (mark.startswith("pytestmark") and ".full" in mark) for mark in marks)


@pytest.mark.parametrize("document", ["SECURITY.md", "docs/faults.md"])
def test_the_promises_have_their_tests(document):
    """Every test that a document names exists, and `make test` runs at least one of each promise."""
    rows = [line for line in (ROOT / document).read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    promises = [row for row in rows if not row.startswith(("| promise", "| what", "| ---"))]
    assert len(promises) > 10
    for promise in promises:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", promise)
        assert [test for test in named if in_the_gate(*test)], f"without a test in the gate: {promise}"
