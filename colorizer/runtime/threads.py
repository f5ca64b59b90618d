"""Sets how many threads each kind of work uses.

The number of threads decides how a convolution or a matrix product is divided, and so in which order numbers are added.
A network therefore always runs with `COUNT` threads, whatever PyTorch's setting is elsewhere, so that the same
photograph gives the same bytes. Work on single pixels (strips) gives the same result with any number of threads.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

import torch

_CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
COUNT = min(4, _CORES)
"""More threads hardly help with pictures as small as a network's input."""
_STRIPS = torch.get_num_threads()
_own = threading.local()

T = TypeVar("T")
R = TypeVar("R")


def _end_openmp_threads() -> None:
    """End the threads that OpenMP keeps for the calling thread; the next parallel work starts others. A forked child
    has none of them, and would wait for them for ever."""
    pause = getattr(ctypes.CDLL(None), "omp_pause_resource_all", None)  # since OpenMP 5.0
    if pause is not None:
        pause(2)  # omp_pause_hard


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_end_openmp_threads)


@contextmanager
def steady(threads: int = COUNT) -> Iterator[None]:
    """A context, also a decorator, in which PyTorch computes with so many threads for the calling thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def for_strips() -> int:
    """How many threads share a photograph's pixels: $OMP_NUM_THREADS, or one per core."""
    return getattr(_own, "strips", _STRIPS)


def limit_strips(threads: int) -> None:
    """From now on, use this many threads for the pixels of photographs that the calling thread works on."""
    _own.strips = threads


def in_order(pool: ThreadPoolExecutor, function: Callable[[T], R], items: Iterable[T], ahead: int) -> Iterator[R]:
    """function(item) for each item, in order, computed by the pool's threads at most `ahead` items in advance."""
    items = iter(items)
    pending = deque(pool.submit(function, item) for item in islice(items, ahead))
    try:
        while pending:
            result = pending.popleft().result()
            pending.extend(pool.submit(function, item) for item in islice(items, 1))
            yield result
    finally:
        for future in pending:
            future.cancel()
