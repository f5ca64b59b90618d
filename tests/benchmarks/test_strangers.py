"""What the benchmark of attacks measures, and that it fails where a server comes to harm."""

import os
import subprocess
import sys

import pytest
from conftest import wait_for

from benchmarks import strangers
from benchmarks.hostile_files import overlapping_zip
from benchmarks.server import Server
from colorizer.files.zip_reader import ArchiveError, pictures_in

CHILD = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
SLEEPS = [sys.executable, "-c", CHILD]


@pytest.fixture
def sleeper():
    """A process with a child."""
    process = subprocess.Popen(SLEEPS, start_new_session=True)
    wait_for(lambda: strangers.children(process.pid))
    yield process
    os.killpg(process.pid, 9)
    process.wait()


def test_memory_of_children_counts_and_who_takes_more_is_ended(sleeper, monkeypatch):
    (child,) = strangers.children(sleeper.pid)
    wait_for(lambda: strangers.resident(child) > 1_000_000)  # once it runs what it was forked for
    with strangers.memory_of(sleeper.pid) as memory:
        wait_for(lambda: memory.peak > 0)
    assert memory.peak >= strangers.resident(child)
    monkeypatch.setattr(strangers, "LIMIT", 1_000_000)
    with strangers.memory_of(sleeper.pid) as memory:
        assert sleeper.wait(timeout=10) == -9
    assert memory.peak > 1_000_000


def test_a_visitor_who_is_kept_waiting_is_a_problem(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"x")
    server = Server("http://127.0.0.1:1/", os.getpid(), tmp_path, tmp_path)
    with strangers.polite(server, tmp_path / "a.jpg", ("page",)) as waits:
        pass
    assert waits.problems
    assert waits.problems[0].startswith("ConnectError")


def test_the_bomb_is_one(tmp_path):
    (tmp_path / "a.zip").write_bytes(overlapping_zip(3))
    with pytest.raises(ArchiveError, match="share the same bytes"):
        pictures_in(tmp_path / "a.zip", 10**12)


def test_attacks_that_were_not_tried_keep_their_rows():
    first, second, third = (attack.name for attack in strangers.ATTACKS[:3])
    document = f"| attack | now |\n| :-- | --: |\n| {first} | old |\n| {third} | kept |\n\nText."
    table = f"| attack | now |\n| :-- | --: |\n| {first} | new |\n| {second} | came |"
    assert strangers.merged(table, document).splitlines()[2:] == [
        f"| {first} | new |", f"| {second} | came |", f"| {third} | kept |",
    ]  # fmt: skip
