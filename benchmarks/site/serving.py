"""The site in a browser: made once, served as any web server would, and visited."""

import json
import os
import re
import threading
import time
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from PIL import Image

from colorizer.checkpoints.file import find_checkpoint, load_checkpoint
from colorizer.graph.whole import Pipeline, pipeline
from colorizer.site.write import write_site


def flagship_pipeline() -> Pipeline:
    """The whole pipeline of the flagship."""
    return pipeline(*load_checkpoint(find_checkpoint("mobile-unet")))


def make_site(folder: Path, made: Pipeline | None = None) -> Path:
    """The site of a pipeline, by default that of the flagship. $ONNXRUNTIME_WEB may name a package that is there."""
    package = os.environ.get("ONNXRUNTIME_WEB")
    write_site(folder / "site", made or flagship_pipeline(), Path(package) if package else None)
    return folder / "site"


class Served:
    """A site that is being served."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self.asked: list[str] = []
        """The path of every request that arrived."""
        asked = self.asked

        class Handler(SimpleHTTPRequestHandler):
            def log_request(self, *_) -> None:
                asked.append(self.path)

            def log_message(self, *_) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    @property
    def kept(self) -> str:
        """A script: whether a browser keeps all files of the site but those for a GPU."""
        worker = (self.folder / "service-worker.js").read_text(encoding="utf-8")
        (files,) = re.findall(r"^const FILES = (.*);$", worker, re.MULTILINE)
        count = sum(".jspi." not in name for name in json.loads(files))
        return f"caches.keys().then(async ([name]) => (await (await caches.open(name)).keys()).length >= {count})"


@contextmanager
def served(folder: Path):
    """Serve a folder."""
    site = Served(folder)
    thread = threading.Thread(target=site.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.server.shutdown()
        site.server.server_close()


def poll(page, script, seconds=60.0):
    """Wait until a script is true. Playwright's own way evaluates strings in the page, which its policy forbids."""
    end = time.monotonic() + seconds
    while not page.evaluate(script):
        assert time.monotonic() < end, (script, page.locator("#status").inner_text())
        time.sleep(0.03)


def arrive(page, url):
    """Open the site and wait for the network."""
    page.goto(url)
    page.locator("body.ready").wait_for(timeout=90_000)


def give(page, path):
    """Give a photograph to the site, and wait for it in colour."""
    page.evaluate("document.querySelector('#colour img')?.removeAttribute('src')")
    page.locator("#choose").set_input_files(path)
    in_colour(page)


def in_colour(page):
    """Wait until the site shows a photograph in colour, and nothing is under way."""
    poll(page, "document.querySelector('#colour img')?.naturalWidth > 0")
    poll(page, "!document.querySelector('#stage-box').classList.contains('busy')")


def view(page, mode):
    """Choose what the stage shows: "side", "compare" or "picture"."""
    page.locator(f".stage-modes label:has([value={mode}])").click()


def saved(page, kind, target):
    """Save the result, and return its path."""
    with page.expect_download(timeout=180_000) as download:
        page.locator("#download" if kind == "png" else "#save-jpg").click()
    download.value.save_as(target)
    return target


def said_in(path):
    """The XMP of a file, and what its history says of the settings."""
    xmp = Image.open(path).info.get("xmp") or Image.open(path).info["XML:com.adobe.xmp"]
    packet = xmp if isinstance(xmp, str) else xmp.decode()
    parameters = re.search(r"<stEvt:parameters>(.*)</stEvt:parameters>", packet)[1]
    return packet, json.loads(parameters.replace("&#34;", '"').replace("&#39;", "'"))
