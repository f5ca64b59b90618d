"""Memory that is free goes back to the system."""

import os

import pytest

from colorizer.runtime.memory import give_back


def held() -> int:
    """Megabytes that this process holds."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20


@pytest.mark.skipif(not os.access("/proc/self/statm", os.R_OK), reason="only Linux says how much memory is held")
def test_what_is_free_between_what_is_kept_is_given_back():
    many = [b"\1" * 100_000 for _ in range(2000)]
    many = many[::100]
    before = held()
    give_back()
    assert held() < before - 100
    assert len(many) == 20
