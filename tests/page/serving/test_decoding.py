"""Photographs are opened outside of the place in which networks work, and for nobody who has left."""

import socket
import threading

import httpx
import pytest
from asking import answer, ask, being_served, uploaded
from conftest import colour_photo

from colorizer.page import app_options
from colorizer.page.serving.memory import BASE, DECODED, memory_limit, shares
from colorizer.page.session.request import Asked
from colorizer.page.session.shelf import Shelf
from colorizer.photo.decoder_pool import DecoderPool
from colorizer.runtime.turns import NobodyWaits

BROWSER = {"Accept": "image/avif,image/webp,*/*"}


class SlowDecoders(DecoderPool):
    """Photographs called slow.png take until they are released, or until their asker has left."""

    def __init__(self):
        super().__init__()
        self.begun, self.release, self.left = threading.Event(), threading.Event(), threading.Event()

    def read(self, source, *, left, **options):
        if "slow.png" in str(source):
            self.begun.set()
            while not self.release.wait(0.02):
                if left():
                    self.left.set()
                    raise NobodyWaits
        return super().read(source, left=left, **options)


@pytest.fixture(scope="module")
def served(weights, cache):
    """A page's address, and what it colours with."""
    shelf = Shelf(weights)
    with being_served(shelf, app_kwargs=app_options(shelf)) as page:
        yield page.local_url, shelf


@pytest.fixture
def decoders(served, monkeypatch):
    pool = SlowDecoders()
    monkeypatch.setattr(served[1], "decoders", pool)
    yield pool
    pool.release.set()
    pool.close()


@pytest.fixture
def http(served, decoders):
    with httpx.Client(base_url=served[0], timeout=60) as client:
        yield client
        decoders.release.set()


def test_a_photograph_that_takes_long_to_open_keeps_no_network_from_others(http, decoders):
    slow = ask(http, uploaded(http, colour_photo(seed=1), "slow.png"))
    assert decoders.begun.wait(30)
    assert "event: complete" in answer(http, ask(http, uploaded(http, colour_photo(seed=2), "quick.png")))
    decoders.release.set()
    assert "event: complete" in answer(http, slow)


def leave(http, decoders, path):
    """Ask for a path, and leave when the photograph is being opened."""
    asked = http.base_url.join(path)
    with socket.create_connection((asked.host, asked.port)) as visitor:
        head = f"GET {asked.raw_path.decode()} HTTP/1.1\r\nHost: {asked.host}\r\nAccept: {BROWSER['Accept']}\r\n\r\n"
        visitor.sendall(head.encode())
        assert decoders.begun.wait(30)
    assert decoders.left.wait(10)


def test_who_leaves_before_the_preview_is_there_stops_it(http, decoders):
    path = uploaded(http, colour_photo(seed=3), "slow.png")["path"]
    leave(http, decoders, f"gradio_api/file={path}")


def test_who_leaves_before_the_answer_is_there_stops_it(http, decoders):
    number = ask(http, uploaded(http, colour_photo(seed=4), "slow.png"))
    leave(http, decoders, f"gradio_api/call/colorize/{number}")
    assert "event: complete" in answer(http, ask(http, uploaded(http, colour_photo(seed=5), "quick.png")))


def test_a_preview_that_two_want_is_made_for_who_stays(http, decoders):
    path = uploaded(http, colour_photo(seed=6), "slow.png")["path"]
    got = []
    stays = threading.Thread(target=lambda: got.append(http.get(f"gradio_api/file={path}", headers=BROWSER)))
    stays.start()
    assert decoders.begun.wait(30)
    with pytest.raises(httpx.ReadTimeout):
        http.get(f"gradio_api/file={path}", headers=BROWSER, timeout=0.5)
    decoders.release.set()
    stays.join(30)
    assert got[0].headers["content-type"] == "image/jpeg"


def test_shares_of_the_memory_fit_into_it():
    for memory in (1e9, 2e9, 4e9, 16e9, 64e9):
        pixels, decoding, kept = shares(memory)
        colouring = 9 * pixels
        assert BASE + decoding + 4 * kept + colouring <= max(memory, BASE + 0.1e9)
        assert DECODED * pixels <= decoding
    assert shares(2e9).pixels > 40e6
    assert shares(8e9).pixels == 120e6


@pytest.mark.parametrize("given", ["0", "0.5", "much", "inf", "nan"])
def test_memory_is_a_number_of_gigabytes(monkeypatch, given):
    monkeypatch.setenv("COLORIZER_MEMORY_GB", given)
    with pytest.raises(ValueError, match="COLORIZER_MEMORY_GB is gigabytes"):
        memory_limit()


def test_a_container_says_how_much_memory_there_is(monkeypatch, tmp_path):
    monkeypatch.delenv("COLORIZER_MEMORY_GB", raising=False)
    (tmp_path / "memory.max").write_text("max\n")
    monkeypatch.setattr("colorizer.page.serving.memory._LIMITS", [str(tmp_path / "memory.max"), "/none"])
    machine = memory_limit()
    assert machine > 1e8
    (tmp_path / "memory.max").write_text("123456789\n")
    assert memory_limit() == 123456789
    monkeypatch.setenv("COLORIZER_MEMORY_GB", "2")
    assert memory_limit() == 2e9


def test_a_photograph_has_less_pixels_where_there_is_less_memory(monkeypatch, weights):
    monkeypatch.setenv("COLORIZER_MEMORY_GB", "2")
    assert Shelf(weights).decoders.max_pixels == shares(2e9).pixels


def test_all_answers_for_a_photograph_share_its_picture(weights, tmp_path):
    shelf, path = Shelf(weights), tmp_path / "a.png"
    colour_photo(64, 48).save(path)
    for checkpoint in ("mobile-unet", "resnet18-decoder"):
        answer = shelf.answer(Asked(str(path), checkpoint))
        assert answer.result.original is answer.plain.original is shelf.open(str(path)).photo
