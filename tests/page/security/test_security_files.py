"""The files that a stranger reads over plain HTTP, with no page in between: SECURITY.md names these tests."""

import os
import sys
from pathlib import Path

import gradio as gr
import pytest
from conftest import colour_photo, representing
from gradio.data_classes import _StaticFiles

from colorizer.page.serving.headers import in_cache
from page.conftest import META, WITH_FILES, given

ROOT = Path(__file__).parents[3]
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


@pytest.mark.parametrize("way", representing(WAYS, ["absolute", "up", "link", "address", "words"]))
def test_no_event_reads_outside_of_the_cache(stranger, events, canary, cache, way):
    file = forged(canary, cache)[way]
    opened.clear()
    with_files, statuses = 0, set()
    for number, inputs in events:
        if way != WAYS[0] and not any(part["type"] in WITH_FILES for part in inputs):
            continue  # it would be asked the same each time
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
        answer = stranger.post("gradio_api/run/predict", json=body)
        statuses.add(answer.status_code)
        assert not opened, f"event {number}: {inputs}"
        if isinstance(file, dict) and "canary" in answer.text:
            assert "is not in the cache" in answer.text  # the sender's own words
    assert with_files > 5
    assert statuses == {200, 500}  # some were heard, so this is no test of a wrong address


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("endpoint", ["colorize", "compare", "suggest"])
def test_no_endpoint_reads_outside_of_the_cache(stranger, canary, cache, way, endpoint):
    opened.clear()
    asked = {"photo": forged(canary, cache)[way], **({"x": 1, "y": 1} if endpoint == "suggest" else {})}
    begun = stranger.post(f"gradio_api/call/v2/{endpoint}", json=asked)
    if begun.status_code == 200:
        answer = stranger.get(f"gradio_api/call/{endpoint}/{begun.json()['event_id']}").text
        assert "event: error" in answer
        assert str(canary.parent) not in answer
    assert not opened


def test_a_photograph_from_the_cache_is_taken(stranger, events, upload):
    """The other side of the two above: what was uploaded is opened by the same event."""
    path = upload("mine.png", b"no picture")
    assert in_cache(path)
    takes = [
        number for number, inputs in events if [part["props"].get("elem_id") for part in inputs] == ["photo", "kept"]
    ]
    for number in takes:
        photo = {"path": path, "meta": META}
        body = {"data": [photo, None], "fn_index": number, "session_hash": "two"}
        assert stranger.post("gradio_api/run/predict", json=body).status_code == 200
    assert takes


@pytest.mark.parametrize("accept", ["*/*", "image/*"])
def test_only_the_cache_and_the_examples_are_served(stranger, cache, canary, accept):
    def status(path):
        return stranger.get(f"gradio_api/file={path}", headers={"Accept": accept}).status_code

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


def test_allowed_paths_are_empty(launched):
    """The files served from where they lie: the examples, the pictures of three tabs, and Gradio's own icons."""
    assert launched.allowed_paths == []
    folders = {ROOT / "colorizer" / "page" / "tabs" / "pictures" / of for of in ("about", "models", "first")}
    icons = (Path(gr.__file__).parent / "icons").resolve()
    static = {Path(path) for path in _StaticFiles.all_paths} - folders
    assert {path.parent for path in static} <= {ROOT / "examples", icons}
    assert {path.suffix for path in static if path.parent != icons} == {".jpg"}
    assert {path.suffix for folder in folders for path in folder.iterdir()} == {".webp"}
