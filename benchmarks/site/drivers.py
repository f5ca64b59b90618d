"""Three browsers. Firefox and WebKitGTK by what they themselves speak: no package drives both of a distribution's."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import httpx
from playwright.sync_api import sync_playwright

from benchmarks.common import free_port
from benchmarks.visitors.browser import FLAGS, find_browser

Ask = Callable[[str, dict[str, Any]], Any]
SIZES = ((1400, 900), (390, 844))


class NotInstalledError(Exception):
    """A program that is needed is not on this machine."""


class Driver:
    """A browser with one window. ask: a command of WebDriver and what it needs -> its value."""

    def __init__(self, ask: Ask, version: str):
        self.ask, self.version = ask, version
        self.ask("timeouts", {"script": 300_000, "pageLoad": 120_000})

    def go(self, url: str) -> None:
        """Open a page."""
        self.ask("url", {"url": url})

    def run(self, script: str, *given: Any) -> Any:
        """The value that the body of an asynchronous function returns. Raises RuntimeError with what it throws."""
        begin = "const done = arguments[arguments.length - 1]; const given = [...arguments].slice(0, -1);"
        end = "then((value) => done({ value }), (error) => done({ error: String(error) }))"
        body = f"{begin} (async () => {{ {script} }})().{end};"
        answer = self.ask("execute/async", {"script": body, "args": list(given)})
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer.get("value")

    def resize(self, width: int, height: int) -> None:
        """Give the window a size in pixels."""
        self.ask("window/rect", {"width": width, "height": height})

    def screenshot(self, path: Path) -> None:
        """Write what the window shows as PNG."""
        path.write_bytes(base64.b64decode(self.ask("screenshot", {})))


@contextmanager
def chromium(folder: Path) -> Iterator[Driver]:
    """Chromium, by Playwright. folder: for its profile."""
    with sync_playwright() as playwright:
        path = find_browser()
        if path is None:
            raise NotInstalledError("chromium")
        context = playwright.chromium.launch_persistent_context(folder, executable_path=path, args=FLAGS)
        page = context.pages[0]
        commands: dict[str, Callable[[Any], Any]] = {
            "timeouts": lambda given: page.set_default_timeout(given["script"]),
            "url": lambda given: page.goto(given["url"]),
            "window/rect": page.set_viewport_size,
            "screenshot": lambda _: base64.b64encode(page.screenshot()).decode(),
            "execute/async": lambda given: page.evaluate(
                f"(given) => new Promise((done) => (function () {{ {given['script']} }})(...given, done))",
                given["args"],
            ),
        }
        assert context.browser
        yield Driver(lambda name, given: commands[name](given), context.browser.version)
        context.close()


@contextmanager
def firefox(folder: Path) -> Iterator[Driver]:
    """Firefox, by its own protocol, Marionette. folder: for its profile."""
    names = {
        "url": "Navigate", "execute/async": "ExecuteAsyncScript", "window/rect": "SetWindowRect",
        "screenshot": "TakeScreenshot", "timeouts": "SetTimeouts",
    }  # fmt: skip
    port = free_port()
    (folder / "user.js").write_text(f'user_pref("marionette.port", {port});\n', encoding="utf-8")
    command = [_installed("firefox-esr", "firefox"), "--headless", "--marionette", "--profile", str(folder)]
    with _running(command, {"MOZ_HEADLESS_WIDTH": "1400", "MOZ_HEADLESS_HEIGHT": "1000"}):
        own = _connected(port)
        own.settimeout(330)
        line = own.makefile("rb")
        _received(line)
        numbers = itertools.count(1)

        def ask(name: str, given: dict[str, Any]) -> Any:
            if name == "execute/async":
                given = {**given, "sandbox": None}
            message = json.dumps([0, next(numbers), f"WebDriver:{names.get(name, name)}", given]).encode()
            own.sendall(f"{len(message)}:".encode() + message)
            _, _, error, answer = _received(line)
            if error:
                raise RuntimeError(error["message"])
            return answer.get("value", answer)

        with own, line:
            yield Driver(ask, ask("NewSession", {})["capabilities"]["browserVersion"])


@contextmanager
def webkit(folder: Path) -> Iterator[Driver]:
    """WebKitGTK's small browser, the nearest relative of Safari outside a Mac, on a screen that nobody sees."""
    found = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
    if not found:
        raise NotInstalledError("MiniBrowser")
    display = f":{100 + os.getpid() % 900}"
    port = free_port()
    settings = {"DISPLAY": display, "HOME": str(folder), "LIBGL_ALWAYS_SOFTWARE": "1"}
    screen = [_installed("Xvfb"), display, "-screen", "0", "1600x1200x24"]
    with _running(screen, {}), _running([_installed("WebKitWebDriver"), f"--port={port}"], settings):
        _connected(port).close()

        def post(path: str, given: dict[str, Any]) -> Any:
            answer = httpx.post(f"http://127.0.0.1:{port}/session{path}", json=given, timeout=330)
            if answer.is_error:
                raise RuntimeError(answer.json()["value"]["message"])
            return answer.json()["value"]

        options = {"binary": str(found[-1]), "args": ["--automation"]}
        begun = post("", {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}})
        session = begun["sessionId"]

        def ask(name: str, given: dict[str, Any]) -> Any:
            if name != "screenshot":
                return post(f"/{session}/{name}", given)
            return httpx.get(f"http://127.0.0.1:{port}/session/{session}/screenshot", timeout=60).json()["value"]

        yield Driver(ask, begun["capabilities"]["browserVersion"])


def _installed(*names: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise NotInstalledError(names[0])
    return found


@contextmanager
def _running(command: Sequence[str], more: dict[str, str]) -> Iterator[None]:
    """A program, and all that it started, until the end. more: of the environment."""
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env={**os.environ, **more}, start_new_session=True, **silent)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, 15)
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, 9)


def _connected(port: int) -> socket.socket:
    end = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=5)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def _received(line: BinaryIO) -> Any:
    """One of Marionette's messages: its length, a colon, JSON."""
    length = b""
    while not length.endswith(b":"):
        letter = line.read(1)
        if not letter:
            raise RuntimeError("the browser is gone")
        length += letter
    return json.loads(line.read(int(length[:-1])))
