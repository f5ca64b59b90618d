"""How the long benchmark tells growth from noise, and what it says."""

import numpy as np

from benchmarks import soak
from benchmarks.server import Sample


def samples(**grows):
    """A hundred samples, in which some figures grow with each."""
    flat = {"memory": 500.0, "handles": 30, "threads": 20, "kept": 4, "kept_megabytes": 1.0, "temporary": 0}
    random = np.random.default_rng(0)
    return [
        Sample(**{name: value + grows.get(name, 0) * i + random.normal() * value / 100 for name, value in flat.items()})
        for i in range(100)
    ]


def test_growth_is_told_from_noise_in_a_table_and_a_plot(tmp_path):
    done, taken = list(range(0, 2000, 20)), samples(threads=1.0)
    grown = {name: soak.growth(done, [getattr(sample, name) for sample in taken]) for name in soak.WATCHED}
    text = soak.table(done, taken, grown, ["ValueError: no picture"])
    assert text.count("**grows**") == 1
    assert "1 failed: ValueError: no picture" in text
    soak.plot(done, taken, tmp_path / "soak.svg")
    assert b"<svg" in (tmp_path / "soak.svg").read_bytes()
