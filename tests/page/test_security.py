"""What a stranger tries over plain HTTP, with no page in between: SECURITY.md names these tests."""

import ast
import io
import os
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import gradio as gr
import httpx
import pytest
from conftest import IN_GATE, colour_photo
from gradio.data_classes import _StaticFiles

from colorizer.page import app_options, build_page
from colorizer.page.app import launch
from colorizer.page.serving.headers import Guarded, in_cache
from colorizer.page.serving.uploads import Uploads
from colorizer.page.session.shelf import Shelf

ROOT = Path(__file__).parents[2]
META = {"_type": "gradio.FileData"}
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
CANARY = "canary-nobody-may-read"

opened: list[str] = []


def watch(event: str, given: tuple) -> None:
    """Note that the file which nobody may read is opened, whoever does it."""
    if event == "open" and CANARY in str(given[0]):
        opened.append(str(given[0]))


sys.addaudithook(watch)


@pytest.fixture(scope="module")
def canary(tmp_path_factory):
    """A picture on the server that is none of a visitor's business."""
    path = tmp_path_factory.mktemp("private") / f"{CANARY}.png"
    colour_photo().save(path)
    return path


@pytest.fixture(scope="module")
def page(weights, cache, tmp_path_factory):
    """The page as it is launched, started elsewhere than in the repository."""
    shelf = Shelf(weights)
    page = build_page(shelf)
    assert not page.api_open
    page.api_open = True  # but for one test: here every event is asked directly, which is the quickest
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        page.launch(
            prevent_thread_lock=True,
            quiet=True,
            show_error=False,
            max_file_size="1mb",
            app_kwargs=app_options(shelf),
        )
        yield page
        page.close()


@pytest.fixture(scope="module")
def http(page):
    with httpx.Client(base_url=page.local_url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def events(http):
    """What the server does for the page, private or not: for each event its number and the kinds of its inputs."""
    config = http.get("config").json()
    parts = {part["id"]: part for part in config["components"]}
    events = [each for each in config["dependencies"] if each["backend_fn"]]  # others are the browser's alone
    return [(each["id"], [parts[part] for part in each["inputs"]]) for each in events]


def upload(http, name: str, content: bytes) -> str:
    """The path that a file got in the cache."""
    (path,) = http.post("gradio_api/upload", files={"files": (name, content)}).json()
    return path


def forged(canary: Path, cache: Path) -> dict[str, object]:
    """Ways to name a file outside of the cache."""
    link = cache / "link.png"
    if not link.is_symlink():
        link.symlink_to(canary)
    return {
        "absolute": {"path": str(canary), "meta": META},
        "without-meta": {"path": str(canary)},
        "other-meta": {"path": str(canary), "meta": {}},
        "up": {"path": f"{cache}/../{os.path.relpath(canary, cache.parent)}"},
        "relative": {"path": os.path.relpath(canary)},
        "link": {"path": str(link), "meta": META},
        "link-without-meta": {"path": str(link)},
        "scheme": {"path": f"file://{canary}", "meta": META},
        "address": {"path": "a.png", "url": f"file://{canary}", "meta": META},
        "zero": {"path": f"{canary}\0.png"},
        "words": str(canary),
    }


WAYS = [
    "absolute", "without-meta", "other-meta", "up", "relative", "link", "link-without-meta", "scheme", "address",
    "zero", "words",
]  # fmt: skip


def given(part, file):
    """The value of an input, with a forged file wherever there can be one."""
    if part["type"] in ("file", "uploadbutton"):
        return [file]
    if part["type"] == "gallery":
        return [{"image": file, "caption": None}]
    if part["type"] == "html":
        return [file]
    if part["type"] in ("image", "downloadbutton", "state"):
        return file
    return part["props"].get("value")


@pytest.mark.parametrize("way", WAYS)
def test_no_event_reads_outside_of_the_cache(http, events, canary, cache, way):
    file = forged(canary, cache)[way]
    opened.clear()
    with_files, statuses = 0, set()
    for number, inputs in events:
        data = [given(part, file) for part in inputs]
        with_files += file in data
        body = {
            "data": data,
            "fn_index": number,
            "session_hash": f"one-{way}",
            "event_data": {
                "name": str(canary),
                "key": str(canary),
                "path": "x",
                "index": 0,
                "n": 1,
                "x": 0.5,
                "y": 0.5,
            },
        }
        answer = http.post("gradio_api/run/predict", json=body)
        statuses.add(answer.status_code)
        assert not opened, f"event {number}: {inputs}"
        if isinstance(file, dict) and "canary" in answer.text:
            assert "is not in the cache" in answer.text  # the sender's own words
    assert with_files > 5
    assert statuses == {200, 500}  # some were heard, so this is no test of a wrong address


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("endpoint", ["colorize", "compare", "suggest"])
def test_no_endpoint_reads_outside_of_the_cache(http, canary, cache, way, endpoint):
    opened.clear()
    asked = {"photo": forged(canary, cache)[way], **({"x": 1, "y": 1} if endpoint == "suggest" else {})}
    begun = http.post(f"gradio_api/call/v2/{endpoint}", json=asked)
    if begun.status_code == 200:
        answer = http.get(f"gradio_api/call/{endpoint}/{begun.json()['event_id']}").text
        assert "event: error" in answer
        assert str(canary.parent) not in answer
    assert not opened


def test_a_photograph_from_the_cache_is_taken(http, events):
    """The other side of the two above: what was uploaded is opened by the same event."""
    path = upload(http, "mine.png", b"no picture")
    assert in_cache(path)
    takes = [number for number, inputs in events if [part["props"].get("elem_id") for part in inputs] == ["photo"]]
    for number in takes:
        body = {"data": [{"path": path, "meta": META}], "fn_index": number, "session_hash": "two"}
        assert http.post("gradio_api/run/predict", json=body).status_code == 200
    assert takes


@pytest.mark.parametrize("accept", ["*/*", "image/*"])
def test_only_the_cache_and_the_examples_are_served(http, cache, canary, accept):
    def status(path):
        return http.get(f"gradio_api/file={path}", headers={"Accept": accept}).status_code

    forged(canary, cache)
    opened.clear()
    names = (
        "app.py", "README.md", "weights/README.md", "examples/CREDITS.md", "examples", "colorizer/page/__init__.py",
        "colorizer/page/about.html.jinja", "requirements.txt",
    )  # fmt: skip
    private = [
        canary, f"{cache}/../{os.path.relpath(canary, cache.parent)}", cache / "link.png", cache, "/etc/passwd",
        "../../etc/passwd", "~/.bashrc", "file:///etc/passwd", "\\\\server\\share", "", "%2e%2e/x",
        *(ROOT / name for name in names), *(ROOT / "weights").glob("*.safetensors"),
    ]  # fmt: skip
    assert {str(path): status(path) for path in private if status(path) not in (403, 404)} == {}
    examples = list((ROOT / "examples").glob("*.jpg"))
    assert {status(example) for example in examples} == {200}
    assert not opened


def test_allowed_paths_are_empty(page):
    """What is served from where it lies: the examples, the pictures of the About tab, and Gradio's own icons."""
    assert page.allowed_paths == []
    pictures = ROOT / "colorizer" / "page" / "tabs" / "about" / "pictures"
    icons = Path(gr.__file__).parent / "icons"
    static = {Path(path) for path in _StaticFiles.all_paths} - {pictures}
    assert {path.parent for path in static} <= {ROOT / "examples", icons}
    assert {path.suffix for path in static if path.parent != icons} == {".jpg"}
    assert {path.suffix for path in pictures.iterdir()} == {".webp"}


def test_nobody_goes_past_the_queue(http, events, page):
    """What runs networks cannot be asked for directly, past everybody who waits."""
    page.api_open = False
    try:
        config = http.get("config").json()["dependencies"]
        waiting = [each["id"] for each in config if each["queue"]]
        assert len(waiting) > 20
        for number in waiting:
            body = {"data": [], "fn_index": number, "session_hash": "five"}
            assert http.post("gradio_api/run/predict", json=body).status_code == 404
    finally:
        page.api_open = True


@pytest.mark.parametrize(
    "name", ["x.svg", "x.html", "x.xhtml", "x.xml", "x.js", "x.svgz", "x", "x.png", "x.htm", "x.mht"]
)
def test_what_was_uploaded_never_runs(http, name):
    path = upload(http, name, DRAWING.encode())
    for way in ({}, {"Range": "bytes=0-50"}):
        answer = http.get(f"gradio_api/file={path}", headers=way)
        assert answer.status_code in (200, 206)
        kind, disposition = answer.headers["content-type"], answer.headers.get("content-disposition", "")
        if name != "x.png":
            assert kind.startswith("application/octet-stream")
            assert disposition.startswith("attachment")
        else:
            assert kind.startswith("image/png")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


def test_a_drawing_stays_unsafe_after_the_page_had_it(http, events):
    """Gradio calls drawings safe that it meets before it runs."""
    path = upload(http, "later.svg", DRAWING.encode())
    file = {"path": path, "meta": META}
    for number, inputs in events:
        body = {"data": [given(part, file) for part in inputs], "fn_index": number, "session_hash": "three"}
        http.post("gradio_api/run/predict", json=body)
    answer = http.get(f"gradio_api/file={path}")
    assert answer.headers["content-type"].startswith("application/octet-stream")
    assert answer.headers["content-disposition"].startswith("attachment")


def test_every_answer_has_its_headers(http):
    for path in ("", "config", "gradio_api/info", "gradio_api/file=/etc/passwd", "nothing/here"):
        headers = http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["content-security-policy"]
    assert "connect-src 'self'" in http.get("").headers["content-security-policy"]


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/", "https://example.org/x.png", "HTTP://localhost/"])
def test_the_page_fetches_nothing_for_others(http, address):
    answer = http.get(f"gradio_api/file={address}")
    assert answer.status_code == 403
    assert "content-security-policy" in answer.headers
    assert http.get(f"gradio_api/proxy={address}").status_code in (400, 403, 404)


@pytest.fixture
def inner():
    """A server within the server's own network that has a picture, and what it was asked for."""
    buffer, asked = io.BytesIO(), []
    colour_photo().save(buffer, "PNG")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(buffer.getvalue())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}", asked
        server.shutdown()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]", "2130706433"])
def test_inner_addresses_are_not_asked(http, inner, host):
    """An endpoint takes the address of a photograph, of public servers alone."""
    at, asked = inner
    address = f"http://{host}:{at.partition(':')[2]}/picture.png"
    photo = {"path": address, "url": address, "meta": META}
    begun = http.post("gradio_api/call/v2/colorize", json={"photo": photo})
    if begun.status_code == 200:
        assert "event: error" in http.get(f"gradio_api/call/colorize/{begun.json()['event_id']}").text
    assert asked == []
    assert httpx.get(f"http://{at}/").status_code == 200
    assert asked == ["/"]


def test_the_page_is_launched_as_it_is_tested_here(weights, monkeypatch):
    given = {}

    def launched(page, **options):
        given.update(options)
        raise InterruptedError

    monkeypatch.setattr(gr.Blocks, "launch", launched)
    monkeypatch.setenv("COLORIZER_WEIGHTS", str(weights))
    with pytest.raises(InterruptedError):
        launch()
    assert [each.cls for each in given["app_kwargs"]["middleware"]][:2] == [Guarded, Uploads]
    assert given["max_file_size"] == "500mb"
    assert given["show_error"] is False
    assert given["enable_monitoring"] is False
    assert not given.keys() & {"allowed_paths", "share", "debug"}


def test_uploads_have_a_limit(http, cache):
    def kept():
        return sum(path.stat().st_size for path in cache.rglob("*") if path.is_file())

    before = kept()
    answer = http.post("gradio_api/upload", files={"files": ("big.png", bytes(2_000_000))})
    assert answer.status_code == 413
    assert kept() - before < 100_000
    many = [("files", (f"{i}.png", b"x")) for i in range(1500)]
    assert http.post("gradio_api/upload", files=many).status_code >= 400
    assert http.get("config").status_code == 200


NAMES = ["../../up.png", "/etc/passwd.png", "..\\..\\up.png", "a/../../b.png", "\0.png", "." * 300 + ".png", "-rf.png"]


@pytest.mark.parametrize("name", NAMES)
def test_an_upload_lands_in_the_cache_whatever_it_is_called(http, cache, name):
    answer = http.post("gradio_api/upload", files={"files": (name, b"x")})
    if answer.status_code == 200:
        (path,) = answer.json()
        assert in_cache(path)
        assert Path(path).resolve().parent.parent == cache.resolve()
    assert str(cache) not in answer.text or answer.status_code == 200


FUZZ = [-1, "x" * 5000, "\0", [[]], {"path": None}, {"path": "x.png"}]


def test_errors_name_no_path_of_the_server(http, events, cache):
    """Whatever is sent, an error says nothing of where things lie on the server."""
    homes = [str(ROOT), str(cache), os.getcwd(), str(Path.home()), sys.prefix, "site-packages", "Traceback", ".py"]
    told = []
    for value in FUZZ:
        for number, inputs in events[::2]:
            body = {"data": [value] * len(inputs), "fn_index": number, "session_hash": "four", "event_data": value}
            answer = http.post("gradio_api/run/predict", json=body)
            if answer.status_code != 200:
                told.append(answer.text)
    for value in FUZZ[:2]:
        for endpoint in ("colorize", "compare", "suggest", "models"):
            begun = http.post(f"gradio_api/call/{endpoint}", json={"data": [value, value]})
            told.append(begun.text)
            if begun.status_code == 200:
                answer = http.get(f"gradio_api/call/{endpoint}/{begun.json()['event_id']}").text
                told.append(answer.rpartition("event: error")[2])
    for path in ("gradio_api/call/nothing", "gradio_api/file=", "assets/x", "static/%2e%2e/x", "gradio_api/theme/x"):
        told.append(http.get(path).text)
    for sentence in told:
        assert not [home for home in homes if home in sentence], sentence[:500]
    assert len(told) > 50


def test_the_promises_have_their_tests(request):
    """Every test that SECURITY.md and docs/faults.md name exists, and `make test` runs it."""
    in_gate = request.config.stash[IN_GATE]
    for document in ("SECURITY.md", "docs/faults.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
        assert len(named) > 10
        for file, test in named:
            tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
            there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
            assert test in there, f"{document}: {file}::{test}"
            # Of files that are not collected now nothing is known; `make test` collects all.
            assert in_gate.get(f"{file}::{test}", True), f"{document}: `make test` leaves {file}::{test} out"
        for line in text.splitlines():
            if line.startswith("| ") and not line.startswith(("| promise", "| what", "| ---")):
                assert "::" in line, f"{document} promises without a test: {line}"
