"""One visitor's large photos do not make others wait: they have a turn of their own."""

import io
import threading
from contextlib import suppress

import httpx
import pytest
from conftest import colour_photo, wait_for

from colorizer.page import app_options, build_page
from colorizer.page.gradio_server import WITHOUT_KNOCKING
from colorizer.page.session import shelf as shelves
from colorizer.page.session.fair_lock import FairLock, Lanes
from colorizer.page.session.shelf import Shelf

LARGE, ORDINARY = 5_000_000, 1_000_000


class Worker(threading.Thread):
    """Works on a photo of so many pixels until it may end."""

    def __init__(self, lanes, pixels):
        super().__init__(daemon=True)
        self.lanes, self.pixels = lanes, pixels
        self.works, self.may_end = threading.Event(), threading.Event()
        self.start()

    def run(self):
        with self.lanes:
            with self.lanes.released():
                self.lanes.size(self.pixels)
            self.works.set()
            assert self.may_end.wait(30)

    def end(self):
        self.may_end.set()
        self.join(30)


def test_one_large_photo_and_one_other_are_worked_on():
    lanes = Lanes(2_000_000)
    first, second = Worker(lanes, LARGE), None
    assert first.works.wait(10)
    second = Worker(lanes, LARGE)
    ordinary = Worker(lanes, ORDINARY)
    assert ordinary.works.wait(10)
    assert not second.works.wait(0.1)
    waiting = Worker(lanes, ORDINARY)
    assert not waiting.works.wait(0.1)
    ordinary.end()
    assert waiting.works.wait(10)
    first.end()
    assert second.works.wait(10)
    second.end()
    waiting.end()


def test_a_large_photo_keeps_its_turn_while_another_is_opened():
    """As the picture whose colours it borrows."""
    lanes = Lanes(2_000_000)
    with lanes:
        lanes.size(LARGE)
        with lanes.released():
            lanes.size(ORDINARY)
            other = Worker(lanes, LARGE)
            assert not other.works.wait(0.1)
    assert other.works.wait(10)
    other.end()
    with suppress(RuntimeError), lanes:
        lanes.size(LARGE)
        raise RuntimeError
    with lanes:  # an error gives it back
        lanes.size(LARGE)


def test_who_does_not_work_at_full_size_has_no_turn():
    lanes = Lanes(2_000_000)
    with lanes.released():
        lanes.size(LARGE)
    with lanes:
        lanes.size(LARGE)


def test_little_work_passes_much_but_not_for_ever(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("colorizer.page.session.fair_lock.time.monotonic", lambda: now[0])
    turns, order, threads = FairLock(), [], []

    def work(name, pixels):
        turns.enter(pixels)
        order.append(name)
        turns.leave()

    with turns:
        for when, name, pixels in ((0, "12 MP", 12_000_000), (1, "1 MP", 1_000_000), (23, "late", 1_000_000)):
            now[0] = when
            threads.append(threading.Thread(target=work, args=(name, pixels)))
            threads[-1].start()
            wait_for(lambda: len(turns._waiting) == len(threads))
    for thread in threads:
        thread.join(30)
    assert order == ["1 MP", "12 MP", "late"]


@pytest.fixture
def served(weights, cache):
    """A server to which photos of more than 5,000 pixels are large, and what lets them go on."""
    shelf, go_on = Shelf(weights), threading.Event()
    shelf.work_lock = Lanes(5_000)
    run = shelf.run

    def slow(name, photo, hints=()):
        if photo.width * photo.height > 5_000:
            assert go_on.wait(60)
        return run(name, photo, hints)

    shelf.run = slow
    page = build_page(shelf)
    page.launch(
        prevent_thread_lock=True,
        quiet=True,
        app_kwargs=app_options(shelf),
        max_threads=2 * shelves.PLACES,
        **WITHOUT_KNOCKING,
    )
    yield page, go_on
    go_on.set()
    page.close()


def asked(http, size, seed):
    """The number of a question for the colours of a photo of that size."""
    buffer = io.BytesIO()
    colour_photo(*size, seed=seed).save(buffer, "PNG")
    (path,) = http.post("gradio_api/upload", files={"files": (f"{seed}.png", buffer.getvalue())}).json()
    photo = {"path": path, "meta": {"_type": "gradio.FileData"}}
    return http.post("gradio_api/call/v2/colorize", json={"photo": photo}).json()["event_id"]


def test_an_ordinary_photo_does_not_wait_for_one_visitors_large_ones(served):
    page, go_on = served

    def answer(number):
        return http.get(f"gradio_api/call/colorize/{number}").text

    with httpx.Client(base_url=page.local_url, timeout=60) as http:
        large = [asked(http, (100, 80), seed) for seed in range(6)]
        assert "event: complete" in answer(asked(http, (60, 50), 9))
        go_on.set()
        assert all("event: complete" in answer(number) for number in large)
