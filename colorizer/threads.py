"""The same arithmetic with the same number of threads, so that the same photograph gives the same bytes.

How a convolution or a matrix product is cut into pieces, and with that the order in which numbers are added up, depends
on how many threads share it. What a network says is therefore always computed with the same number of threads on a
machine, whatever PyTorch is told elsewhere; what is done pixel by pixel (`strips`) is the same with any.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

COUNT = min(4, os.cpu_count() or 1)
"""More hardly pay for pictures as small as networks are fed with, and an archive's workers share the cores."""


@contextmanager
def steady() -> Iterator[None]:
    """Within, PyTorch computes with `COUNT` threads for whoever called. Also a decorator."""
    before = torch.get_num_threads()
    torch.set_num_threads(COUNT)
    try:
        yield
    finally:
        torch.set_num_threads(before)
