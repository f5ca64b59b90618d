"""Says which part of Gradio's server, of those in colorizer/page/gradio_server.py, a new version has changed."""

import os
import re
from inspect import getsource, signature
from pathlib import Path

import gradio as gr
import gradio.blocks
import gradio.http_server
import gradio.mcp
import gradio.processing_utils
import gradio.route_utils
import gradio.routes
import pytest
from conftest import run_async
from gradio.route_utils import FileUploadProgress
from gradio.routes import App
from starlette.applications import Starlette
from starlette.testclient import TestClient

from colorizer.page import gradio_server

CHANGED = f"Gradio {gr.__version__} has changed; colorizer/page/gradio_server.py needs"


def test_progress_of_uploads_is_forgotten(monkeypatch):
    progress = FileUploadProgress()
    monkeypatch.setattr(gradio.routes, "file_upload_statuses", progress)
    monkeypatch.setattr(gradio_server, "MOST_PROGRESS", 2)
    for name in "abc":
        progress.track(name)
    with gradio_server.watched_upload(gradio_server.UploadWatch()):
        pass
    assert list(progress._statuses) == ["b", "c"], f"{CHANGED} another list of uploads under way"
    assert set(progress._signals) == {"b", "c"}


def test_addresses_are_refused_by_what_is_replaced(monkeypatch):
    get, download = "async_ssrf_protected_get", "ssrf_protected_download"
    for name in (get, download, f"async_{download}", "save_url_to_cache"):
        monkeypatch.setattr(gradio.processing_utils, name, getattr(gradio.processing_utils, name))
    moved = getsource(gradio.blocks.Block.async_move_resource_to_block_cache)
    assert "await processing_utils.async_ssrf_protected_download(" in moved, f"{CHANGED} another way to a photograph"
    assert "httpx" not in moved

    gradio_server.fetch_nothing(lambda: ValueError("no address"))
    with gr.Blocks(analytics_enabled=False):
        box = gr.Image()
    with pytest.raises(ValueError, match="no address"):
        run_async(box.async_move_resource_to_block_cache("https://a/b.png"))
    with pytest.raises(ValueError, match="no address"):
        box.move_resource_to_block_cache("https://a/b.png")


def test_the_page_is_described_by_the_address_that_is_found():
    with gr.Blocks(analytics_enabled=False) as page:
        gr.Textbox()
    app = App.create_app(page)
    seen = []

    class Noting:
        def __init__(self, inner):
            self.inner = inner

        async def __call__(self, scope, receive, send):
            seen.append(gradio_server.public_address(scope, scope["path"]))
            await self.inner(scope, receive, send)

    app.add_middleware(Noting)
    client = TestClient(app, base_url="http://photos.example:81", root_path="/colours")
    for headers in ({}, {"X-Forwarded-Host": "other.example", "X-Forwarded-Proto": "https"}):
        root = client.get("/colours/config", headers=headers).json()["root"]
        assert seen.pop() == root, f"{CHANGED} another address of the page"
    assert root == "https://other.example/colours"
    app.auth, page.auth_message = {"somebody": "a word"}, ""
    assert client.get("/colours/config").status_code == 401
    assert seen == [None]


def test_a_page_begins_with_our_scripts(monkeypatch):
    monkeypatch.setattr(gradio.routes.templates.env, "loader", gradio.routes.templates.env.loader)
    gradio_server.begin_with("<script>one</script>")
    gradio_server.begin_with("<script>const two = {{}};</script>")  # as in another server of the same process
    template = gradio.routes.templates.env.get_template("frontend/index.html")
    sent = template.render(config={"body_css": {}}, gradio_api_info={})
    head, _, rest = sent.partition("<script>const two = {{}};</script>")
    assert "<script" not in head, f"{CHANGED} another head of the page"
    assert 'type="module"' in rest
    assert "<script>one" not in rest


def test_the_browser_opens_the_stream_again_for_those_who_wait():
    (route,) = gradio_server.mended_client()
    script = (gradio_server.SCRIPTS / route.path.rsplit("/", 1)[1]).read_text("utf-8")
    assert "open_stream=" in script, f"{CHANGED} another way to open the stream"
    assert "unclosed_events=new Set" in script, f"{CHANGED} another way to know who waits"
    client = TestClient(Starlette(routes=[route]))
    answer = client.get(route.path)
    assert client.get(route.path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    sent = answer.text
    again = r"(\w+)\.abort_controller\);\1\.unclosed_events\.size&&\1\.open_stream\(\);"
    assert len(re.findall(again, sent)) == 1, f"{CHANGED} another place where the stream ends"


def test_a_server_need_not_ask_itself():
    assert {*gradio_server.WITHOUT_KNOCKING} <= {*signature(gr.Blocks.launch).parameters}, f"{CHANGED} another name"
    assert getsource(gr.Blocks.launch).count("_frontend") == 2, f"{CHANGED} another meaning"


def test_what_mcp_writes_goes_where_uploads_go():
    assert "save_base64_to_cache(node, DEFAULT_TEMP_DIR)" in getsource(gradio.mcp), f"{CHANGED} another folder for MCP"


def test_a_path_is_followed_once(tmp_path, monkeypatch):
    """To follow 490 paths, each once for every file of the page, took four seconds."""
    monkeypatch.setattr(gradio.utils, "_is_static_file", gradio.utils._is_static_file)
    gradio_server.follow_once()
    folder, linked = tmp_path / "checkout", tmp_path / "linked"
    folder.mkdir()
    linked.symlink_to(folder)
    for name in ("own.png", "photo.png"):
        (folder / name).write_bytes(b"x")
    followed, real = [], os.path.realpath
    monkeypatch.setattr("os.path.realpath", lambda path, **given: followed.append(path) or real(path, **given))
    own = [(folder / "own.png").resolve(), *(Path(f"/own/{number}.png") for number in range(50))]
    followed.clear()
    is_static = gradio.utils._is_static_file
    assert is_static(f"{linked}/own.png", own)
    assert is_static(f"{linked}/photo.png", [folder.resolve()])
    assert not is_static(f"{linked}/photo.png", own)
    assert not is_static(f"{linked}/own.png/../photo.png", own)
    assert not is_static(f"{folder}/missing.png", [folder])
    assert len(followed) <= 4
    assert not is_static(None, own)
