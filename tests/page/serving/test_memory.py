"""The server's memory: what threads share, what is given back to the system, and what is kept of photos."""

import gc
import os
import platform
import subprocess
import sys
import weakref

import pytest
from conftest import colour_photo

from colorizer.page.session.answer import OpenedPhoto, Recent

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
from colorizer.runtime.memory import give_back
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


LARGE_PIECES = """
{}
from colorizer.page.serving.memory import LARGE
def megabytes():
    status = open("/proc/self/status").read()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024
before = megabytes()
for _ in range(2):  # glibc keeps the second ones
    pieces = [(bytearray(LARGE + 1000), bytearray(LARGE // 64)) for _ in range(10)]
    above = [small for _, small in pieces]
    del pieces
print(megabytes() - before)
"""


@pytest.mark.full
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has to be told")
def test_large_pieces_that_are_freed_are_given_back_at_once():
    def kept(first):
        command = [sys.executable, "-c", LARGE_PIECES.format(first)]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert kept("") > 100
    assert kept("from colorizer.page.serving.memory import share_memory; share_memory()") < 20


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
