"""Gradio's description of the page is written once, and says to everybody what Gradio would say to them alone."""

import asyncio
import copy
import json

import httpx
import pytest
from conftest import run_async
from gradio_client import Client
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse

from colorizer.page.serving.descriptions import KEPT, MOST, Descriptions
from colorizer.page.serving.gate import Desks


class Gradio:
    """Writes the address by which it was asked, slowly, and counts how often."""

    def __init__(self):
        self.auth = self.auth_dependency = None
        self.root_path, self.written, self.asked, self.status = "", [], [], 200

    async def __call__(self, scope, receive, send):
        host = dict(scope["headers"])[b"host"].decode()
        self.written.append(host)
        self.asked.append(scope["query_string"])
        await asyncio.sleep(0.01)
        if self.status is None:
            raise OSError("no such page")
        await PlainTextResponse(f"the page at {host}, " * 99, self.status)(scope, receive, send)


async def said(kept, app, host="a", path="/", query=b"", method="GET", **headers) -> httpx.Response:
    """The answer that a visitor gets; a layer around notes the host in the headers, as one for CORS may."""
    sent = []

    async def send(message):
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).append("X-Host", host)
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "query_string": query, "scheme": "http", "app": app}
    given = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope["headers"] = [(name.encode(), value.encode()) for name, value in given.items()]
    await kept(scope, None, send)
    return httpx.Response(sent[0]["status"], headers=sent[0]["headers"], content=sent[1]["body"])


@pytest.fixture
def gradio():
    return Gradio()


@pytest.fixture
def kept(gradio):
    return Descriptions(gradio)


def test_those_who_come_at_once_wait_for_one_and_the_same(kept, gradio):
    async def many():
        return await asyncio.gather(*(said(kept, gradio, accept_encoding="gzip, br") for _ in range(20)))

    answers = run_async(many())
    assert gradio.written == ["a"]
    assert {answer.text for answer in answers} == {"the page at a, " * 99}
    assert {answer.headers.get_list("X-Host")[-1] for answer in answers} == {"a"}
    assert {len(answer.headers.get_list("X-Host")) for answer in answers} == {1}


def test_it_is_packed_for_those_who_can_unpack_it(kept, gradio):
    async def both():
        return await said(kept, gradio, accept_encoding="gzip"), await said(kept, gradio)

    packed, plain = run_async(both())
    assert packed.text == plain.text
    assert (packed.headers["Content-Encoding"], plain.headers.get("Content-Encoding")) == ("gzip", None)
    assert int(packed.headers["Content-Length"]) < 200 < int(plain.headers["Content-Length"])
    assert all("Accept-Encoding" in answer.headers["Vary"] for answer in (packed, plain))


def test_each_name_of_the_server_is_told_its_own(kept, gradio):
    async def several():
        names = {"host": "b"}, {"host": "a", "x_forwarded_host": "c"}, {"host": "a", "x_forwarded_proto": "https"}
        first = await said(kept, gradio)
        for name in names:
            await said(kept, gradio, **name)
        return first, await said(kept, gradio, host="b"), await said(kept, gradio)

    first, second, again = run_async(several())
    assert gradio.written == ["a", "b", "a", "a"]
    assert first.text == again.text != second.text == "the page at b, " * 99


@pytest.mark.parametrize("query", [b"page=other", b"deep_link=a", b"all_endpoints=1", b"a=" + b"b" * 9_000])
def test_nothing_in_the_address_makes_a_difference(kept, gradio, query):
    async def both():
        return await said(kept, gradio, query=query), await said(kept, gradio)

    first, second = run_async(both())
    assert first.text == second.text
    assert (gradio.written, gradio.asked) == (["a"], [b""])


def test_few_names_are_kept_and_those_asked_for_stay(kept, gradio):
    async def hostile():
        for number in range(3 * MOST):
            await said(kept, gradio)
            await said(kept, gradio, host=f"evil-{number}")

    run_async(hostile())
    assert gradio.written.count("a") == 1
    assert len(kept._kept) == MOST


def test_what_went_wrong_is_not_kept(kept, gradio):
    async def thrice():
        gradio.status = None
        with pytest.raises(OSError, match="no such page"):
            await said(kept, gradio)
        gradio.status = 500
        failed = await said(kept, gradio)
        gradio.status = 200
        return failed, await said(kept, gradio)

    failed, answer = run_async(thrice())
    assert (failed.status_code, answer.status_code) == (500, 200)


@pytest.mark.parametrize(
    "asked",
    [{"method": "HEAD"}, {"path": "/theme.css"}, {"path": "/gradio_api/upload", "method": "POST"}],
    ids=str,
)
def test_all_else_is_asked_each_time(kept, gradio, asked):
    async def twice():
        for _ in range(2):
            await said(kept, gradio, **asked)

    run_async(twice())
    assert len(gradio.written) == 2


def test_nothing_is_kept_where_visitors_log_in(kept, gradio):
    async def twice():
        for _ in range(2):
            await said(kept, gradio)

    gradio.auth = {"somebody": "a word"}
    run_async(twice())
    assert len(gradio.written) == 2


@pytest.mark.parametrize("path", KEPT)
def test_a_visitor_is_told_what_gradio_says(stranger, launched, path):
    stranger.get(path).raise_for_status()

    async def asked() -> bytes:
        inner = launched.app.middleware_stack
        while not isinstance(inner, Desks):
            inner = inner.app
        host = str(stranger.base_url.netloc, "ascii")
        return (await said(inner.app, launched.app, host=host, path=path)).content

    assert stranger.get(path, params={"lang": "it"}).content == run_async(asked())


def test_the_description_is_copied_alone(launched):
    """Gradio's own copy follows all that a description leads to, part by part, until it fails; then it copies less."""
    assert copy.deepcopy(launched.config) == launched.config


def test_a_program_is_told_what_it_may_ask_for(stranger, launched):
    browser = stranger.get("config").json()
    program = stranger.get("config", headers={"User-Agent": "gradio_client/2.7.2; python/3.11"})
    told = program.json()
    assert 10 * len(program.content) < len(json.dumps(browser))
    assert [event["api_name"] for event in told["dependencies"]] == ["colorize", "compare", "suggest", "models"]
    assert all(event in browser["dependencies"] for event in told["dependencies"])
    assert all(part in browser["components"] for part in told["components"])
    same = {"version", "api_prefix", "protocol", "root", "app_id", "max_file_size", "space_id", "mcp_server"}
    assert {name: told[name] for name in same} == {name: browser[name] for name in same}
    client = Client(launched.local_url, verbose=False)
    assert not client.heartbeat.is_alive()
    assert client.view_api(return_format="dict")["named_endpoints"].keys() == {
        "/colorize", "/compare", "/suggest", "/models"
    }  # fmt: skip
    private = next(event["id"] for event in browser["dependencies"] if event["api_visibility"] == "private")
    with pytest.raises(ValueError, match="Invalid function index"):
        client.predict(fn_index=private)
