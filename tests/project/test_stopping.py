"""Programs that are told to stop end and leave no partial file."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from conftest import colour_photo, wait_for, write_photos
from PIL import Image
from test_faults import uploaded

ROOT = Path(__file__).parents[2]


@pytest.fixture
def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def whole_pictures(folder):
    """How many pictures with a name lie in a folder; each must be whole, and no other file may be left."""
    count = 0
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix == ".png":
            assert not path.name.startswith("."), "half a file was left"
            with Image.open(path) as picture:
                picture.load()
            count += 1
    return count


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGTERM elsewhere")
def test_a_command_told_to_stop_leaves_no_half_file(weights, tmp_path):
    photos, out = tmp_path / "in", tmp_path / "out"
    photos.mkdir()
    write_photos(photos, 30, 500, 400)
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
        time.sleep(3)
    save(picture, file, *more, **options)
Image.Image.save = slowly
runpy.run_path("app.py", run_name="__main__")
"""


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGTERM elsewhere")
def test_a_page_told_to_stop_while_working_ends_and_leaves_no_half_file(weights, tmp_path, free_port):
    cache = tmp_path / "cache"
    environment = {
        **os.environ, "GRADIO_SERVER_PORT": str(free_port), "GRADIO_TEMP_DIR": str(cache),
        "COLORIZER_WEIGHTS": str(weights),
    }  # fmt: skip
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", WRITES_SLOWLY], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{free_port}", timeout=60) as http:
                wait_for(lambda: answers(http))
                for _ in range(3):
                    http.post("/gradio_api/call/v2/colorize", json={"photo": uploaded(http, colour_photo(1500, 1000))})
                wait_for(lambda: list(cache.rglob(".*.png")))  # one is being written
                process.send_signal(signal.SIGTERM)
                assert process.wait(timeout=30) == 0
        finally:
            process.kill()
            process.wait()
    assert "Traceback" not in (tmp_path / "log").read_text()
    whole_pictures(cache)  # Gradio removes the finished ones when it ends; a half one it does not know


def answers(http):
    try:
        return http.get("/config").status_code == 200
    except httpx.TransportError:
        return False
