"""Only the addresses that the page needs answer, and a new version of Gradio cannot open another unseen."""

import re
from collections.abc import Iterator

import httpx
import pytest
from gradio.routes import App
from starlette.routing import BaseRoute, Mount

from colorizer.page import app_options, build_page
from colorizer.page.gradio_server import mended_client
from colorizer.page.serving.headers import OPEN, is_open, path_of
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.about import about_html

CLOSED = {
    "/gradio_api/api/{api_name}", "/gradio_api/component_server",
    "/gradio_api/custom_component/{id}/{environment}/{type}/{file_name}",
    "/gradio_api/deep_link", "/gradio_api/dev/reload", "/gradio_api/file/{path:path}", "/gradio_api/login_check",
    "/gradio_api/process_recording", "/gradio_api/proxy={url_path:path}", "/gradio_api/queue/status",
    "/gradio_api/run-history/buckets", "/gradio_api/run-history/connect", "/gradio_api/run-history/records",
    "/gradio_api/run-history/records/{endpoint}/{record_id}/assets/{asset_id}", "/gradio_api/runs",
    "/gradio_api/stream/{event_id}", "/gradio_api/stream/{event_id}/close",
    "/gradio_api/stream/{session_hash}/{run}/{component_id}/playlist-file",
    "/gradio_api/stream/{session_hash}/{run}/{component_id}/playlist.m3u8",
    "/gradio_api/stream/{session_hash}/{run}/{component_id}/{segment_id}.{ext}", "/gradio_api/theme.css",
    "/gradio_api/token", "/gradio_api/undo-vibe-edit", "/gradio_api/user",
    "/gradio_api/vibe-code", "/gradio_api/vibe-edit",
    "/gradio_api/vibe-starter-queries", "/login", "/logout", "/monitoring", "/monitoring/summary", "/monitoring/{key}",
    "/openapi.json", "/pwa_icon", "/pwa_icon/{size}", "/svelte/{path:path}",
}  # fmt: skip
"""Addresses of Gradio's that the page does not need."""


def addresses(routes) -> Iterator[str]:
    """Where an application answers, whatever it is put together of."""
    for route in routes:
        if isinstance(route, Mount):
            yield f"{route.path}/..."
        elif isinstance(route, BaseRoute) and hasattr(route, "path"):
            yield route.path.rstrip("/") or "/"
        else:
            yield from addresses(route.original_router.routes)  # FastAPI's, of a router within the application


def test_every_address_is_open_for_a_reason_or_closed(weights):
    shelf = Shelf(weights)
    found = set(addresses(App.create_app(build_page(shelf), app_kwargs=app_options(shelf)).routes))
    found -= {route.path for route in mended_client()}  # a script of Gradio's, under its own address
    assert found - set(OPEN) - CLOSED == set(), "new in Gradio: say in OPEN why the page needs these, or in CLOSED"
    assert CLOSED - found == set(), "gone from Gradio"
    assert set(OPEN) - found <= {"/gradio_api/mcp", "/gradio_api/mcp/schema"}
    assert len(found) > 60


@pytest.mark.parametrize("path", sorted(CLOSED))
def test_what_is_closed_answers_nothing(stranger, path):
    address = path.replace("{size}", "5").replace("{component_id}", "1").replace(":path}", "}").strip("/")
    for method in ("GET", "POST", "PUT", "DELETE", "HEAD"):
        for end in ("", "/"):
            answer = stranger.request(method, address + end)
            assert answer.status_code == 404
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert method == "HEAD" or answer.json() == {"detail": "There is nothing at this address."}


@pytest.mark.parametrize("name", ["openapi.json", "info"])
def test_addresses_that_the_about_tab_names_answer(stranger, name):
    (address,) = re.findall(rf'href="([^"]*/{name})"', about_html())
    assert "colorize" in stranger.get(address).raise_for_status().text


@pytest.mark.parametrize("path", ["/gradio_api/mcp/sse", "/gradio_api/mcp/messages/", "/gradio_api/mcp/http"])
def test_other_ways_to_mcp_are_closed(path):
    assert not is_open(path)
    assert is_open("/gradio_api/mcp/")


@pytest.mark.parametrize(
    ("root", "path", "inner"),
    [
        ("", "/config", "/config"),
        ("/colorizer", "/colorizer/config", "/config"),
        ("/colorizer", "/config", "/config"),
        ("/colorizer/", "/colorizer", "/"),
        ("/colorizer", "/colorizerx", "/colorizerx"),
    ],
)
def test_a_path_is_seen_from_the_pages_root(root, path, inner):
    assert path_of({"path": path, "root_path": root}) == inner


@pytest.mark.parametrize("address", ["", "config", "gradio_api/info", "gradio_api/openapi.json"])
@pytest.mark.parametrize("name", ["Host", "X-Forwarded-Host", "X-Gradio-Server"])
def test_a_false_name_of_the_server_reaches_nobody_else(launched, address, name):
    false = "http://evil.example" if name == "X-Gradio-Server" else "evil.example"
    with httpx.Client(base_url=launched.local_url, timeout=60) as http:
        http.get(address, headers={name: false}).raise_for_status()
        assert "evil.example" not in http.get(address).raise_for_status().text


@pytest.mark.parametrize("path", ["queue/data?session_hash=nobody", "call/colorize/nothing"])
def test_an_answer_that_is_not_there_does_not_break_off(stranger, path):
    assert "404: Not Found" in stranger.get(f"gradio_api/{path}").text
