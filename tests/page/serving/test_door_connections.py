"""The server's patience with connections ends, and so does their number."""

import resource
import socket
import time

import httpx
import pytest
from conftest import wait_for

from colorizer.page.serving import answers, connections
from colorizer.page.serving.headers import MOST_HEAD

TO_UPLOAD = "POST /gradio_api/upload HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n"
TO_ASK = "POST /gradio_api/queue/join HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
PART = '--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'


@pytest.fixture
def connect(launched):
    """Opens a connection, sends what it is given, and then a piece every so many seconds; returns all that came back
    until it was closed, and after how long."""
    opened = []

    def connected(first: str = "", piece: str = "", pause: float = 0.05, seconds: float = 10):
        address = httpx.URL(launched.local_url)
        visitor = socket.create_connection((address.host, address.port))
        opened.append(visitor)
        visitor.settimeout(pause)
        start, came = time.monotonic(), b""
        visitor.sendall(first.encode())
        while time.monotonic() - start < seconds:
            try:
                if not (more := visitor.recv(65536)):
                    break
                came += more
            except TimeoutError:
                visitor.sendall(piece.encode())
            except ConnectionError:
                break
        else:
            raise AssertionError("it was not closed")
        return came.decode(), time.monotonic() - start

    yield connected
    for visitor in opened:
        visitor.close()


@pytest.mark.parametrize("first", ["", "GET / HTTP/1.1\r\n"])
def test_a_head_that_does_not_end_is_not_waited_for(connect, monkeypatch, first):
    monkeypatch.setattr(connections, "HEAD", 0.5)
    came, seconds = connect(first, "X: y\r\n" if first else "")
    assert came == ""
    assert 0.3 < seconds < 5


def test_the_second_head_is_not_waited_for_either(connect, monkeypatch):
    monkeypatch.setattr(connections, "HEAD", 0.5)
    came, seconds = connect("GET /robots.txt HTTP/1.1\r\nHost: a\r\n\r\nGET /", "x")
    assert came.startswith("HTTP/1.1 200")
    assert seconds < 5


def test_a_head_that_grows_is_not_read_for_ever(connect):
    came, _ = connect("GET / HTTP/1.1\r\nX: ", "y" * (MOST_HEAD // 3))
    assert came.startswith("HTTP/1.1 431")
    assert "at most" in came


@pytest.mark.parametrize("first", ["2;", "2\r\n{}\r\n0\r\nX: "], ids=["the name of a piece", "a trailer"])
def test_what_grows_beside_a_body_is_not_read_for_ever(connect, first):
    """Each further byte of it takes as long as all before; 20 MB of a trailer held everybody for three seconds."""
    came, _ = connect(f"{TO_ASK}Transfer-Encoding: chunked\r\n\r\n{first}", "y" * (MOST_HEAD // 3))
    assert came.startswith("HTTP/1.1 431")


def test_requests_before_an_answer_are_few(connect):
    """Eight thousand of them in one piece held everybody for a second."""
    came, _ = connect("GET /none HTTP/1.1\r\nHost: a\r\n\r\n" * 5000)
    assert came.startswith("HTTP/1.1 400")


@pytest.mark.parametrize("piece", ["", "["])
@pytest.mark.parametrize(("head", "body"), [(TO_ASK, "["), (TO_UPLOAD, PART)], ids=["question", "upload"])
def test_a_body_that_drips_is_not_waited_for(connect, monkeypatch, cache, head, body, piece):
    monkeypatch.setattr(answers, "SILENCE", 0.3)
    before = set(cache.rglob("*"))
    came, seconds = connect(f"{head}Connection: close\r\nContent-Length: 100000\r\n\r\n{body}", piece)
    assert came.startswith("HTTP/1.1 408")
    assert "too slowly" in came
    assert "content-security-policy" in came
    assert seconds < 8
    wait_for(lambda: set(cache.rglob("*")) == before, seconds=5)


def test_who_takes_nothing_of_an_answer_is_let_go(launched, upload, monkeypatch):
    monkeypatch.setattr(connections, "STALLED", 0.5)
    path = upload("large.bin", bytes(900_000))
    address = httpx.URL(launched.local_url)
    with socket.socket() as visitor:
        visitor.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        visitor.connect((address.host, address.port))
        ask = f"GET /gradio_api/file={path} HTTP/1.1\r\nHost: a\r\n\r\n"
        visitor.sendall(ask.encode() * 20)
        time.sleep(0.2)
        there = launched.server.server_state.connections
        assert any(each.client == visitor.getsockname() for each in there)
        wait_for(lambda: all(each.client != visitor.getsockname() for each in set(there)), seconds=10)


def test_what_is_no_http_is_told_so(connect):
    came, _ = connect("\x16\x03\r\n\r\n")
    assert came.startswith("HTTP/1.1 400")
    assert "X-Content-Type-Options: nosniff" in came
    assert "This is no HTTP request." in came


def test_connections_have_a_limit(stranger, connect, monkeypatch):
    assert stranger.get("robots.txt").status_code == 200
    monkeypatch.setattr(connections, "MOST", 0)
    came, _ = connect("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert came.startswith("HTTP/1.1 503")
    assert "The server is busy" in came


def test_one_visitor_has_fewer(connect, monkeypatch):
    monkeypatch.setattr(connections, "MOST_OF_ONE", 0)
    come = "GET /robots.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert connect(come)[0].startswith("HTTP/1.1 200"), "a proxy on this machine"
    monkeypatch.setattr(connections, "_is_proxy", lambda peer: False)
    assert connect(come)[0].startswith("HTTP/1.1 503")


def test_connections_that_ended_are_not_counted(launched, connect):
    for _ in range(3):
        connect("GET /robots.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    wait_for(lambda: sum(connections._from.values()) == len(launched.server.server_state.connections), seconds=10)


@pytest.mark.parametrize(
    ("given", "peer", "trusted"),
    [
        ("", "127.0.0.1", True),
        ("", "10.0.0.1", False),
        ("10.0.0.1, 10.0.0.2", "10.0.0.2", True),
        ("*", "8.8.8.8", True),
    ],
)
def test_a_proxy_is_many_visitors(monkeypatch, given, peer, trusted):
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", given)
    assert connections._is_proxy(peer) == trusted


def test_there_is_no_websocket(stranger):
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}
    key = {"Sec-WebSocket-Key": "a" * 24, "Sec-WebSocket-Version": "13"}
    assert stranger.get("gradio_api/queue/join", headers=upgrade | key).status_code in (404, 405)


def test_the_system_is_asked_for_enough_handles(monkeypatch):
    asked = []
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (256, 2048))
    monkeypatch.setattr(resource, "setrlimit", lambda kind, limits: asked.append(limits))
    connections.ask_for_handles()
    assert asked == [(2048, 2048)]
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (9000, resource.RLIM_INFINITY))
    connections.ask_for_handles()
    assert len(asked) == 1
