"""One visitor's large photos do not make others wait: they have a turn of their own."""

import itertools
import threading
import time
from contextlib import suppress

import gradio as gr
import httpx
import pytest
from asking import answer, ask, being_served, uploaded
from conftest import colour_photo, wait_for

from colorizer.page import app_options
from colorizer.page.session import lanes as turns
from colorizer.page.session import shelf as shelves
from colorizer.page.session.lanes import AHEAD, Lanes, Lately, Work, while_holding
from colorizer.page.session.shelf import Shelf
from colorizer.photo.decoder_pool import DecoderPool

LARGE, ORDINARY = 5_000_000, 1_000_000


class Worker(threading.Thread):
    """Works on a photo of so many pixels until it may end."""

    def __init__(self, lanes, pixels):
        super().__init__(daemon=True)
        self.lanes, self.pixels = lanes, pixels
        self.works, self.may_end = threading.Event(), threading.Event()
        self.start()

    def run(self):
        with self.lanes.turn():
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
    with lanes.turn():
        lanes.size(LARGE)
        with lanes.released():
            lanes.size(ORDINARY)
            other = Worker(lanes, LARGE)
            assert not other.works.wait(0.1)
    assert other.works.wait(10)
    other.end()
    with suppress(RuntimeError), lanes.turn():
        lanes.size(LARGE)
        raise RuntimeError
    with lanes.turn():  # an error gives it back
        lanes.size(LARGE)


def test_little_work_passes_much_but_not_for_ever(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("colorizer.page.session.lanes.time.monotonic", lambda: now[0])
    lanes, order, threads = Lanes(20_000_000), [], []

    def work(name, pixels):
        with lanes.turn(Work(since=now[0])):
            lanes.size(pixels)
            order.append(name)

    with lanes.turn():
        lanes.size(1)
        for when, name, pixels in ((0, "12 MP", 12_000_000), (1, "1 MP", 1_000_000), (23, "late", 1_000_000)):
            now[0] = when
            threads.append(threading.Thread(target=work, args=(name, pixels)))
            threads[-1].start()
            wait_for(lambda: len(lanes._ordinary._waiting) == len(threads))
    for thread in threads:
        thread.join(30)
    assert order == ["1 MP", "12 MP", "late"]


@pytest.mark.parametrize(("pixels", "held"), [(LARGE, 2), (ORDINARY, 3)])
def test_a_photo_goes_out_of_memory_before_the_next_ones_are_opened(pixels, held):
    """Handlers in two steps keep theirs between these, while others have the turn."""
    lanes, lock, opened, most = Lanes(2_000_000), threading.Lock(), [], []

    def count(more):
        with lock:
            opened.append(more)
            most.append(sum(opened))

    def handler():
        with lanes.released():
            lanes.size(pixels)
            count(1)
        time.sleep(0.01)
        yield 1
        lanes.size(pixels)
        count(-1)
        yield 2

    steps = while_holding(lanes, handler)
    workers = [threading.Thread(target=lambda: [*steps()]) for _ in range(20)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert sum(opened) == 0
    assert max(most) <= held + (AHEAD if pixels == ORDINARY else 0)


def queued(lanes, visitor, pixels, networks=1, left=lambda: False):
    """A visitor's work that waits, in a thread; and what notes its turn."""
    began = threading.Event()

    def work():
        with lanes.turn(Work(visitor=visitor, left=left)):
            lanes.networks(networks)
            with suppress(Exception):
                lanes.size(pixels)
                began.set()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread, began


def test_who_asked_for_less_lately_comes_first(monkeypatch):
    """One address cannot keep others waiting, whatever it asked, and however long ago."""
    monkeypatch.setattr(turns, "SECONDS_PER_MEGAPIXEL", 0)
    lanes, order = Lanes(2_000_000), []
    for _ in range(20):
        lanes._lately.add("much", 1_900_000)
    give, threads = lanes._ordinary.leave, []
    with lanes.turn(Work(visitor="much")):
        lanes.size(ORDINARY)
        for number in range(20):
            threads.append(queued(lanes, "much", 1_900_000))
            wait_for(lambda count=number + 1: len(lanes._ordinary._waiting) == count)
        threads.append(queued(lanes, "little", ORDINARY))
        wait_for(lambda: len(lanes._ordinary._waiting) == 21)
        lanes._ordinary.leave = lambda visitor: (order.append(visitor), give(visitor))
    for thread, _ in threads:
        thread.join(30)
    assert order[:2] == ["much", "little"]
    assert len(order) == 22


def test_what_was_asked_for_is_forgotten(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("colorizer.page.session.lanes.time.monotonic", lambda: now[0])
    asked = Lately()
    asked.add("a", 8_000_000)
    now[0] = turns.HALVED
    assert asked.megapixels("a") == 4
    now[0] *= 5
    asked.add("b", 1_000_000)
    assert [*asked._asked] == ["b"]


def test_several_networks_are_as_much_work_as_a_large_photo():
    lanes = Lanes(2_000_000)
    with lanes.turn():
        lanes.size(ORDINARY)
        thread, began = queued(lanes, "a", ORDINARY, networks=3)
        assert began.wait(10), "it has the other turn"
        thread.join(10)


def test_a_comparison_gives_way_after_each_network():
    lanes = Lanes(2_000_000)
    with lanes.turn():
        lanes.size(ORDINARY)
        thread, began = queued(lanes, "a", ORDINARY)
        wait_for(lambda: lanes._ordinary._waiting)
        assert not began.is_set()
        lanes.give_way()
        assert began.is_set()
    thread.join(10)


def test_who_has_left_does_not_wait(monkeypatch):
    monkeypatch.setattr(turns, "LOOK", 0.01)
    lanes, left = Lanes(2_000_000), threading.Event()
    with lanes.turn():
        lanes.size(ORDINARY)
        thread, began = queued(lanes, "a", ORDINARY, left=left.is_set)
        wait_for(lambda: lanes._ordinary._waiting)
        left.set()
        thread.join(10)
        assert not thread.is_alive()
        assert not began.is_set()
        assert not lanes._ordinary._waiting
    left.set()
    with lanes.turn(Work(left=left.is_set)):
        lanes.size(ORDINARY)
        with pytest.raises(gr.Error):
            lanes.give_way()


def test_one_visitor_leaves_a_place_to_open_a_photo():
    lanes = Lanes(2_000_000)
    for _ in range(AHEAD):
        lanes._ahead.enter(visitor="much")
    waits = threading.Thread(target=lambda: lanes._ahead.enter(visitor="much"), daemon=True)
    waits.start()
    wait_for(lambda: lanes._ahead._waiting)
    lanes._ahead.enter(visitor="little")
    assert waits.is_alive()
    lanes._ahead.leave("much")
    waits.join(10)


def test_who_fails_to_open_a_photo_waits_no_more():
    lanes = Lanes(2_000_000)
    with lanes.turn(), suppress(RuntimeError), lanes.released():
        busy = Worker(lanes, ORDINARY)
        assert busy.works.wait(10)
        lanes.size(ORDINARY)
        raise RuntimeError
    assert busy.is_alive()
    busy.end()


@pytest.fixture(scope="module")
def page(weights, cache):
    """A server to which work on more than 5,000 pixels is large, and what it colours with."""
    shelf = Shelf(weights)
    shelf.decoders = DecoderPool()  # of its own, as a test changes it
    shelf.work_lock = Lanes(5_000)
    with being_served(shelf, app_kwargs=app_options(shelf), max_threads=2 * shelves.PLACES) as page:
        yield page, shelf
    shelf.decoders.close()


@pytest.fixture
def served(page, monkeypatch):
    """These, and what lets large work go on."""
    _, shelf = page
    go_on, load = threading.Event(), shelf.colorizer

    def slow(name):
        if shelf.work_lock._mine.work.pixels > 5_000:
            assert go_on.wait(60)
        return load(name)

    monkeypatch.setattr(shelf, "colorizer", slow)
    yield *page, go_on
    go_on.set()


SEEDS = itertools.count()


def asked(http, size, endpoint="colorize"):
    """The number of a question for the colours of a photo of that size, for which nobody has asked yet."""
    return ask(http, uploaded(http, colour_photo(*size, seed=next(SEEDS))), endpoint)


@pytest.mark.parametrize(("endpoint", "size"), [("colorize", (100, 80)), ("compare", (60, 50))])
def test_an_ordinary_photo_does_not_wait_for_one_visitors_large_work(served, endpoint, size):
    page, _, go_on = served
    with httpx.Client(base_url=page.local_url, timeout=60) as http:
        large = [asked(http, size, endpoint) for _ in range(8)]
        assert "event: complete" in answer(http, asked(http, (60, 50)))
        go_on.set()
        assert all("event: complete" in answer(http, number) for number in large)


def test_large_photos_leave_places_to_others(served, monkeypatch):
    """Where very many wait, others are told that the server is busy; one of them is worked on."""
    page, _, go_on = served
    monkeypatch.setattr(shelves, "MOST_OF_ONE", 2)
    with httpx.Client(base_url=page.local_url, timeout=60) as http:
        waiting = page._queue.active_jobs
        large = [asked(http, (100, 80)) for _ in range(5)]
        wait_for(lambda: sum(job is not None for job in waiting) == 3)
        assert "event: complete" in answer(http, asked(http, (60, 50)))
        go_on.set()
        said = [answer(http, number) for number in large]
    assert sum("event: complete" in each for each in said) == 3
    assert sum("The server is busy" in each for each in said) == 2


def test_photos_that_wait_for_their_turn_are_not_in_memory(served, monkeypatch):
    """But for a few, which are opened while another is worked on."""
    page, shelf, _ = served
    decoded, read = [], shelf.decoders.read

    def noted(*values, **named):
        decoded.append(read(*values, **named))
        return decoded[-1]

    monkeypatch.setattr(shelf.decoders, "read", noted)
    with httpx.Client(base_url=page.local_url, timeout=60) as http:
        with shelf.network_lock.taken():  # nobody is served until all have come
            numbers = [asked(http, (60, 50)) for _ in range(AHEAD + 6)]
            wait_for(lambda: len(decoded) == AHEAD + 1)
            time.sleep(0.3)
            assert len(decoded) == AHEAD + 1
        assert all("event: complete" in answer(http, number) for number in numbers)
