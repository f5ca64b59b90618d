"""Ways to run a trained network on a CPU, from lightness to colours; `networks` compares them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from colorizer.checkpoints.onnx import OPSET, Answer
from colorizer.inference.folding import folded
from colorizer.runtime.threads import COUNT

Pass = Callable[[Tensor], Tensor]
"""From L (1, 1, H, W) to ab (1, 2, H, W), Lab units."""

PLAIN, SHIPPED = "PyTorch as it is", "folded, as Colorizer does"


class Way(NamedTuple):
    """How to make a forward pass; if either function raises, this way is not available here."""

    make: Callable[[], Pass]
    once: Callable[[], object] = bool
    """Preparation, done once, such as writing a file in another format."""


def ways(answer: Answer, learned: Sequence[Tensor], folder: Path) -> dict[str, Way]:
    """Ways to run `answer`, by name. learned: L of photographs, all of one size, from which quantization learns its
    ranges; folder: for files."""
    network = answer.network
    graph, all_int8, decoder_int8 = (folder / f"{name}.onnx" for name in ("float", "int8", "decoder"))

    def with_readout(run: Callable[[Tensor], Any]) -> Pass:
        return lambda L: network.to_ab(run(L), L, **answer.readout)

    def in_memory_order() -> Pass:
        other = copy.deepcopy(network).to(memory_format=torch.channels_last)
        return with_readout(lambda L: other(L.contiguous(memory_format=torch.channels_last)))

    return {
        PLAIN: Way(lambda: answer),
        "channels_last": Way(in_memory_order),
        SHIPPED: Way(lambda: with_readout(folded(network))),
        "torch.compile": Way(lambda: with_readout(torch.compile(network, options={"freezing": True}))),
        "onnxruntime": Way(lambda: session(graph), once=lambda: write(answer, learned[0], graph)),
        "onnxruntime, in int8": Way(lambda: session(all_int8), once=lambda: quantize(graph, learned, all_int8)),
        "onnxruntime, its decoder in int8": Way(
            lambda: session(decoder_int8), once=lambda: quantize(graph, learned, decoder_int8, "network.up")
        ),
    }


def write(answer: Answer, example: Tensor, path: Path) -> None:
    """Write an ONNX file for pictures of the example's size, without hints."""
    torch.onnx.export(
        answer, (example,), path, input_names=["L"], output_names=["ab"], opset_version=OPSET, dynamo=True,
        external_data=False, verbose=False,
    )  # fmt: skip


def quantize(path: Path, learned: Sequence[Tensor], target: Path, only: str = "") -> None:
    """Convert an ONNX file's convolutions to 8 bits, or those whose weights' names begin with `only`: weights per
    channel, results by their ranges on `learned`."""
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Learned(CalibrationDataReader):
        def __init__(self) -> None:
            self.left = iter(learned)

        def get_next(self) -> dict[str, Any] | None:
            L = next(self.left, None)
            return None if L is None else {"L": L.numpy()}

    ready = target.with_name("ready.onnx")
    quant_pre_process(path, ready)
    convolutions = (node for node in onnx.load(ready).graph.node if node.op_type == "Conv")
    chosen = [node.name for node in convolutions if node.input[1].startswith(only)]
    quantize_static(
        ready, target, Learned(), nodes_to_quantize=chosen, per_channel=True, activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )  # fmt: skip


def session(path: Path) -> Pass:
    """Run an ONNX file in onnxruntime, with PyTorch's number of threads."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = COUNT
    options.log_severity_level = 3
    options.add_session_config_entry("session.force_spinning_stop", "1")  # otherwise its threads disturb the next pass
    running = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda L: torch.from_numpy(running.run(["ab"], {"L": L.numpy()})[0])
