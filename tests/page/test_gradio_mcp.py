"""Calls of tools wait without a thread; and what of Gradio's tools, as colorizer/page/gradio_mcp.py replaces it, a new
version has changed. MCP itself need not be installed."""

import asyncio
import threading
from inspect import getsource

import gradio as gr
import gradio.mcp
import gradio.routes
import httpx
import pytest
from conftest import run_async, wait_for
from starlette.responses import JSONResponse
from starlette.routing import Route

from colorizer.page.app import QUEUE
from colorizer.page.gradio_mcp import AT_ONCE, Tools, ToolServer, answer_of, mend_tools
from colorizer.page.gradio_private import mend_queue
from colorizer.page.gradio_server import WITHOUT_KNOCKING

CHANGED = f"Gradio {gr.__version__} has changed; colorizer/page/gradio_mcp.py needs"
SLOW, QUICK = 45, 200


@pytest.fixture
def served():
    """A server that answers each request as a tool does, the slow tool's starts, and what lets that go on."""
    started, go_on = [], threading.Event()

    def slow(number: int) -> int:
        started.append(number)
        assert go_on.wait(300)
        return number

    def quick(number: int) -> int:
        return 10 // number

    with gr.Blocks(analytics_enabled=False) as page:
        gr.api(slow, concurrency_limit=96)
        gr.api(quick, concurrency_limit=4)
    page.queue(max_size=QUEUE)
    mend_queue(page)
    tools = Tools(page)

    async def call(request):
        given = request.path_params
        try:
            return JSONResponse(await answer_of(tools.ask(given["tool"], [int(given["number"])], request)))
        except RuntimeError as error:
            return JSONResponse(str(error), 500)

    routes = [Route("/gradio_api/mcp/{tool}/{number}", call)]
    page.launch(prevent_thread_lock=True, quiet=True, app_kwargs={"routes": routes}, **WITHOUT_KNOCKING)
    yield page, started, go_on
    go_on.set()
    page.close()


def test_slow_calls_stop_neither_quick_ones_nor_the_page(served):
    page, started, go_on = served
    # No connection twice: on a slow machine the server closes idle ones before they are used again.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    client = httpx.AsyncClient(base_url=page.local_url, timeout=300, limits=limits)

    async def call(tool, number=1, **headers):
        return (await client.get(f"gradio_api/mcp/{tool}/{number}", headers=headers)).json()

    async def all_at_once():
        async with client:
            slow = [asyncio.ensure_future(call("slow", number)) for number in range(SLOW)]
            while len(started) < AT_ONCE:
                await asyncio.sleep(0.05)
            assert await asyncio.gather(*(call("quick") for _ in range(QUICK))) == [[10]] * QUICK
            (path,) = (await client.post("gradio_api/upload", files={"files": ("a.txt", b"mine")})).json()
            assert (await client.get(f"gradio_api/file={path}")).content == b"mine"
            assert len(started) == AT_ONCE
            slow.append(asyncio.ensure_future(call("slow", SLOW, **{"X-Forwarded-For": "10.0.0.2"})))
            while SLOW not in started:  # it takes no place from others
                await asyncio.sleep(0.05)
            assert not any(each.done() for each in slow)
            go_on.set()
            assert await asyncio.gather(*slow) == [[number] for number in range(SLOW + 1)]

    run_async(all_at_once())
    wait_for(lambda: not page._queue.event_ids_to_events, seconds=30)
    assert not page._queue.pending_messages_per_session
    assert not page._queue.pending_event_ids_session


def test_an_error_is_one(served):
    assert httpx.get(f"{served[0].local_url}gradio_api/mcp/quick/0", timeout=300).status_code == 500


def test_gradio_asks_what_is_replaced(monkeypatch):
    monkeypatch.setattr(gradio.mcp, "GradioMCPServer", ToolServer.__mro__[1])
    created = getsource(gradio.mcp.GradioMCPServer.create_mcp_server)
    for words in (
        "client = await run_sync(self._get_or_create_client)",
        "job = client.submit(",
        "self._execute_tool_without_progress(job)",
        "self._execute_tool_with_progress(",
    ):
        assert words in created, f"{CHANGED} another way of asking"
    assert "gradio.mcp.GradioMCPServer(blocks)" in getsource(gradio.routes.App.setup_mcp_server)
    mend_tools()
    assert gradio.mcp.GradioMCPServer is ToolServer
