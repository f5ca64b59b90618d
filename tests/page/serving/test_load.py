"""Many visitors at once: every one has their own picture, and nothing is left of them."""

import asyncio
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import gradio.routes
import httpx
import pytest
from asking import answer, ask, being_served, uploaded
from conftest import colour_photo, run_async, wait_for
from gradio.utils import set_task_name
from gradio_client import Client, handle_file
from gradio_client.utils import QueueError
from PIL import Image

from benchmarks.visitors import load
from benchmarks.visitors.server import Server
from colorizer.page.session.shelf import Shelf

CLIENTS = 8


@pytest.fixture(scope="module")
def served(weights):
    """A page, what it can colour with, and its server, as the benchmarks see it. Tests put back what they change."""
    shelf = Shelf(weights)
    with being_served(shelf) as page:
        yield page, shelf, Server(page.local_url, os.getpid(), None, None)


@pytest.mark.full
def test_everyone_at_once_gets_their_own_picture(served, weights, tmp_path):
    paths = load.photographs(CLIENTS, tmp_path)
    for path in paths:
        with Image.open(path) as photo:
            photo.resize((96, 64)).save(path)
    _, pictures = load.expected(paths, weights)
    assert len({picture.tobytes() for picture in pictures.values()}) == CLIENTS
    with load.opening(served[2], pause=0.05) as answered:
        clients = load.crowd(served[2], paths, pictures, tmp_path)
    assert [client.verdict for client in clients] == ["own"] * CLIENTS
    assert answered.page
    assert answered.config


def test_a_full_queue_says_so_and_goes_on(served, tmp_path, monkeypatch):
    page, shelf, server = served
    monkeypatch.setattr(page._queue, "max_size", 2)
    colour_photo().save(tmp_path / "a.png")
    client = Client(server.address, verbose=False)
    for event in (*page.fns.values(), *page._queue.event_queue_per_concurrency_id.values()):
        monkeypatch.setattr(event, "concurrency_limit", 2)

    def ask():
        return client.predict(photo=handle_file(tmp_path / "a.png"), api_name="/colorize")

    def working():
        return sum(job is not None for job in page._queue.active_jobs)

    with ThreadPoolExecutor(6) as pool:
        with shelf.network_lock.taken():  # nobody is served until all have come
            served_in_the_end = [pool.submit(ask) for _ in range(2)]
            wait_for(lambda: working() == 2 and len(page._queue) == 0)
            served_in_the_end += [pool.submit(ask) for _ in range(2)]
            wait_for(lambda: len(page._queue) == 2)
            for refused in [pool.submit(ask) for _ in range(2)]:
                with pytest.raises(QueueError, match="Queue is full! Please try again"):
                    refused.result()
            bare = httpx.post(f"{server.address}gradio_api/call/v2/colorize", json={"photo": None})
        assert all(job.result()[1]["checkpoint"] for job in served_in_the_end)
    assert bare.status_code == 503
    assert bare.json()["detail"].startswith("Queue is full.")
    assert ask()[1]["checkpoint"]


def test_who_waits_is_not_forgotten_for_those_who_come(served, monkeypatch):
    page, shelf, server = served
    told, noted = page._queue.pending_messages_per_session, page._queue.pending_event_ids_session
    monkeypatch.setattr(told, "limit", 2)
    photo = colour_photo(seed=41)  # nobody has asked for it before, so no answer is kept
    with httpx.Client(base_url=server.address, timeout=60) as http:

        def asked() -> str:
            return ask(http, uploaded(http, photo))

        def answered(number: str) -> bool:
            return "event: complete" in answer(http, number)

        with shelf.network_lock.taken():  # nobody is served until all have come
            waiting = [asked() for _ in range(5)]
            assert len(told) == 5
        assert [answered(number) for number in waiting] == [True] * 5
        unread = asked()
        assert len(told) <= 2
        assert set(noted) <= set(told)
        wait_for(lambda: not page._queue.event_ids_to_events)
        assert answered(asked())
        assert answered(asked())
        assert answered(unread)


def test_messages_for_who_has_gone_are_for_nobody(served):
    told = served[0]._queue.pending_messages_per_session
    told["gone"].put_nowait("a message")
    assert "gone" not in told
    del told["gone"]


def test_what_is_cancelled_has_begun():
    """Gradio frees the place of a question where it ends; one that never began would keep it."""
    begun = []

    async def work():
        begun.append(True)
        await asyncio.sleep(60)

    async def cancel_at_once():
        task = asyncio.create_task(work())
        set_task_name(task, "a visitor", 3, "a question", batch=False)
        assert await gradio.routes.cancel_tasks({"a visitor_3"}) == ["a question"]
        return task.cancelled()

    assert run_async(cancel_at_once())
    assert begun == [True]


def test_gradio_keeps_no_note_of_every_question(served, tmp_path):
    page, _, server = served
    colour_photo().save(tmp_path / "a.png")
    client = Client(server.address, verbose=False)
    for _ in range(3):
        client.predict(photo=handle_file(tmp_path / "a.png"), api_name="/colorize")
    assert len(page._queue.event_analytics) == 1
    assert page._queue.cached_event_analytics_summary == {"functions": {}}


def test_no_thread_is_left_by_whom_opens_the_page(served):
    before = threading.active_count()
    with load.opening(served[2], pause=0.01):
        time.sleep(0.1)
    assert threading.active_count() <= before + 1
