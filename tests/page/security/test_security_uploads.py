"""Uploads of strangers, and their fate."""

from pathlib import Path

import pytest

from colorizer.page.serving.headers import in_cache
from page.conftest import META, given

DRAWING = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "name", ["x.svg", "x.html", "x.xhtml", "x.xml", "x.js", "x.svgz", "x", "x.png", "x.htm", "x.mht"]
)
def test_what_was_uploaded_never_runs(stranger, name, upload):
    path = upload(name, DRAWING.encode())
    for way in ({}, {"Range": "bytes=0-50"}):
        answer = stranger.get(f"gradio_api/file={path}", headers=way)
        assert answer.status_code in (200, 206)
        kind, disposition = answer.headers["content-type"], answer.headers.get("content-disposition", "")
        if name != "x.png":
            assert kind.startswith("application/octet-stream")
            assert disposition.startswith("attachment")
        else:
            assert kind.startswith("image/png")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


def test_a_drawing_stays_unsafe_after_the_page_had_it(stranger, events, upload):
    """Gradio calls drawings safe that it meets before it runs."""
    path = upload("later.svg", DRAWING.encode())
    file = {"path": path, "meta": META}
    one_of_each = {tuple(part["type"] for part in inputs): (number, inputs) for number, inputs in events}
    for number, inputs in one_of_each.values():
        body = {"data": [given(part, file) for part in inputs], "fn_index": number, "session_hash": "three"}
        stranger.post("gradio_api/run/predict", json=body)
    answer = stranger.get(f"gradio_api/file={path}")
    assert answer.headers["content-type"].startswith("application/octet-stream")
    assert answer.headers["content-disposition"].startswith("attachment")


def test_uploads_have_a_limit(stranger, cache):
    def kept():
        return sum(path.stat().st_size for path in cache.rglob("*") if path.is_file())

    before = kept()
    answer = stranger.post("gradio_api/upload", files={"files": ("big.png", bytes(2_000_000))})
    assert answer.status_code == 413
    assert kept() - before < 100_000
    many = [("files", (f"{i}.png", b"x")) for i in range(1500)]
    assert stranger.post("gradio_api/upload", files=many).status_code >= 400
    assert stranger.get("config").status_code == 200


NAMES = ["../../up.png", "/etc/passwd.png", "..\\..\\up.png", "a/../../b.png", "\0.png", "." * 300 + ".png", "-rf.png"]


@pytest.mark.parametrize("name", NAMES)
def test_an_upload_lands_in_the_cache_whatever_it_is_called(stranger, cache, name):
    answer = stranger.post("gradio_api/upload", files={"files": (name, b"x")})
    if answer.status_code == 200:
        (path,) = answer.json()
        assert in_cache(path)
        assert Path(path).resolve().parent.parent == cache.resolve()
    assert str(cache) not in answer.text or answer.status_code == 200
