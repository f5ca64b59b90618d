"""Programs that are told to stop end and leave no partial file."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from asking import answer, ask, uploaded
from conftest import colour_photo, representing, wait_for, write_photos
from PIL import Image

from colorizer import page
from colorizer.cli import launch as starting
from colorizer.page.serving import connections

ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(os.name != "posix", reason="there is no SIGTERM elsewhere")


@pytest.fixture
def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def whole_pictures(folder):
    """The number of pictures in a folder. Checks that each is whole and that there is no other file."""
    count = 0
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix == ".png":
            assert not path.name.startswith("."), "half a file was left"
            with Image.open(path) as picture:
                picture.load()
            count += 1
    return count


@posix
def test_a_command_told_to_stop_leaves_no_half_file(weights, tmp_path):
    photos, out = tmp_path / "in", tmp_path / "out"
    photos.mkdir()
    write_photos(photos, 30, 300, 200)
    command = [sys.executable, "-m", "colorizer", "colorize", str(photos), "--out", str(out), "--workers", "2"]
    command += ["--checkpoint", str(weights / "mobile-unet.safetensors")]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: process.poll() is not None or len(list(out.glob("[!.]*.png"))) >= 1)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert 1 <= whole_pictures(out) < 30


WRITES_SLOWLY = """
import runpy, time
from PIL import Image
save = Image.Image.save
def slowly(picture, file, *more, **options):
    if str(file).endswith(".png"):
        open(file, "wb").write(b"half a file")
        time.sleep({seconds})
    save(picture, file, *more, **options)
Image.Image.save = slowly
runpy.run_path("app.py", run_name="__main__")
"""


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def environment(weights, cache, free_port):
    return {
        **os.environ, "GRADIO_SERVER_PORT": str(free_port), "GRADIO_TEMP_DIR": str(cache),
        "COLORIZER_WEIGHTS": str(weights),
    }  # fmt: skip


@pytest.fixture
def serving(tmp_path, environment, free_port):
    """Starts pages on the port, with files that take so many seconds to write; ends them in the end."""
    started = []

    @contextmanager
    def started_page(seconds: float = 0):
        with (tmp_path / "log").open("a") as log:
            command = [sys.executable, "-c", WRITES_SLOWLY.format(seconds=seconds)]
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        started.append(process)
        with httpx.Client(base_url=f"http://127.0.0.1:{free_port}", timeout=60) as http:
            wait_for(lambda: answers(http))
            yield process, http

    yield started_page
    for process in started:
        process.kill()
        process.wait()
    assert "Traceback" not in (tmp_path / "log").read_text()


@posix
@pytest.mark.parametrize("told", representing([(3, 1), (60, 1), (60, 3)], [(60, 3)]), ids=str)
def test_a_page_told_to_stop_while_working_ends_and_leaves_no_half_file(serving, cache, told):
    seconds, signals = told
    with serving(seconds) as (process, http):
        for _ in range(3):
            ask(http, uploaded(http, colour_photo(300, 200)))
        wait_for(lambda: list(cache.rglob(".*.png")))  # one is being written
        start = time.monotonic()
        for _ in range(signals):
            process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
        assert process.wait(timeout=8) == 0
        assert time.monotonic() - start < 8
    assert whole_pictures(cache) == 1 + (seconds == 3), "the upload, and the result for which there was time"


@pytest.mark.full
@posix
def test_an_upload_under_way_leaves_no_half_file(serving, cache, free_port):
    with serving() as (process, _), socket.create_connection(("127.0.0.1", free_port)) as visitor:
        head = "POST /gradio_api/upload HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        part = '--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
        visitor.sendall(f"{head}Content-Length: 1000000\r\n\r\n{part}{'x' * 200_000}".encode())
        wait_for(lambda: list(cache.glob("tmp*")))
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=8) == 0
    assert list(cache.glob("tmp*")) == []


@pytest.mark.full
@posix
def test_uploads_and_results_stay_over_a_restart(serving, cache):
    with serving() as (process, http):
        photo = uploaded(http, colour_photo(60, 40))
        result = json.loads(answer(http, ask(http, photo)).rpartition("data: ")[2])[0]["path"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=8) == 0
    with serving() as (process, http):
        for path in (photo["path"], result):
            assert http.get(f"/gradio_api/file={path}").status_code == 200
        assert ask(http, photo)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=8) == 0
    assert os.path.exists(photo["path"])


@pytest.mark.full
@posix
def test_a_server_takes_nothing_from_another_in_the_same_folder(serving, environment, cache, tmp_path):
    with serving() as (_, http):
        photo = uploaded(http, colour_photo(60, 40))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        command = [sys.executable, "app.py"]
        with (tmp_path / "other").open("w") as log:
            given = {**environment, "GRADIO_SERVER_PORT": port}
            other = subprocess.Popen(command, cwd=ROOT, env=given, stdout=log, stderr=log)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as theirs:
                wait_for(lambda: answers(theirs))
                uploaded(theirs, colour_photo(60, 40))  # the same, which has the same place
            other.send_signal(signal.SIGTERM)
            assert other.wait(timeout=8) == 0
        finally:
            other.kill()
            other.wait()
        assert http.get(f"/gradio_api/file={photo['path']}").status_code == 200


def test_a_port_in_use_is_an_error(free_port, monkeypatch, capsys):
    monkeypatch.setenv("GRADIO_SERVER_PORT", str(free_port))
    monkeypatch.setattr(starting, "hear_sigterm", lambda **_: None)  # who runs the tests listens already
    monkeypatch.setattr(connections, "one_port_only", lambda: None)  # pages of other tests take the port that is free
    monkeypatch.setattr(page, "launch", lambda: pytest.fail("it takes another"))
    with socket.create_server(("127.0.0.1", free_port)):
        assert starting.serve() == 1
    said = capsys.readouterr().err.strip()
    assert said == f"colorizer: Port {free_port} is in use; choose another by GRADIO_SERVER_PORT."


def answers(http):
    try:
        return http.get("/config").status_code == 200
    except httpx.TransportError:
        return False
