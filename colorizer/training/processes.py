"""One process or many: joining those that accelerate started, and what they exchange."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import DistributedDataParallelKwargs, InitProcessGroupKwargs, gather_object
from torch import nn

from .recipes import Recipe, Run

T = TypeVar("T")


def start(recipe: Recipe, run: Run, out: Path, parts_rest: bool = False) -> Accelerator:
    """Join the processes that torchrun or `accelerate launch` started; if there are none, run alone.

    parts_rest: whether some trainable parts of the network get no gradient; torch needs to know this.

    Raises ValueError for settings that this machine cannot follow.
    """
    if recipe.precision == "fp16" and not torch.cuda.is_available():
        raise ValueError("--precision fp16 needs a GPU; bf16 is what processors know")
    if (
        run.compile
        and not torch.cuda.is_available()
        and not any(map(shutil.which, (os.getenv("CXX", "g++"), "clang++")))
    ):
        raise ValueError("--compile needs a C++ compiler, and there is none: install g++, or leave --compile out")
    for tracker in run.trackers:
        if find_spec(tracker) is None:
            raise ValueError(f"{tracker} is not installed; `pip install {tracker}`, or leave it out of --trackers")
    several = int(os.environ.get("WORLD_SIZE", "1"))
    AcceleratorState._reset_state()  # it outlives an Accelerator: a notebook may train twice with different precisions
    accelerator = Accelerator(
        mixed_precision=precision_here(recipe.precision),
        cpu=several > 1 and not torch.cuda.is_available(),  # torchrun does not set this: each would train alone
        log_with=list(run.trackers) or None,
        project_dir=str(out),
        dynamo_backend="inductor" if run.compile else "no",
        kwargs_handlers=[
            DistributedDataParallelKwargs(find_unused_parameters=parts_rest),
            # The last validation takes long, and one process may do more of it than others.
            InitProcessGroupKwargs(timeout=timedelta(hours=2)),
        ],
    )
    if accelerator.num_processes != several:
        raise ValueError(f"{several} processes were started, but {accelerator.num_processes} found each other")
    shares = accelerator.num_processes * recipe.accumulate
    if recipe.batch % shares:
        raise ValueError(
            f"--batch {recipe.batch} cannot be cut into {shares} equal parts ({accelerator.num_processes} processes, "
            f"--accumulate {recipe.accumulate}); make it a multiple of {shares}"
        )
    return accelerator


def precision_here(precision: str) -> str:
    """The precision of "auto" here: "bf16" if that is faster, else "no"; any other value is returned as it is.

    Processors that only emulate bfloat16 take twice as long with it as with float32.
    """
    if precision != "auto":
        return precision
    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "no"
    known = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return "bf16" if known else "no"


def mean_over(accelerator: Accelerator, *values: float) -> list[float]:
    """The mean of each value over all processes."""
    if accelerator.num_processes == 1:
        return list(values)
    reduced = accelerator.reduce(torch.tensor(values, dtype=torch.float64, device=accelerator.device), "mean")
    return reduced.tolist()


def gather(accelerator: Accelerator, mine: list[T]) -> list[T]:
    """The lists of all processes, joined."""
    return mine if accelerator.num_processes == 1 else gather_object(mine)


def average_buffers(accelerator: Accelerator, network: nn.Module, names: tuple[str, ...]) -> None:
    """Set these buffers in every process to their mean over processes."""
    if accelerator.num_processes > 1:
        for name in names:
            buffer = network.get_buffer(name)
            buffer.copy_(accelerator.reduce(buffer, "mean"))


def synchronized(network: nn.Module, accelerator: Accelerator) -> nn.Module:
    """The network; on several GPUs, its batch norms see the batches of all of them."""
    if accelerator.num_processes > 1 and accelerator.device.type == "cuda":
        return nn.SyncBatchNorm.convert_sync_batchnorm(network)
    return network


def describe(accelerator: Accelerator) -> dict[str, Any]:
    """Describe where training runs, for run.json and the report."""
    import platform

    device = accelerator.device
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "processes": accelerator.num_processes,
        "threads": torch.get_num_threads(),
        "cores": os.cpu_count(),
    }
