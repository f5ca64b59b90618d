"""The program as it is started on a server: how soon it answers, and how soon it ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROXIES = {"http_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "odd://proxy", "ALL_PROXY": "socks5://127.0.0.1:9"}
"""None of them leads to the page, and one needs a package that is not there."""

SLOW_TORCH = """
import pathlib, time
pathlib.Path({begun!r}).touch()
while not pathlib.Path({finish!r}).exists():
    time.sleep(0.02)
raise ImportError("this torch is only here to be waited for")
"""


@pytest.fixture
def torch_takes_forever(tmp_path):
    """PYTHONPATH with a torch whose import begins by making a file, and ends only when another is made."""
    begun, finish = tmp_path / "begun", tmp_path / "finish"
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text(SLOW_TORCH.format(begun=str(begun), finish=str(finish)))
    yield tmp_path, begun
    finish.touch()


@pytest.fixture
def app(tmp_path, torch_takes_forever):
    """`python app.py`, and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = {**os.environ, **PROXIES, "PYTHONPATH": str(torch_takes_forever[0]), "GRADIO_SERVER_PORT": port}
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=log, stderr=log)
        yield process, f"http://127.0.0.1:{port}/"
        process.kill()
        process.wait()


def answer(process, url, seconds=60):
    """The server's answer, as soon as there is one."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, "it ended"
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return response.read().decode()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise AssertionError(f"no answer within {seconds} s")


def healthy(url):
    """The verdict of the image's health check on a server."""
    (code,) = re.findall(r'"-c", \\\n\s*"(.*)"\]', (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    at_home = "http://127.0.0.1:7860/"
    assert at_home in code
    check = subprocess.run([sys.executable, "-c", code.replace(at_home, url)], capture_output=True, timeout=30)
    return check.returncode == 0


def test_the_page_answers_with_any_proxy_while_torch_is_imported_and_ends_when_told(app, torch_takes_forever):
    process, url = app
    assert "Colorizer" in answer(process, url)
    _, begun = torch_takes_forever
    end = time.monotonic() + 30
    while not begun.exists() and time.monotonic() < end:
        time.sleep(0.02)
    assert begun.exists(), "torch is not loaded ahead of the first photograph"
    assert '"components"' in answer(process, url + "config")
    assert healthy(url)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=15) == 0
    assert not healthy(url)


def test_arguments_are_refused_with_what_to_do_instead():
    tried = subprocess.run(
        [sys.executable, "app.py", "--port", "7861"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert tried.returncode == 2
    assert "--port 7861" in tried.stderr
    assert "GRADIO_SERVER_PORT" in tried.stderr
