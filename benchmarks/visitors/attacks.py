"""Attacks of strangers on the server, each over plain HTTP: what they send, and what they may find out."""

from __future__ import annotations

import json
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, NamedTuple

import httpx

from .hostile_files import many_scans, png
from .server import Server

META = {"_type": "gradio.FileData"}
JSON = {"Content-Type": "application/json"}
PART = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
HEAD = b"POST /gradio_api/upload HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n"


class Attack(NamedTuple):
    """Something to try."""

    name: str
    before: str
    """The harm that it did to an earlier version of this server."""
    run: Callable[[Server], str]
    """Tries it; returns what came of it."""


def client(server: Server, address: str = "127.0.0.1") -> httpx.Client:
    """A stranger at this address of the machine, who waits for three minutes."""
    base = f"{server.address}gradio_api"
    return httpx.Client(base_url=base, timeout=180, transport=httpx.HTTPTransport(local_address=address))


def uploaded(http: httpx.Client, name: str, content: bytes) -> dict[str, Any]:
    """A file on the server, as questions name it."""
    (path,) = http.post("/upload", files={"files": (name, content)}).raise_for_status().json()
    return {"path": path, "meta": META}


def colorize(http: httpx.Client, **asked: Any) -> str:
    """The answer to a question: a sentence, or "coloured"."""
    begun = http.post("/call/v2/colorize", json=asked)
    if begun.status_code != 200:
        return f"{begun.status_code}: {begun.json()['detail']}"
    answer = http.get(f"/call/colorize/{begun.json()['event_id']}").text
    if "event: error" in answer:
        return str(json.loads(answer.rpartition("data: ")[2])["error"])
    return "coloured"


def photographs(name: str, content: Callable[[], bytes], count: int = 1) -> Callable[[Server], str]:
    """Upload a photograph, and ask for its colours so many times at once."""

    def run(server: Server) -> str:
        with client(server) as http, ThreadPoolExecutor(count) as pool:
            photos = [uploaded(http, f"{i}-{name}", content()) for i in range(count)]
            answers = list(pool.map(lambda photo: colorize(http, photo=photo), photos))
        return answers[0]

    return run


def crowd(content: Callable[[], bytes], count: int) -> Callable[[Server], str]:
    """Ask for the colours of so many photographs, fetch no answer, and stay away for a minute."""

    def run(server: Server) -> str:
        with client(server) as http:
            photos = [uploaded(http, f"{i}.png", content()) for i in range(count)]
            begun = [http.post("/call/v2/colorize", json={"photo": photo}).status_code for photo in photos]
        time.sleep(60)
        return f"{begun.count(200)} were taken"

    return run


def leaves_at_once(server: Server) -> str:
    """Four small JPEGs of 2,000 scans whose previews and colours are asked for, by one who does not wait."""
    content = many_scans(2000, 1500, 2000)
    with client(server) as http:
        photos = [uploaded(http, f"{i}.jpg", content + bytes([i])) for i in range(4)]
        for photo in photos:
            for ask in (
                lambda path: http.get(f"/file={path['path']}", headers={"Accept": "image/*"}, timeout=0.5),
                lambda path: colorize(http, photo=path),
            ):
                try:
                    said = ask(photo)
                except httpx.TimeoutException:
                    said = "left"
    return str(said)


def hints(server: Server) -> str:
    """45 MB of hints."""
    body = b'{"photo": {"path": "a"}, "hints": [' + b",".join([b'[1, 1, "#ffffff"]'] * 2_500_000) + b"]}"
    with client(server) as http:
        answers = [http.post("/call/v2/colorize", content=body, headers=JSON)]
        pieces = (body[start : start + 65_536] for start in range(0, len(body), 65_536))
        with suppress(httpx.TransportError):  # told while still sending
            answers.append(http.post("/call/v2/colorize", content=pieces, headers=JSON))
    return f"{answers[0].status_code}: {answers[0].json()['detail']}"


def many_questions(server: Server) -> str:
    """200 questions of a megabyte at once, half of them never finished."""
    whole = json.dumps({"data": ["x" * 900_000], "fn_index": 0, "session_hash": "a"}).encode()
    head = f"POST /gradio_api/queue/join HTTP/1.1\r\nHost: a\r\nContent-Length: {len(whole)}\r\n\r\n".encode()
    sockets = [_connected(server) for _ in range(200)]

    def send(number: int) -> bytes:
        sockets[number].settimeout(60)
        try:
            sockets[number].sendall(head + (whole if number % 2 else whole[:-1]))
            return sockets[number].recv(12)
        except OSError:
            return b""

    with ThreadPoolExecutor(200) as pool:
        statuses = [answer[9:12].decode() for answer in pool.map(send, range(200))]
    for each in sockets:
        each.close()
    return ", ".join(f"{statuses.count(status)} × {status or 'closed'}" for status in sorted(set(statuses)))


def tools(server: Server) -> str:
    """45 slow calls of tools, by MCP, and 200 quick ones beside them. Who asked the slow ones leaves after the quick
    ones."""
    photo = f"data:image/png;base64,{b64encode(png(3500, 2300, kind=2)).decode()}"
    headers = {"Accept": "application/json, text/event-stream"}
    over = threading.Event()

    def call(tool: str, **arguments: Any) -> str:
        asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
        address = f"{server.address}gradio_api/mcp/"
        with httpx.stream("POST", address, json=asked, headers=headers, timeout=180) as answer:
            said = ""
            for piece in answer.iter_text():
                said += piece
                if over.is_set():
                    break
        return said

    with ThreadPoolExecutor(245) as pool:
        slow = [pool.submit(call, "compare", photo=photo) for _ in range(45)]
        time.sleep(5)
        start = time.monotonic()
        answers = [*pool.map(lambda _: call("models"), range(200))]
        seconds = time.monotonic() - start
        waiting = sum(not each.done() for each in slow)
        over.set()
    answered = sum('"isError":false' in each for each in answers)
    assert answered, "no tool answered; it takes gradio[mcp]"
    return f"{answered} quick ones took {seconds:.0f} s beside {waiting} slow ones"


def recording(server: Server) -> str:
    """A film of 50 MB."""
    with client(server) as http:
        answer = http.post("/process_recording", files={"video": ("a.mp4", bytes(50_000_000))})
    return f"{answer.status_code}, {_half(server) / 1e6:.0f} MB stay"


def tiny_files(server: Server) -> str:
    """20,000 files of a few bytes."""
    with client(server) as http:
        for stored in range(0, 20_000, 500):
            files = [("files", (f"{i}.png", f"{i}".encode())) for i in range(stored, stored + 500)]
            answer = http.post("/upload", files=files)
            if answer.status_code != 200:
                return f"{answer.status_code} after {stored} files"
    return "all were stored"


def broken_uploads(server: Server) -> str:
    """100 uploads of a megabyte that break off."""
    for _ in range(100):
        with _connected(server) as visitor:
            visitor.sendall(HEAD + b"Content-Length: 2000000\r\n\r\n" + PART + bytes(1_000_000))
    start = time.monotonic()
    while (half := _half(server)) and time.monotonic() - start < 60:
        time.sleep(0.1)
    return f"{half / 1e6:.0f} MB stay" if half else f"all were gone after {time.monotonic() - start:.0f} s"


def slow_connections(server: Server) -> str:
    """300 connections of which some send nothing, some half a head, and some a byte every two seconds of an upload."""
    sockets = [_connected(server) for _ in range(300)]
    begun = [b"", b"GET / HTTP/1.1\r\n", HEAD + b"Content-Length: 2000000\r\n\r\n" + PART]
    start = time.monotonic()
    for number, visitor in enumerate(sockets):
        visitor.sendall(begun[number % 3])
        visitor.setblocking(False)
    last = 0.0
    open_ones = dict(enumerate(sockets))
    while open_ones and (last := time.monotonic() - start) < 120:
        time.sleep(2)
        for number, visitor in [*open_ones.items()]:
            try:
                if not visitor.recv(65_536):
                    raise ConnectionError
            except BlockingIOError:
                if number % 3 == 2:
                    visitor.send(b"x")
            except OSError:
                del open_ones[number]
    return f"{len(open_ones)} are still open" if open_ones else f"all were closed after {last:.0f} s"


def _connected(server: Server) -> socket.socket:
    address = httpx.URL(server.address)
    return socket.create_connection((address.host, address.port))


def _half(server: Server) -> int:
    """Bytes in files that are not complete, or lie outside of the cache."""
    files = [*server.cache.glob("tmp*"), *server.temporary.rglob("*")]
    return sum(path.stat().st_size for path in files if path.is_file())
