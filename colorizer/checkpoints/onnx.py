"""A checkpoint as an ONNX graph, for programs without torch: from lightness, and hints, to ab in Lab units.

The graph is the network and its checkpoint's own readout. The other work of `Colorizer` (lightness at the network's
input size, hints as planes, colours resized to the photograph) takes a few lines in any language; see docs/onnx.md. We
use torch's exporter based on `torch.export`; the older one, based on TorchScript, cannot export all architectures
(antialiased resizing, attention).
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..architectures.contract import Architecture
from ..errors import CheckpointError, need
from ..files.atomic import whole_file
from .card import Card

OPSET = 18
"""The first opset with antialiased resizing, and the one the exporter writes. Runtimes since 2023 read it."""
TOLERANCE = 1e-3
"""Largest allowed difference between onnxruntime and torch, in Lab units."""
LEAST_SIDE = 32
"""In pixels. Smaller inputs take other paths through some networks than the one that is exported."""
KEY = "colorizer"
"""Key under which a graph's metadata holds the checkpoint's card, as JSON."""

Size = tuple[int, int]


class Exported(NamedTuple):
    """The result of an export."""

    inputs: tuple[str, ...]
    difference: float
    """Largest difference of any ab between onnxruntime and torch, in Lab units."""


def write_graph(network: Architecture, card: Card, target: Path) -> Exported:
    """Write a network with its card as an ONNX file, atomically and only if it passes the check.

    Inputs: L float32 (B, 1, H, W) in [0, 100], and for architectures that take hints, hints float32 (B, 3, H, W) = a, b
    in Lab units and a mask of 0 or 1, zeros where there is no hint. Output: ab float32 (B, 2, h, w), Lab units; h, w
    may be smaller than H, W. H and W are multiples of the stride and at least `LEAST_SIDE`, or those of a network that
    takes one size only; B is any. The file's metadata hold the card and describe the inputs: see `metadata`.

    Raises CheckpointError when it cannot be written, and ValueError for a package that is missing, and a graph that
    onnxruntime does not compute as torch does.
    """
    need("needs_onnx", "onnx", "onnxscript", "onnxruntime")
    fixed = (network.working_size, network.working_size) if network.fixed_size else None
    answer = Answer(network, card)
    with whole_file(target, CheckpointError) as partial:
        _write(answer, partial, fixed, metadata(card, network, fixed))
        difference = _difference(answer, partial, _sizes_to_check(network, card, fixed))
        if not difference <= TOLERANCE:
            raise ValueError(
                f"onnxruntime and torch differ by {difference:.2g} Lab units, more than {TOLERANCE:g}; "
                "nothing was written. Please report this with the versions of torch, onnxscript and onnxruntime"
            )
    return Exported(answer.inputs, difference)


class Answer(nn.Module):
    """The computation in the graph: a network with its checkpoint's own readout."""

    def __init__(self, network: Architecture, card: Card):
        super().__init__()
        self.network = network.eval()
        self.card = card
        self.readout = {"temperature": card.temperature} if network.has_distribution else {}
        self.inputs = ("L", "hints") if network.takes_hints else ("L",)

    def forward(self, L: Tensor, hints: Tensor | None = None) -> Tensor:
        """-> ab (B, 2, h, w), Lab units."""
        return self.network.to_ab(self.network(L, hints), L, **self.readout)


def metadata(card: Card, network: Architecture, fixed: Size | None) -> dict[str, Any]:
    """A graph's metadata: its checkpoint's card; `stride`, which must divide the sides; and `size` [H, W] if only one
    is allowed."""
    said = {key: value for key, value in asdict(card).items() if key not in {"path", "history", "error"}}
    return {**said, "stride": network.stride, "size": fixed, "takes_hints": network.takes_hints}


def description(card: Card) -> str:
    """A graph's description, for programs that show it."""
    return f"{card.title}. Colours are a guess: what a network finds likely, not what was there."


def _write(answer: Answer, path: Path, fixed: Size | None, card: Mapping[str, Any]) -> None:
    from onnx_ir.passes.common import ClearMetadataAndDocStringPass

    stride = answer.network.stride
    # No two sides are equal, or the exporter ties them together; and none is a special case in a network.
    height, width = fixed or (-(-96 // stride) * stride, -(-160 // stride) * stride)
    axes = {0: "batch"} if fixed else {0: "batch", 2: "height", 3: "width"}
    given = dict(zip(answer.inputs, example(answer, (2, height, width)), strict=True))
    program = traced(answer, given, ["ab"], [axes for _ in given])
    ClearMetadataAndDocStringPass()(program.model)  # the exporter's notes contain this machine's paths
    program.model.metadata_props[KEY] = json.dumps(card)
    program.model.doc_string = description(answer.card)
    path.parent.mkdir(parents=True, exist_ok=True)
    program.save(path, external_data=False)


def example(answer: Answer, size: tuple[int, int, int], hinted: bool = True) -> tuple[Tensor, ...]:
    """Example inputs of `size` (B, H, W) for `Answer.forward`: lightness, and one hint or none."""
    batch, height, width = size
    random = torch.Generator().manual_seed(height)
    L = F.interpolate(torch.rand(batch, 1, 5, 7, generator=random) * 100, (height, width), mode="bilinear")
    hints = torch.zeros(batch, 3, height, width)
    if hinted:
        hints[:, :, 4:11, 9:16] = torch.tensor([40.0, 30.0, 1.0])[:, None, None]
    return (L, hints)[: len(answer.inputs)]


def _sizes_to_check(network: Architecture, card: Card, fixed: Size | None) -> list[tuple[int, int, int]]:
    """The checkpoint's own size as a square, and another shape if sizes are free; batch sizes differ too."""
    if fixed:
        return [(1, *fixed), (3, *fixed)]
    own = max(LEAST_SIDE, round((card.working_size or network.working_size) / network.stride) * network.stride)
    return [(1, own, own), (3, 2 * network.stride * -(-32 // network.stride), LEAST_SIDE * -(-network.stride // 32))]


def _difference(answer: Answer, path: Path, sizes: list[tuple[int, int, int]]) -> float:
    """Largest difference of any ab between onnxruntime and torch, in Lab units; NaN if either gives NaN."""
    session = session_of(path)
    worst = torch.zeros(())
    for size in sizes:
        for hinted in (True, False)[: len(answer.inputs)]:
            inputs = example(answer, size, hinted)
            with torch.inference_mode():
                expected = answer(*inputs)
            (ab,) = session.run(None, dict(zip(answer.inputs, (value.numpy() for value in inputs), strict=True)))
            worst = torch.maximum(worst, (torch.from_numpy(ab) - expected).abs().max())
    return float(worst)


def session_of(model: Path | bytes) -> Any:
    """A session of onnxruntime that computes a graph, given as a file or its bytes, on the CPU, with as many threads as
    torch."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def traced(
    module: nn.Module, given: Mapping[str, Tensor], outputs: Sequence[str], shapes: Sequence[Any], optimize: bool = True
) -> torch.onnx.ONNXProgram:
    """A module as torch's exporter writes it. given: examples of its inputs, by name. outputs: their names. shapes:
    which sides of each input are free, as in `torch.export`. optimize: as in `torch.onnx.export`."""
    for each in module.modules():
        if isinstance(each, (nn.ReLU, nn.ReLU6)):
            each.inplace = False  # in-place operations are traced twice, and slowly
    with _quietly():
        program = torch.onnx.export(
            module,
            tuple(given.values()),
            input_names=list(given),
            output_names=list(outputs),
            opset_version=OPSET,
            dynamic_shapes=tuple(shapes),
            dynamo=True,
            verbose=False,
            optimize=optimize,
        )
    assert program is not None
    return program


@contextmanager
def _quietly() -> Iterator[None]:
    """Suppress the exporter's log messages; its errors are still raised."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
