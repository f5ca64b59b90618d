"""Photographs are decoded in separate processes, which have limits and may crash."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import colour_photo, wait_for
from hostile import PHOTO, encode, sound
from PIL import Image

from benchmarks.visitors.hostile_files import many_scans
from colorizer import PhotoError, open_photo, read_photo
from colorizer.photo import decoder_pool
from colorizer.photo.caption import Caption, caption_of, captioned
from colorizer.photo.decoder_pool import DecoderPool
from colorizer.photo.metadata import Metadata
from colorizer.photo.save import save_photo
from colorizer.runtime.turns import NobodyWaits


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A photograph that takes a moment to decode."""
    path = tmp_path_factory.mktemp("large") / "large.jpg"
    colour_photo(4500, 3000).save(path, progressive=True)
    return path


@pytest.fixture
def pool():
    pool = DecoderPool()
    yield pool
    pool.close()


def running(pool):
    return [process._popen.pid for process in [*pool._free, *pool._at_work]]


def test_the_pixels_are_those_of_open_photo(pool, tmp_path):
    for name, data in sound().items():
        (tmp_path / name).write_bytes(data)
        expected = open_photo(data)
        for opened in (pool.read(tmp_path / name).image, pool.read(data, name=name).image):
            assert (opened.size, opened.tobytes()) == (expected.size, expected.tobytes()), name
    assert len(running(pool)) == 1


def test_what_a_file_says_needs_no_pixels(pool, tmp_path):
    said = captioned(Metadata(dpi=(300.0, 300.0)), Caption("A street", "1900", "Somebody"))
    for name in ("a.jpg", "a.png", "a.tif"):
        save_photo(PHOTO, tmp_path / name, metadata=said)
        assert pool.said(tmp_path / name) == read_photo(tmp_path / name).metadata, name
        assert caption_of(pool.said((tmp_path / name).read_bytes())) == ("A street", "1900", "Somebody"), name
    cut = (tmp_path / "a.jpg").read_bytes()[:-200]
    assert caption_of(pool.said(cut)).title == "A street"
    with pytest.raises(PhotoError):
        pool.read(cut)
    with pytest.raises(PhotoError, match=r"letter.jpg"):
        pool.said(b"Dear grandmother", name="letter.jpg")
    assert pool.read(tmp_path / "a.png").image.size == PHOTO.size
    assert len(running(pool)) == 1


def test_refusals_have_the_same_sentence_as_open_photo(pool, tmp_path):
    (tmp_path / "words.jpg").write_bytes(b"Dear grandmother")
    for source, options in ((tmp_path / "words.jpg", {}), (b"words", {"name": "a"}), (tmp_path / "none.png", {})):
        with pytest.raises(PhotoError) as expected:
            open_photo(source, **options)
        with pytest.raises(PhotoError) as refused:
            pool.read(source, **options)
        assert (refused.value.kind, str(refused.value)) == (expected.value.kind, str(expected.value))
    assert pool.read(encode(PHOTO, "PNG")).image.size == PHOTO.size


@pytest.mark.skipif(os.name != "posix", reason="other systems do not count how long a process computes")
def test_a_deep_photo_that_is_too_large_is_not_in_the_way_of_the_next(tmp_path):
    Image.new("I;16", (600, 400)).save(tmp_path / "deep.tif")
    pool = DecoderPool(max_bytes=2_000_000)
    try:
        with pytest.raises(PhotoError) as refused:
            pool.read(tmp_path / "deep.tif", deep=True)
        assert refused.value.kind == "photo_memory"
        assert pool.read(encode(PHOTO, "PNG")).image.size == PHOTO.size
        assert len(running(pool)) == 1
    finally:
        pool.close()


def test_a_decoder_that_takes_too_long_is_killed(pool, monkeypatch):
    monkeypatch.setattr(decoder_pool, "SECONDS", 0.05)
    monkeypatch.setattr(decoder_pool, "SECONDS_PER_MEGAPIXEL", 0.0)
    with pytest.raises(PhotoError, match=r"slow.jpg takes more than 0 seconds"):
        pool.read(many_scans(6000, 4000, 80), name="slow.jpg")
    assert running(pool) == []
    monkeypatch.undo()
    assert pool.read(encode(PHOTO, "PNG")).image.size == PHOTO.size


def test_decoding_has_a_wall_clock_limit_too(pool, large, monkeypatch):
    monkeypatch.setattr(decoder_pool, "BUSY", 0.0)
    monkeypatch.setattr(decoder_pool, "LOOK", 0.005)
    pool.start()
    with pytest.raises(PhotoError, match=r"large.jpg takes more than"):
        pool.read(large)
    assert running(pool) == []


def test_decoding_stops_when_the_visitor_leaves(pool, large):
    start = time.monotonic()
    with pytest.raises(NobodyWaits):
        pool.read(large, left=lambda: True)
    assert time.monotonic() - start < 5
    assert running(pool) == []


def test_a_visitor_who_leaves_the_queue_is_not_served(large):
    pool = DecoderPool(processes=1)
    with pool._places.taken(1, lambda: False), pytest.raises(NobodyWaits):
        pool.read(large, left=lambda: True)
    assert pool.read(large).image.size == (4500, 3000)
    pool.close()


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize(("number", "kind"), [(signal.SIGSEGV, "photo_damaged"), (signal.SIGKILL, "photo_memory")])
def test_a_crashed_decoder_gives_one_sentence(pool, large, number, kind):
    pool.start()
    pids = running(pool)

    def strike():
        wait_for(lambda: pool._at_work)
        os.kill(pids[0], number)

    thread = threading.Thread(target=strike)
    thread.start()
    with pytest.raises(PhotoError) as error:
        pool.read(large)
    thread.join()
    assert error.value.kind == kind
    assert pool.read(encode(PHOTO, "PNG")).image.size == PHOTO.size


def test_only_a_few_photos_are_decoded_at_once(large):
    pool, seen = DecoderPool(processes=2), []
    with ThreadPoolExecutor(6) as threads:
        jobs = [threads.submit(pool.read, large) for _ in range(6)]
        while not all(job.done() for job in jobs):
            seen.append(len(pool._at_work))
            time.sleep(0.01)
    assert {job.result().image.size for job in jobs} == {(4500, 3000)}
    assert max(seen) <= 2
    assert len(running(pool)) <= 2
    pool.close()


def test_all_decoders_share_one_memory_limit(large):
    """One progressive photograph of 13.5 megapixels takes four bytes a pixel, six for its scans, four on the way."""
    pool = DecoderPool(processes=2, max_bytes=208_000_000)
    most, whole = [], pool._memory._free
    with ThreadPoolExecutor(4) as threads:
        jobs = [threads.submit(pool.read, large) for _ in range(4)]
        while not all(job.done() for job in jobs):
            most.append(whole - pool._memory._free)
            time.sleep(0.01)
    assert {job.result().image.size for job in jobs} == {(4500, 3000)}
    assert 186_000_000 < max(most) <= 208_000_000
    pool.close()


def test_large_photos_leave_a_process_to_others(pool, large):
    """An ordinary photo is decoded while several large ones are, or wait."""
    assert not PHOTO.width * PHOTO.height > pool.large < 4500 * 3000
    with ThreadPoolExecutor(4) as threads:
        jobs = [threads.submit(pool.read, large) for _ in range(4)]
        wait_for(lambda: pool._large._free == 0)
        assert pool.read(encode(PHOTO, "PNG")).image.size == PHOTO.size
        assert sum(job.done() for job in jobs) <= 2
    assert {job.result().image.size for job in jobs} == {(4500, 3000)}


def test_the_number_of_pixels_is_known_before_they_are_decoded(pool, large, tmp_path):
    assert pool.pixels(large) == 4500 * 3000
    (tmp_path / "words.jpg").write_bytes(b"Dear grandmother")
    with pytest.raises(PhotoError):
        pool.pixels(tmp_path / "words.jpg")
    assert len(running(pool)) == 1


def test_no_process_is_left(large):
    pool = DecoderPool()
    pool.start()
    (pid,) = running(pool)
    pool.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


ABANDONED = """
import os, sys
from colorizer.photo.decoder_pool import DecoderPool
pool = DecoderPool()
pool.start()
print(pool._free[0]._popen.pid, flush=True)
os._exit(0)
"""


@pytest.mark.skipif(not os.path.exists("/proc/self"), reason="needs /proc")
def test_a_decoder_ends_with_its_parent():
    said = subprocess.run([sys.executable, "-c", ABANDONED], capture_output=True, text=True, check=True).stdout
    wait_for(lambda: not alive(int(said)), seconds=10)


def alive(pid):
    try:
        return "State:\tZ" not in open(f"/proc/{pid}/status").read()
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such limit")
def test_a_decoders_memory_has_a_limit():
    code = (
        "from colorizer.photo.decode_process import limit_memory\nbefore = bytearray(50_000_000)\n"
        "limit_memory(100_000_000)\nfine = bytearray(60_000_000)\ntry:\n    bytearray(100_000_000)\n"
        "except MemoryError:\n    print('no more')"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "no more\n"


def test_notes_pages_and_parts_come_with_the_photograph(pool):
    """The words that a page can tell its visitor."""
    pages = encode(Image.new("L", (40, 30), 50), "TIFF", save_all=True, append_images=[Image.new("L", (40, 30), 90)])
    opened = pool.read(pages, name="a.tif", page=2)
    assert opened.image.getpixel((0, 0)) == (90, 90, 90)
    assert (opened.pages, [note.kind for note in opened.notes]) == (2, ["photo_pages"])
    half = encode(Image.effect_noise((300, 300), 90), "PNG")[:40_000]
    with pytest.raises(PhotoError) as error:
        pool.read(half)
    assert error.value.kind == "photo_incomplete"
    assert pool.read(half, partial=True).incomplete
    exif = Image.Exif()
    exif[0x010E] = "a title"
    said = encode(PHOTO, "JPEG", exif=exif, dpi=(300, 300))
    assert pool.read(said).metadata == read_photo(said).metadata
    assert pool.read(said).metadata.dpi == (300, 300)
