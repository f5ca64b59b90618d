"""No upload brings more than the server can bear, and none leaves anything behind that nobody asked for."""

import asyncio
import errno
import os
import socket
import threading
from functools import cache as cached

import httpx
import pytest
from conftest import wait_for

from colorizer.page.i18n.texts import text
from colorizer.page.serving import disk_budget as module
from colorizer.page.serving.disk_budget import disk_budget
from colorizer.page.serving.uploads import Uploads


@pytest.fixture
def limited(cache, monkeypatch):
    """Sets the budget of the served cache to so many bytes more than there are."""

    def more(count):
        _, taken = disk_budget().walk()
        monkeypatch.setenv("COLORIZER_CACHE_GB", str((taken + count) / module.FULL / 1e9))
        monkeypatch.setattr(module, "_budget_of", cached(module.DiskBudget))  # which looks at once

    return more


@pytest.fixture
def before(cache):
    """The files that were there, and that alone shall be there after a refused upload."""
    return files(cache)


def files(folder):
    return {path.name for path in folder.rglob("*") if path.is_file()}


def send(stranger, content, **headers):
    return stranger.post("gradio_api/upload", files={"files": ("a.png", content)}, headers=headers)


def test_an_upload_that_has_no_room_is_refused(stranger, limited, cache, before):
    limited(200_000)
    answer = send(stranger, bytes(300_000), **{"Accept-Language": "it"})
    assert answer.status_code == 507
    assert answer.text == "Al momento il server non ha spazio per altri file: riprova più tardi."
    assert answer.headers["content-security-policy"]
    assert files(cache) == before
    assert send(stranger, bytes(50_000)).status_code == 200
    assert send(stranger, bytes(160_000)).status_code == 507, "what came before counts"
    limited(200_000)
    assert send(stranger, bytes(60_000)).status_code == 200


def test_a_picture_by_mcp_that_has_no_room_is_refused(stranger, limited):
    limited(200_000)
    message = {"params": {"arguments": {"photo": "data:" + "A" * 150_000}}}
    statuses = [stranger.post("gradio_api/mcp/", json=message).status_code for _ in range(2)]
    assert statuses[0] != statuses[1] == 507, "what came before counts"


def test_an_upload_that_was_refused_counts_no_more(stranger, limited, cache):
    limited(300_000)
    for _ in range(4):
        assert stream(stranger, parts(*[bytes(50_000)] * 10)).status_code == 507
    assert send(stranger, bytes(60_000)).status_code == 200


def test_tiny_files_fill_the_room_too(stranger, limited, cache):
    limited(20 * 2 * disk_budget().entry)
    tiny = [("files", (f"{i}.png", f"tiny {i}".encode())) for i in range(100)]
    assert stranger.post("gradio_api/upload", files=tiny).status_code == 507
    assert stranger.post("gradio_api/upload", files=tiny[:5]).status_code == 200


def test_a_full_disk_is_a_sentence(stranger, cache, before, monkeypatch):
    def full(file, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("gradio.route_utils.GradioUploadFile.write", full)
    answer = send(stranger, bytes(1000))
    assert (answer.status_code, answer.text) == (507, text("no_room"))
    assert answer.headers["content-security-policy"]
    assert files(cache) == before


@pytest.mark.parametrize("way", ["other", "field", "progress"])
def test_what_nobody_asked_for_is_not_kept(stranger, cache, before, way):
    """Gradio stores every file of an upload, and forgets those in other fields."""
    path = "gradio_api/upload" + ("?upload_id=mine" if way == "progress" else "")
    data = None if way == "other" else {"files": "no file"}
    answer = stranger.post(path, data=data, files={"other": ("a.png", bytes(1000))})
    assert (answer.status_code, answer.text) == ((200, "[]") if way == "other" else (400, text("upload_unreadable")))
    wait_for(lambda: files(cache) == before, seconds=5)


PART = b'Content-Disposition: form-data; name="files"; filename="a.png"'


def parts(*pieces, head=PART):
    """The body of an upload whose size is not known before."""
    yield b"--limit\r\n" + head + b"\r\n\r\n"
    yield from pieces
    yield b"\r\n--limit--\r\n"


def stream(stranger, body):
    return stranger.post(
        "gradio_api/upload", content=body, headers={"Content-Type": "multipart/form-data; boundary=limit"}
    )


def test_an_upload_of_unknown_size_ends_where_the_room_ends(stranger, limited, cache, before):
    limited(300_000)
    assert stream(stranger, parts(*[bytes(50_000)] * 10)).status_code == 507
    assert files(cache) == before
    limited(300_000)
    assert stream(stranger, parts(*[bytes(50_000)] * 5)).status_code == 200


@pytest.mark.parametrize(
    "head",
    [b'Content-Disposition: form-data; name="files"', b'content-disposition: form-data; name="filename="'],
    ids=["plain", "misleading"],
)
def test_a_part_that_is_no_file_does_not_fill_the_memory(stranger, cache, before, head):
    answer = stream(stranger, parts(*[b"x" * 50_000] * 7, head=head))
    assert (answer.status_code, answer.text) == (400, text("upload_unreadable"))
    assert files(cache) == before


def test_heads_of_many_files_do_not_fill_the_memory(stranger, cache, before):
    head = b'Content-Disposition: form-data; name="files"; filename="a.png"; x=' + b"x" * 3000
    answer = stream(stranger, (piece for _ in range(120) for piece in (b"--limit\r\n", head, b"\r\n\r\n\r\n")))
    assert (answer.status_code, answer.text) == (413, text("upload_wordy"))
    assert files(cache) == before


@pytest.mark.parametrize("content", [b"--b\r\n\r\nx\r\n" * 6_000, bytes(range(256)) * 256])
def test_the_files_of_a_piece_are_few(content):
    """Gradio makes all of them before it answers anybody else."""
    came = []

    async def app(scope, receive, send):
        while not came or came[-1]["more_body"]:
            came.append(await receive())
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive():
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message):
        assert message["status"] == 200

    asyncio.run(Uploads(app)({"type": "http", "headers": []}, receive, send))
    assert b"".join(message["body"] for message in came) == content
    assert (len(came) == 1) == (content[:1] == b"\0")
    assert len(came) == 1 or max(message["body"].count(b"--") for message in came) < 150


def test_files_get_their_names_beside_the_event_loop(stranger, monkeypatch):
    seen, rename = set(), os.rename
    monkeypatch.setattr(os, "rename", lambda *names: seen.add(threading.current_thread().name) or rename(*names))
    assert len(stranger.post("gradio_api/upload", files=[("files", (f"{i}.png", b"x")) for i in range(3)]).json()) == 3
    assert seen == {"AnyIO worker thread"}


def test_an_unforeseen_fault_is_answered_and_logged_as_one(stranger, cache, before, monkeypatch, caplog):
    def faulty(file, data):
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr("gradio.route_utils.GradioUploadFile.write", faulty)
    answer = send(stranger, bytes(1000))
    assert (answer.status_code, answer.text) == (500, text("failed"))
    assert files(cache) == before
    said = [record for record in caplog.records if record.name == "colorizer.page.serving.uploads"]
    assert [(each.levelname, bool(each.exc_info)) for each in said] == [("ERROR", True)]


@pytest.mark.parametrize(
    ("body", "boundary"),
    [
        (b"--", "x" * 300),
        (b"no part", "limit"),
        (b"--limit\r\nno header", "limit"),
        (b"--limit--\r\n", "limit"),
        (b"".join(parts(b"one", b"\r\n--limit\r\n", PART, b"\r\n\r\nhalf of two"))[:-11], "limit"),
    ],
    ids=["long", "no part", "no header", "nothing", "no end"],
)
def test_an_upload_without_a_way_to_read_it_is_refused(stranger, cache, before, body, boundary):
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Accept-Language": "ru"}
    answer = stranger.post("gradio_api/upload", content=body, headers=kind)
    assert (answer.status_code, answer.text) == (400, "Не удалось прочитать загрузку. Попробуйте ещё раз.")
    wait_for(lambda: files(cache) == before, seconds=10)


def test_an_upload_that_breaks_off_leaves_no_file(launched, cache, before):
    body = b"".join(parts(bytes(300_000)))
    address = httpx.URL(launched.local_url)
    with socket.create_connection((address.host, address.port)) as visitor:
        head = "POST /gradio_api/upload HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=limit\r\n"
        visitor.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:200_000])
        wait_for(lambda: files(cache) != before, seconds=10)
    wait_for(lambda: files(cache) == before, seconds=10)
