"""The endpoints as tools for assistants, where `gradio[mcp]` is installed."""

import base64
import io

import pytest
from conftest import colour_photo, run_async

from colorizer.page import build_page
from colorizer.page.gradio_server import WITHOUT_KNOCKING

mcp = pytest.importorskip("mcp", reason="gradio[mcp] is not installed")
streamable_http = pytest.importorskip("mcp.client.streamable_http")


@pytest.fixture(scope="module")
def address(weights):
    page = build_page(weights)
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, mcp_server=True, **WITHOUT_KNOCKING)
    yield f"{url}gradio_api/mcp/"
    page.close()


def in_session(address, talk):
    """What `talk(session)` says, as a client of the server."""

    async def session():
        async with (
            streamable_http.streamable_http_client(address) as (reading, writing, _),
            mcp.ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            return await talk(session)

    return run_async(session())


def test_the_four_are_tools_with_descriptions(address):
    tools = in_session(address, lambda session: session.list_tools()).tools
    assert [tool.name for tool in tools] == ["colorize", "compare", "suggest", "models"]
    for tool in tools:
        assert "Returns:" in tool.description
        assert all(given.get("description") for given in tool.inputSchema["properties"].values())
    assert tools[0].inputSchema["required"] == ["photo"]
    assert tools[0].inputSchema["properties"]["photo"]["type"] == "string"


def test_a_photograph_as_data_comes_back_in_colour(address):
    file = io.BytesIO()
    colour_photo(120, 80).save(file, "JPEG")
    photo = "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
    answer = in_session(address, lambda session: session.call_tool("colorize", {"photo": photo, "preset": "vivid"}))
    said = " ".join(content.text for content in answer.content if content.type == "text")
    assert not answer.isError
    assert "-colorized.png" in said
    assert "'checkpoint': 'mobile-unet'" in said
    models = in_session(address, lambda session: session.call_tool("models", {}))
    assert "resnet18-decoder" in models.content[0].text


def test_paths_of_the_server_are_refused(address):
    answer = in_session(address, lambda session: session.call_tool("colorize", {"photo": "/etc/passwd"}))
    assert answer.isError
