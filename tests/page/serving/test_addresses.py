"""A photograph by its address: only where that is allowed, from public servers, soon, and not too large."""

import gzip
import io
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import colour_photo

from colorizer.cli import parser
from colorizer.page.serving import addresses
from colorizer.page.serving.addresses import is_public
from page.conftest import META


@pytest.fixture
def asked():
    """What the other server was asked for."""
    return []


@pytest.fixture
def other(asked):
    """Another server, with a photograph and ways to do harm."""
    file = io.BytesIO()
    colour_photo(60, 40).save(file, "PNG")
    photo = file.getvalue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            kind = self.path.partition("?")[0].strip("/")
            if kind.startswith("to-"):
                self.send_response(302)
                self.send_header("Location", kind.removeprefix("to-").replace("inner", "http://10.0.0.1/a.png"))
                return self.end_headers()
            self.send_response(404 if kind == "gone" else 200)
            if kind == "packed":
                self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            try:
                if kind == "drip":
                    for _ in range(100):
                        self.wfile.write(b"x")
                        time.sleep(0.05)
                self.wfile.write(gzip.compress(photo) if kind == "packed" else photo)
                self.wfile.write(bytes(100_000) if kind == "large" else b"")
            except OSError:
                pass

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()


@pytest.fixture
def open_door(monkeypatch, other):
    """Addresses are fetched, and the other server counts as public."""
    monkeypatch.setenv("COLORIZER_ALLOW_URLS", "1")
    monkeypatch.setattr(addresses, "PORTS", {int(other.rpartition(":")[2])})
    monkeypatch.setattr(addresses, "is_public", lambda place: place == "127.0.0.1")


@pytest.fixture
def ask(stranger):
    """What is said to a question about the photograph at an address."""

    def told(address):
        photo = {"path": address, "url": address, "meta": META}
        answer = stranger.post("gradio_api/call/v2/colorize", json={"photo": photo})
        return answer.status_code, answer.json().get("detail", answer.json().get("event_id"))

    return told


REFUSED = "could not be fetched from that address"


def test_by_default_nothing_is_fetched(ask, other, asked):
    status, said = ask(f"{other}/a.png")
    assert (status, asked) == (422, [])
    assert said.startswith("This server fetches no photos from other sites")


@pytest.mark.parametrize("way", ["call/v2/colorize", "call/colorize", "queue/join"])
def test_where_it_is_allowed_the_photograph_is_fetched_before_it_waits(
    launched, stranger, other, asked, open_door, cache, way
):
    photo = {"path": f"{other}/my%20photo.png?size=large", "meta": META}
    number = next(number for number, event in launched.fns.items() if event.api_name == "colorize")
    queued = {
        "data": [photo, *[None] * (len(launched.fns[number].inputs) - 1)],
        "fn_index": number,
        "session_hash": "addresses",
    }
    body = {"call/v2/colorize": {"photo": photo}, "call/colorize": {"data": [photo]}, "queue/join": queued}[way]
    begun = stranger.post(f"gradio_api/{way}", json=body)
    assert begun.status_code == 200
    assert asked == ["/my%20photo.png?size=large"]
    assert list(cache.glob("*/my photo.png"))
    if way == "call/v2/colorize":
        answer = stranger.get(f"gradio_api/call/colorize/{begun.json()['event_id']}").text
        assert "event: complete" in answer
        assert json.loads(answer.rpartition("data: ")[2])[0]["path"].endswith("my photo-colorized.png")


@pytest.mark.parametrize("kind", ["packed", "large", "drip", "gone", "to-inner", "to-to-to-to-to-a.png"])
def test_what_does_harm_is_cut_off(ask, other, open_door, cache, monkeypatch, kind):
    monkeypatch.setattr(addresses, "SECONDS", 1.0)
    monkeypatch.setattr(addresses, "MOST_BYTES", 50_000)
    before, start = set(cache.rglob("*")), time.monotonic()
    status, said = ask(f"{other}/{kind}")
    assert status == 422
    assert REFUSED in said
    assert time.monotonic() - start < 4
    assert set(cache.rglob("*")) == before


def test_several_at_once_are_refused(stranger, other, asked, open_door):
    photo = {"path": f"{other}/a.png", "meta": META}
    body = {"data": [photo, photo], "fn_index": 0, "session_hash": "a"}
    assert stranger.post("gradio_api/queue/join", json=body).status_code == 422
    assert asked == []


@pytest.mark.parametrize(
    "place",
    [
        "127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "10.0.0.1", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "[fd00::1]", "[fe80::1]", "[2002:7f00:1::]", "224.0.0.1", "user@8.8.8.8", "",
    ],
)  # fmt: skip
def test_inner_addresses_are_not_asked_where_others_are(ask, monkeypatch, place):
    monkeypatch.setenv("COLORIZER_ALLOW_URLS", "1")
    status, said = ask(f"http://{place}/a.png")
    assert status == 422
    assert REFUSED in said


def test_other_ports_are_not_asked(ask, other, asked, monkeypatch):
    monkeypatch.setenv("COLORIZER_ALLOW_URLS", "1")
    monkeypatch.setattr(addresses, "is_public", lambda place: True)
    assert REFUSED in ask(f"{other}/a.png")[1]
    assert asked == []


@pytest.mark.parametrize("place", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
def test_public_addresses_are_public(place):
    assert is_public(place)


def test_no_foreign_name_server_is_asked(ask, monkeypatch):
    def resolve(*_):
        raise AssertionError("a name server was asked")

    monkeypatch.setenv("COLORIZER_ALLOW_URLS", "1")
    monkeypatch.setattr("safehttpx.async_resolve_hostname_google", resolve)
    assert REFUSED in ask("https://no-such-host.invalid/a.png")[1]


def test_the_command_line_allows_it(monkeypatch):
    asked = []
    monkeypatch.setattr("colorizer.cli.launch.serve", lambda allow_urls: asked.append(allow_urls) or 0)
    assert parser.main(["page"]) == 0
    assert parser.main(["page", "--allow-urls"]) == 0
    assert asked == [False, True]
