"""The cache has a budget of bytes, whoever fills it; and no request brings more than the server can bear."""

import os
import re
import socket
import time

import gradio as gr
import httpx
import pytest
from conftest import colour_photo, wait_for

from colorizer.page import app_options, build_page
from colorizer.page.app import launch
from colorizer.page.serving import disk_budget as room
from colorizer.page.serving import uploads
from colorizer.page.serving.disk_budget import ROOM, Room, budget
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.album.run import ManyPhotos
from colorizer.page.tabs.one_photo.handlers import Handlers


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty cache; what was known of others is forgotten, before and after."""
    path = tmp_path / "cache"
    path.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(path))
    ROOM.look_again()
    yield path
    ROOM.look_again()


@pytest.fixture
def most(folder, monkeypatch):
    """Sets the budget, in bytes."""

    def set_to(count):
        monkeypatch.setenv("COLORIZER_CACHE_GB", str(count / 1e9))
        ROOM.look_again()

    return set_to


def files(folder):
    return {path.name for path in folder.rglob("*") if path.is_file()}


def fill(folder, *names, size=1000):
    for name in names:
        (folder / name).write_bytes(bytes(size))
        time.sleep(0.02)  # so that one is older than the other


def test_where_there_is_no_room_the_oldest_files_go(folder, most, monkeypatch):
    monkeypatch.setattr(room, "SPARED", -1)
    fill(folder, "oldest", "older", "newer", "newest")
    most(4000)
    tidy = Room()
    assert tidy.for_uploads() == 600
    assert files(folder) == {"newer", "newest", "older"}
    assert tidy.removed() == [str(folder / "oldest")]
    assert tidy.removed() == []
    tidy.check()


def test_where_there_is_room_none_goes(folder, most, monkeypatch):
    monkeypatch.setattr(room, "SPARED", -1)
    fill(folder, "a", "b")
    most(2300)
    assert Room().for_uploads() == pytest.approx(70)
    assert files(folder) == {"a", "b"}


def test_what_was_just_made_stays_and_the_rest_is_refused(folder, most):
    fill(folder, "a", "b")
    most(1900)
    tidy = Room()
    assert tidy.for_uploads() < 0
    with pytest.raises(OSError, match="No space left"):
        tidy.check()
    assert files(folder) == {"a", "b"}


def test_results_have_the_last_of_the_room(folder, most):
    fill(folder, "a", size=950)
    most(1000)
    tidy = Room()
    assert tidy.for_uploads() < 0
    tidy.check()


def test_what_is_uploaded_counts_at_once(folder, most):
    most(1000)
    tidy = Room()
    assert tidy.for_uploads() == 900
    assert tidy.take(900)
    assert not tidy.take(1)


def test_the_budget_is_half_of_what_the_disk_has(folder, monkeypatch):
    monkeypatch.delenv("COLORIZER_CACHE_GB", raising=False)
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Disk", (), {"free": 600 if path == folder else 0}))
    assert budget(taken=400) == 500
    folder.rmdir()
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Disk", (), {"free": 600 * (path == folder.parent)}))
    assert budget(taken=0) == 300


@pytest.mark.parametrize("given", ["0", "-1", "much", "nan", "inf", "20 GB"])
def test_a_budget_is_a_number_of_gigabytes(monkeypatch, given):
    monkeypatch.setenv("COLORIZER_CACHE_GB", given)
    with pytest.raises(ValueError, match=re.escape(f"such as 20 or 0.5, not {given!r}")):
        launch()


def test_gradio_forgets_what_had_to_go(folder, most, monkeypatch):
    from colorizer.page.serving.cleaning import keep_clean

    monkeypatch.setattr(ROOM, "_removed", [str(folder / "gone")])
    known = {str(folder / "gone"), "new"}
    keep_clean([known])
    wait_for(lambda: len(known) == 1, seconds=5)
    assert known == {"new"}


def test_without_room_the_page_says_so_and_goes_on(weights, folder, most, tmp_path):
    colour_photo().save(tmp_path / "a.png")
    asked, shelf = PhotoRequest(str(tmp_path / "a.png"), "mobile-unet"), Shelf(weights)
    handlers = Handlers(shelf)
    fill(folder, "a")
    most(1000)
    for does in (handlers.show, handlers.file):
        with pytest.raises(gr.Error, match="disk is full"):
            does(asked)
    most(10_000_000)
    assert handlers.show(asked)["colour"]
    assert handlers.file(asked)["file"]


def test_an_album_that_fills_the_room_keeps_what_is_done(weights, folder, most, tmp_path):
    paths = []
    for i in range(3):
        paths.append(str(tmp_path / f"{i}.png"))
        colour_photo(seed=i).save(paths[-1])
    most(10_000_000)
    steps = []
    for step in ManyPhotos(Shelf(weights)).run(None, paths, "mobile-unet"):
        steps.append(step)
        if len(steps) > 1 and "view" in step and files(folder):
            most(1000)  # after the first photograph
    album = steps[0]["running"].album
    assert len(album.done) + len(album.failed) == 3
    assert album.done
    assert album.failed
    assert "could not be written" in str(album.failed[-1].error)


@pytest.fixture(scope="module")
def page(weights, cache):
    shelf = Shelf(weights)
    page = build_page(shelf)
    page.launch(prevent_thread_lock=True, quiet=True, max_file_size="1mb", app_kwargs=app_options(shelf))
    yield page
    page.close()


@pytest.fixture
def http(page, cache, monkeypatch):
    with httpx.Client(base_url=page.local_url, timeout=30) as client:
        yield client


@pytest.fixture
def limited(cache, monkeypatch):
    """Sets the budget of the served cache to so many bytes more than there are."""

    def more(count):
        taken = sum(path.stat().st_size for path in cache.rglob("*") if path.is_file())
        monkeypatch.setenv("COLORIZER_CACHE_GB", str((taken + count) / room.FULL / 1e9))
        ROOM.look_again()

    yield more
    ROOM.look_again()


def upload(http, content, **headers):
    return http.post("gradio_api/upload", files={"files": ("a.png", content)}, headers=headers)


def test_an_upload_that_has_no_room_is_refused(http, limited, cache):
    before = files(cache)
    limited(100_000)
    answer = upload(http, bytes(200_000), **{"Accept-Language": "it"})
    assert answer.status_code == 507
    assert answer.text == "Al momento il server non ha spazio per altri file: riprova più tardi."
    assert answer.headers["content-security-policy"]
    assert files(cache) == before
    assert upload(http, bytes(50_000)).status_code == 200
    assert upload(http, bytes(60_000)).status_code == 507, "what came before counts"
    limited(100_000)
    assert upload(http, bytes(60_000)).status_code == 200


def parts(*pieces, head=b'Content-Disposition: form-data; name="files"; filename="a.png"'):
    """The body of an upload whose size is not known before."""
    yield b"--limit\r\n" + head + b"\r\n\r\n"
    yield from pieces
    yield b"\r\n--limit--\r\n"


def stream(http, body):
    return http.post("gradio_api/upload", content=body, headers={"Content-Type": "multipart/form-data; boundary=limit"})


def test_an_upload_of_unknown_size_ends_where_the_room_ends(http, limited, cache):
    before = files(cache)
    limited(300_000)
    assert stream(http, parts(*[bytes(50_000)] * 10)).status_code == 507
    assert files(cache) == before
    limited(300_000)
    assert stream(http, parts(*[bytes(50_000)] * 5)).status_code == 200


@pytest.mark.parametrize(
    "head",
    [b'Content-Disposition: form-data; name="files"', b'content-disposition: form-data; name="filename="'],
    ids=["plain", "misleading"],
)
def test_a_part_that_is_no_file_does_not_fill_the_memory(http, cache, head):
    before = files(cache)
    answer = stream(http, parts(*[b"x" * 50_000] * 3, head=head))
    assert (answer.status_code, answer.text) == (413, "A part that is no file is too large.")
    assert files(cache) == before


def test_an_upload_without_a_way_to_read_it_is_refused(http, cache):
    before = files(cache)
    kind = {"Content-Type": f"multipart/form-data; boundary={'x' * 300}"}
    assert http.post("gradio_api/upload", content=b"--", headers=kind).status_code == 400
    assert files(cache) == before


def test_a_question_has_a_limit_too(http, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_WORDS", 1000)
    for path in ("gradio_api/queue/join", "gradio_api/call/v2/colorize", "gradio_api/run/predict"):
        for body in (b'"' + bytes(2000), iter([b'"', bytes(2000)])):
            answer = http.post(path, content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code == 413
    assert http.get("config").status_code == 200


def test_an_upload_that_breaks_off_leaves_no_file(page, http, cache):
    before = files(cache)
    body = b"".join(parts(bytes(300_000)))
    address = httpx.URL(page.local_url)
    with socket.create_connection((address.host, address.port)) as visitor:
        head = "POST /gradio_api/upload HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=limit\r\n"
        visitor.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:200_000])
        wait_for(lambda: files(cache) != before, seconds=10)
    wait_for(lambda: files(cache) == before, seconds=10)


def test_what_the_cache_holds_is_counted_whole(folder):
    (folder / "a" / "b").mkdir(parents=True)
    fill(folder, "a/b/one", "two")
    assert {(os.path.basename(file.path), file.size) for file in room.files_in(str(folder))} == {
        ("one", 1000),
        ("two", 1000),
    }
