"""How many threads work on what.

The same arithmetic is done by the same number of threads, so that the same photograph gives the same bytes: how a
convolution or a matrix product is cut into pieces, and with that the order in which numbers are added up, depends on
how many threads share it. What a network says is therefore always computed with `COUNT` threads, whatever PyTorch is
told elsewhere; what is done pixel by pixel (`strips`) is the same with any number.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
COUNT = min(4, _CORES)
"""More hardly pay for pictures as small as networks are fed with."""
_STRIPS = torch.get_num_threads()
_own = threading.local()


@contextmanager
def steady() -> Iterator[None]:
    """Within, PyTorch computes with `COUNT` threads for whoever called. Also a decorator."""
    before = torch.get_num_threads()
    torch.set_num_threads(COUNT)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def for_strips() -> int:
    """Threads that share a photograph's pixels: $OMP_NUM_THREADS, or one for each core."""
    return getattr(_own, "strips", _STRIPS)


def limit_strips(threads: int) -> None:
    """From now on, share the pixels of photographs that the calling thread works on among so many threads."""
    _own.strips = threads
