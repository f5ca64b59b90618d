"""What the benchmarks of a server make of what they see; tests/page/serving/test_load.py has many visitors at once."""

import os
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from conftest import wait_for

from benchmarks.visitors import archive_run, soak, strangers
from benchmarks.visitors.hostile_files import overlapping_zip
from benchmarks.visitors.server import Sample, Server
from colorizer.files.zip_reader import ArchiveError, pictures_in

CHILD = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"


def test_growth_is_told_from_noise_in_a_table_and_a_plot():
    flat = {"memory": 500.0, "handles": 30, "threads": 20, "kept": 4, "kept_megabytes": 1.0, "temporary": 0}
    random, taken = np.random.default_rng(0), []
    for i in range(100):
        noisy = {name: value * (1 + random.normal() / 100) for name, value in flat.items()}
        taken.append(Sample(**{**noisy, "threads": 20 + i}))
    done = list(range(0, 2000, 20))
    grown = {name: soak.growth(done, [getattr(sample, name) for sample in taken]) for name in soak.WATCHED}
    text = soak.table(done, taken, grown, ["ValueError: no picture"])
    assert text.count("**grows**") == 1
    assert "1 failed: ValueError: no picture" in text
    assert ElementTree.fromstring(soak.plot(done, taken)).tag.endswith("svg")


@pytest.fixture
def sleeper():
    """A process with a child."""
    process = subprocess.Popen([sys.executable, "-c", CHILD], start_new_session=True)
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


@pytest.mark.full
@pytest.mark.skipif(sys.platform == "win32", reason="names, pipes and signals are as on Unix")
def test_a_small_archive_is_stopped_continued_and_changed(weights):
    found = archive_run.measure(16, weights)
    assert found.right, found.texts[0]
    assert len(found.texts[0].splitlines()) == 5
