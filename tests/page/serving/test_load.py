"""Many visitors at once, and what is left of them: every one has their own picture, and what is old goes."""

import asyncio
import gc
import os
import platform
import subprocess
import sys
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor

import gradio.routes
import httpx
import numpy as np
import pytest
from conftest import colour_photo, run_async, wait_for
from gradio.utils import set_task_name
from gradio_client import Client, handle_file
from gradio_client.utils import QueueError
from PIL import Image

from benchmarks import load, soak
from benchmarks.server import Sample, Server
from colorizer.page.app import QUEUE, SESSIONS, build_page
from colorizer.page.gradio_server import WITHOUT_KNOCKING
from colorizer.page.serving.cleaning import clean, keep_clean
from colorizer.page.session.opened import OpenedPhoto
from colorizer.page.session.recent import Recent
from colorizer.page.session.shelf import Shelf

CLIENTS = 8


@pytest.fixture(scope="module")
def served(weights):
    """A page, what it can colour with, and its server, as the benchmarks see it. Tests put back what they change."""
    shelf = Shelf(weights)
    page = build_page(shelf)
    page.launch(prevent_thread_lock=True, quiet=True, **WITHOUT_KNOCKING)
    yield page, shelf, Server(page.local_url, os.getpid(), None, None)
    page.close()


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


def test_another_picture_is_noticed(served, weights, tmp_path):
    paths = load.photographs(1, tmp_path)
    _, pictures = load.expected(paths, weights)
    pictures[paths[0]] = pictures[paths[0]][:, ::-1]
    assert [client.verdict for client in load.crowd(served[2], paths, pictures, tmp_path)] == ["another"]


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
        with shelf.network_lock:  # nobody is served until all have come
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


def test_a_class_of_visitors_may_wait_and_few_are_remembered(weights):
    assert build_page(weights)._queue.max_size == QUEUE >= 64
    assert SESSIONS * 0.3 < 200  # MB, at most, of visitors who are gone


def test_what_is_old_is_removed_and_what_is_new_stays(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("a/b/old.png", "a/old.jpg", "top.jpg"):
        (tmp_path / name).touch()
    assert clean(tmp_path, age=60) == []
    assert set(clean(tmp_path, age=-1)) == {str(tmp_path / name) for name in ("a/b/old.png", "a/old.jpg", "top.jpg")}
    clean(tmp_path, age=-1)
    assert list(tmp_path.iterdir()) == []
    assert tmp_path.is_dir()


def test_a_folder_that_waits_for_its_file_stays(tmp_path):
    (tmp_path / "new").mkdir()
    assert clean(tmp_path, age=60) == []
    assert (tmp_path / "new").is_dir()


def test_gradio_forgets_what_was_removed(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    monkeypatch.setattr("colorizer.page.serving.cleaning.clean", lambda folder: [str(folder / "old.png")])
    known = {str(tmp_path / "old.png"), "new.png"}
    keep_clean([known])
    wait_for(lambda: len(known) == 1, seconds=5)
    assert known == {"new.png"}


@pytest.mark.full
def test_only_the_pages_own_folder_is_cleaned():
    """Also what Gradio writes that reads the folder's name when it is imported, as for MCP."""
    code = "import os, colorizer.page, gradio.mcp as m; print(os.environ['GRADIO_TEMP_DIR'], m.DEFAULT_TEMP_DIR)"

    def folders(**given):
        environment = {name: value for name, value in os.environ.items() if name != "GRADIO_TEMP_DIR"}
        command = [sys.executable, "-c", code]
        run = subprocess.run(command, env={**environment, **given}, capture_output=True, text=True, check=True)
        return run.stdout.split()

    own, of_mcp = folders()
    assert "colorizer-" in own
    assert own == of_mcp
    assert folders(GRADIO_TEMP_DIR="/elsewhere") == ["/elsewhere"] * 2


def test_a_picture_of_a_photograph_is_written_once_and_again_when_it_is_gone(tmp_path):
    opened, made = OpenedPhoto(colour_photo()), []

    def make():
        made.append(tmp_path / "gray.jpg")
        made[-1].touch()
        return str(made[-1])

    assert opened.file("gray", make) == opened.file("gray", make)
    assert len(made) == 1
    made[0].unlink()
    assert opened.file("gray", make) == str(made[0])
    assert len(made) == 2


THREADS_THAT_TAKE_MEMORY = """
import ctypes, threading
{}
begun = threading.Barrier(9)
def work():
    kept = [bytes(1000) for _ in range(1000)]
    begun.wait()
    begun.wait()
for _ in range(8):
    threading.Thread(target=work).start()
begun.wait()
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
begun.wait()
"""


@pytest.mark.full
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives threads memory of their own")
def test_threads_share_memory():
    def places(first):
        environment = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}
        command = [sys.executable, "-c", THREADS_THAT_TAKE_MEMORY.format(first)]
        said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        return said.count("<heap nr=")

    assert places("") > 4
    assert places("from colorizer.page.serving.memory import share_memory; share_memory()") <= 3


MEMORY_BELOW_SOMETHING_KEPT = """
from colorizer.page.serving.memory import give_back
def megabytes():
    status = open("/proc/self/status").read()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024
before = megabytes()
blocks = [b"x" * 100_000 for _ in range(2000)]
del blocks[:-1]
print(megabytes() - before)
give_back()
print(megabytes() - before)
"""


@pytest.mark.full
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has to be told")
def test_freed_memory_is_given_back():
    command = [sys.executable, "-c", MEMORY_BELOW_SOMETHING_KEPT]
    kept, given_back = map(int, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    assert kept > 150 > 10 > given_back


def test_who_waits_is_not_forgotten_for_those_who_come(served, tmp_path, monkeypatch):
    page, shelf, server = served
    told, noted = page._queue.pending_messages_per_session, page._queue.pending_event_ids_session
    monkeypatch.setattr(told, "limit", 2)
    colour_photo(seed=41).save(tmp_path / "a.png")  # nobody has asked for it before, so no answer is kept
    with httpx.Client(base_url=f"{server.address}gradio_api", timeout=60) as http:

        def ask() -> str:
            (path,) = http.post("/upload", files={"files": ("a.png", (tmp_path / "a.png").read_bytes())}).json()
            photo = {"path": path, "meta": {"_type": "gradio.FileData"}}
            return http.post("/call/v2/colorize", json={"photo": photo}).json()["event_id"]

        def answered(number: str) -> bool:
            return "event: complete" in http.get(f"/call/colorize/{number}").text

        with shelf.network_lock:  # nobody is served until all have come
            waiting = [ask() for _ in range(5)]
            assert len(told) == 5
        assert [answered(number) for number in waiting] == [True] * 5
        unread = ask()
        assert len(told) <= 2
        assert set(noted) <= set(told)
        wait_for(lambda: not page._queue.event_ids_to_events)
        assert answered(ask())
        assert answered(ask())
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


class Key:
    """Something that can be seen to be gone."""


def test_of_what_is_let_go_nothing_is_kept():
    """Not even what it was asked for by, however often that was."""
    recent, key = Recent(1), Key()
    for _ in range(2):
        recent.get(key, object)
    recent.get("another", object)
    gone = weakref.ref(key)
    del key
    gc.collect()
    assert gone() is None


def test_what_was_just_made_is_not_made_again():
    recent, made = Recent(2), []

    def make():
        made.append(1)
        time.sleep(0.02)
        return len(made)

    with ThreadPoolExecutor(CLIENTS) as pool:
        assert {job.result() for job in [pool.submit(recent.get, "key", make) for _ in range(CLIENTS)]} == {1}


def samples(**grows):
    """A hundred samples, in which some figures grow with each."""
    flat = {"memory": 500.0, "handles": 30, "threads": 20, "kept": 4, "kept_megabytes": 1.0, "temporary": 0}
    random = np.random.default_rng(0)
    return [
        Sample(**{name: value + grows.get(name, 0) * i + random.normal() * value / 100 for name, value in flat.items()})
        for i in range(100)
    ]


def test_growth_is_told_from_noise():
    done = list(range(0, 2000, 20))
    flat, grows = samples(), samples(memory=1.0)
    assert soak.growth(done, [sample.memory for sample in flat]).none
    assert not soak.growth(done, [sample.memory for sample in grows]).none


def test_the_soaks_table_and_plot(tmp_path):
    done, taken = list(range(0, 2000, 20)), samples(threads=1.0)
    grown = {name: soak.growth(done, [getattr(sample, name) for sample in taken]) for name in soak.WATCHED}
    text = soak.table(done, taken, grown, ["ValueError: no picture"])
    assert text.count("**grows**") == 1
    assert "1 failed: ValueError: no picture" in text
    soak.plot(done, taken, tmp_path / "soak.svg")
    assert (tmp_path / "soak.svg").read_text().count("memory, MB") or (tmp_path / "soak.svg").stat().st_size > 5000


def test_no_thread_is_left_by_whom_opens_the_page(served):
    before = threading.active_count()
    with load.opening(served[2], pause=0.01):
        time.sleep(0.1)
    assert threading.active_count() <= before + 1
