"""The conclusions of the benchmarks of a server; tests/page/serving/test_load.py has many visitors at once."""

import os

import numpy as np

from benchmarks.visitors import soak, strangers
from benchmarks.visitors.server import Sample, Server


def test_growth_is_told_from_noise_in_a_table():
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


def test_a_visitor_who_is_kept_waiting_is_a_problem(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"x")
    server = Server("http://127.0.0.1:1/", os.getpid(), tmp_path, tmp_path)
    with strangers.polite(server, tmp_path / "a.jpg", ("page",)) as waits:
        pass
    assert waits.problems
    assert waits.problems[0].startswith("ConnectError")
