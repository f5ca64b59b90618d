"""The endpoints as tools for assistants, where `gradio[mcp]` is installed."""

import base64
import io
import json

import httpx
import pytest
from conftest import colour_photo

from colorizer.page import app_options, build_page
from colorizer.page.gradio_mcp import tools_possible
from colorizer.page.gradio_server import WITHOUT_KNOCKING
from colorizer.page.session.shelf import Shelf

pytestmark = pytest.mark.skipif(not tools_possible(), reason="gradio[mcp] is not installed")


@pytest.fixture(scope="module")
def ask(weights):
    """The server's answer to a message of MCP."""
    shelf = Shelf(weights)
    page = build_page(shelf)
    options = {"mcp_server": True, "app_kwargs": app_options(shelf), **WITHOUT_KNOCKING}
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, **options)

    def asked(method, **params):
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        headers = {"Accept": "application/json, text/event-stream"}
        answer = httpx.post(f"{url}gradio_api/mcp/", json=message, headers=headers, timeout=300).raise_for_status()
        return json.loads(answer.text.rpartition("data: ")[2])["result"]

    yield asked
    page.close()


def test_the_four_are_tools_with_descriptions(ask):
    tools = ask("tools/list")["tools"]
    assert [tool["name"] for tool in tools] == ["colorize", "compare", "suggest", "models"]
    for tool in tools:
        assert "Returns:" in tool["description"]
        assert all(given.get("description") for given in tool["inputSchema"]["properties"].values())
    assert tools[0]["inputSchema"]["required"] == ["photo"]
    assert tools[0]["inputSchema"]["properties"]["photo"]["type"] == "string"


def test_a_photograph_as_data_comes_back_in_colour(ask):
    """One of 6 MB in base64, more than MCP by itself takes."""
    file = io.BytesIO()
    colour_photo(120, 80).save(file, "JPEG")
    photo = "data:image/jpeg;base64," + base64.b64encode(file.getvalue() + bytes(4_500_000)).decode()
    answer = ask("tools/call", name="colorize", arguments={"photo": photo, "preset": "vivid"})
    said = " ".join(content["text"] for content in answer["content"] if content["type"] == "text")
    assert not answer["isError"]
    assert "-colorized.png" in said
    assert "'checkpoint': 'mobile-unet'" in said
    assert "resnet18-decoder" in ask("tools/call", name="models", arguments={})["content"][0]["text"]


def test_paths_of_the_server_are_refused(ask):
    assert ask("tools/call", name="colorize", arguments={"photo": "/etc/passwd"})["isError"]
