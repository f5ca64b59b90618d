"""Questions are small, and are asked of something that there is; else one sentence says so."""

import json

import pytest
from asking import answer, uploaded
from conftest import colour_photo

from colorizer.colour.readout import NUMBERS
from colorizer.page.gradio_private import cache_folder
from colorizer.page.serving import questions
from colorizer.page.serving.answers import Refused
from colorizer.page.serving.questions import (
    MOST_BYTES,
    MOST_DEPTH,
    MOST_NAME,
    MOST_OF_A_CALL,
    MOST_VALUES,
    parsed,
    picture_in,
)
from page.conftest import META

DOORS = ["queue/join", "run/predict", "call/colorize", "call/v2/colorize", "cancel", "reset"]
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def ask(stranger):
    """The server's immediate answer to a body: status and sentence."""

    def asked(door, body):
        content = body if isinstance(body, (bytes, str)) else json.dumps(body)
        answer = stranger.post(f"gradio_api/{door}", content=content, headers=JSON)
        assert answer.headers["content-security-policy"]
        return answer.status_code, answer.json().get("detail")

    return asked


@pytest.fixture
def photo(upload):
    """A file that was uploaded, as questions name it."""
    return {"path": upload("a.png", b"no picture"), "meta": META}


def sentence(said):
    """One sentence for people: no list, no name of an exception."""
    return isinstance(said, str) and len(said) > 10 and "Error" not in said and "Traceback" not in said


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("body", ["", "x", "[]", "3", "{}", '{"data": NaN}', '{"data": [1e999]}', "[" * 5000, "\xff"])
def test_what_is_no_question_gets_one_sentence(ask, door, body):
    status, said = ask(door, body.encode("latin-1"))
    assert 400 <= status < 500
    assert sentence(said)


@pytest.mark.parametrize("way", ["declared", "streamed"])
@pytest.mark.parametrize("door", DOORS)
def test_a_question_has_at_most_a_megabyte(stranger, ask, door, way):
    body = b'"' + b"x" * MOST_BYTES
    content = body if way == "declared" else iter([body[:MOST_BYTES], body[MOST_BYTES:]])
    answer = stranger.post(f"gradio_api/{door}", content=content, headers=JSON)
    assert answer.status_code == 413
    assert "too much for one question" in answer.json()["detail"]
    assert stranger.get("robots.txt").status_code == 200


def test_a_question_has_at_most_so_many_values_and_levels(ask):
    assert ask("queue/join", {"data": [0] * (MOST_VALUES + 1)})[0] == 413
    deep = "[" * MOST_DEPTH + "]" * MOST_DEPTH
    assert ask("queue/join", f'{{"data": {deep}}}')[0] == 413
    assert parsed(f'{{"data": {deep[1:-1]}}}'.encode())["data"]


@pytest.mark.parametrize("question", ['{"data": [%s]}', '{"data": [[%s]]}', '{"photo": %s}', '{"data": [{"a": %s}]}'])
def test_a_path_is_short(ask, question):
    """To follow 1 MB of "../" takes more than a minute, in which nobody would be answered."""
    for door in ("queue/join", "run/predict", "call/colorize", "call/v2/colorize"):
        status, said = ask(door, question % json.dumps({"path": "../" * 300_000, "meta": META}))
        assert (status, said) == (413, "The path of a file has at most 4000 letters.")


def test_all_paths_together_have_few_folders(ask):
    """To follow 490 paths of 2,000 letters took six seconds, one after the other."""
    long, usual = ({"path": path, "meta": META} for path in ("/a" * 900, f"{cache_folder()}/{'0' * 64}/a.png"))
    status, said = ask("queue/join", {"data": [[long] * 490], "fn_index": 0})
    assert (status, said) == (413, "A question has at most 500 files, each by the path that its upload answered.")
    assert parsed(json.dumps({"data": [[usual] * 500]}).encode())


@pytest.mark.parametrize("name", ["session_hash", "event_id"])
def test_nobody_has_a_long_name(ask, name):
    """The server remembers these for hours."""
    status, said = ask("queue/join", {"data": [], "fn_index": 0, name: "x" * (MOST_NAME + 1)})
    assert status == 422
    assert said.startswith(name)


@pytest.mark.parametrize("number", [10**6, -1, 10**30])
@pytest.mark.parametrize("door", ["queue/join", "run/predict"])
def test_an_event_that_is_not_there(ask, door, number):
    assert ask(door, {"data": [], "fn_index": number, "session_hash": "a"}) == (404, "The page has no such event.")


@pytest.mark.parametrize("number", ["3", 1.5, None, [], True])
def test_an_event_is_a_number(ask, number):
    status, said = ask("queue/join", {"data": [], "fn_index": number, "session_hash": "a"})
    assert status == 422
    assert said == "fn_index is the number of an event of the page."


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ({}, 422, "colorize needs photo: photo must be a file that was uploaded here"),
        ({"phto": 1}, 422, "colorize has no parameter 'phto'; it has photo, checkpoint"),
        ({"photo": "/etc/passwd"}, 422, "must be a file that was uploaded here"),
        ({"photo": {"path": "/etc/passwd", "meta": META}}, 422, "must be a file that was uploaded here"),
        ({"photo": {"path": "https://example.org/a.png", "meta": META}}, 422, "fetches no photos from other sites"),
        ({"hints": [[1, 1, "#ffffff"]] * 101}, 422, "100 hints at most, not 101"),
        ({"hints": "here"}, 422, "hints: input should be a valid list"),
        ({"palette": ["#ffffff"] * 6}, 422, "5 colours at most, not 6"),
        ({"checkpoint": "x" * 300}, 422, "checkpoint: string should have at most 200 characters"),
        ({"preset": "loud"}, 422, "preset: input should be"),
    ],
)
def test_an_endpoint_says_what_is_wrong_before_anything_waits(ask, photo, asked, status, words):
    mine = asked if "photo" in asked or not asked or "phto" in asked else {"photo": photo, **asked}
    assert ask("call/v2/colorize", mine)[0] == status
    assert words in ask("call/v2/colorize", mine)[1]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [1e-40, 1e308, -1e308, -1, 101, "1", [], True])
def test_numbers_are_within_the_readouts_range(ask, photo, name, value):
    control = NUMBERS[name]
    refused = ask("call/v2/colorize", {"photo": photo, name: value})
    if value == "1" or (value is True) or (value == 1e-40 and control.lowest == 0):
        return  # read as 1, and as a number within the range
    assert refused[0] == 422
    assert name in refused[1]


def test_an_upload_that_is_gone(ask, photo):
    assert ask("call/v2/colorize", {"photo": {**photo, "path": photo["path"] + "x"}}) == (
        404,
        "The photo is no longer on the server; please add it again.",
    )


@pytest.mark.parametrize("way", ["call", "call/v2"])
def test_an_endpoint_that_is_not_there(ask, way):
    status, said = ask(f"{way}/nothing", {"data": []})
    assert status == 404
    assert said == "There is no endpoint 'nothing'; there are colorize, compare, suggest, models."


def test_values_in_order_are_looked_at_too(ask):
    assert ask("call/colorize", {"data": [1] * 20})[1].startswith("colorize takes 17 values, not 20")
    assert ask("call/models", {"data": [1, 2]})[1] == "models takes no values, not 2."
    assert "must be a file" in ask("call/colorize", {"data": ["/etc/passwd"]})[1]
    assert ask("call/compare", {"data": []})[1].startswith("compare needs photo")


def test_values_that_are_left_out_are_the_defaults(stranger):
    photo = uploaded(stranger, colour_photo(60, 50))
    number = stranger.post("gradio_api/call/colorize", json={"data": [photo]}).json()["event_id"]
    assert "event: complete" in answer(stranger, number)


def test_an_event_of_the_page_gets_all_its_values(ask, events):
    number, inputs = max(events, key=lambda event: len(event[1]))
    status, said = ask("queue/join", {"data": [None], "fn_index": number, "session_hash": "a"})
    assert (status, said) == (422, f"data has too few values for this event: it takes {len(inputs)}, not 1.")


def test_many_values_of_a_call_are_not_all_put_into_words(ask):
    assert ask("call/colorize", {"data": [None, None, [0] * MOST_OF_A_CALL]})[0] == 413


def test_many_checkpoints_are_several_questions(ask, photo):
    assert ask("call/v2/compare", {"photo": photo, "checkpoints": ["x"] * 51})[0] == 422


def test_all_questions_together_have_a_limit(stranger, monkeypatch):
    monkeypatch.setattr(questions, "MOST_AT_ONCE", 100_000)
    large = json.dumps({"data": ["x" * 200_000]})
    answer = stranger.post("gradio_api/queue/join", content=large, headers={**JSON, "Accept-Language": "it"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert answer.json()["detail"].startswith("Il server è occupato")
    assert stranger.post("gradio_api/queue/join", json={"data": []}).status_code == 422


def by_mcp(**arguments):
    return json.dumps({"method": "tools/call", "params": {"name": "colorize", "arguments": arguments}})


LONG = f"data:{'A' * 2_000_000}"


@pytest.mark.parametrize(
    "long",
    [
        by_mcp(photo="A" * 2_000_000),
        by_mcp(checkpoint=LONG),
        by_mcp(checkpoint=LONG, photo="data:,a picture"),
        by_mcp(checkpoint='"' + LONG, photo="data:,a picture"),
        by_mcp(photo=LONG, checkpoint="A" * 1_000_000),
        by_mcp(photo=LONG + "\n"),
        by_mcp(hints=[[None, None, None]] * 700),
        by_mcp(hints="[" * 50).replace('"' + "[" * 50 + '"', "[" * 50 + "]" * 50),
    ],
    ids=["no picture", "elsewhere", "beside", "quoted", "two", "escaped", "values", "levels"],
)
def test_by_mcp_nothing_but_the_picture_is_long(stranger, long):
    assert stranger.post("gradio_api/mcp/", content=long, headers=JSON).status_code == 413
    assert picture_in(by_mcp(photo=LONG).encode()) == LONG
    assert picture_in(by_mcp(checkpoint="data:,", photo="data:,AAAA").encode()) == "data:,AAAA"


def test_numbers_that_python_does_not_read_are_none():
    with pytest.raises(Refused, match="finite"):
        parsed(b'{"a": ' + b"1" * 5000 + b"}")
