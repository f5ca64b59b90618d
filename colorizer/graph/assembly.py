"""Joins the exported network and the functions around it to one graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx.inliner import inline_local_functions
from torch import Tensor, nn

from ..architectures.contract import Architecture
from ..checkpoints.onnx import OPSET, quietly
from ..colour.gamut import SRGB
from ..colour.whole_photo import luminance_tables
from ..inference.region import COARSENESS
from . import hints, painting, photo, readout

LARGE = 64
"""Tensors with more values are stored in 16 bits if they are exact in these."""
EVIDENCE = ("fine", "middle", "coarse")
FINISHED = ("finish_logits", "finish_fine")
"""The logits and the fine evidence of the finish, for networks that have one."""
CONTROLS = ("temperature", "vividness", "histogram", "strength")
ROWS = ("rows", "given", "share")


class Seen(nn.Module):
    """The network with all that the pipeline needs of it.

    The pipeline makes `mean`, `wanted` and `finish_mean` from this network's own logits and evidence. That is no
    circle, because only `plain`, `parts` and `finish_plain` are computed from them.
    """

    def __init__(self, network: Architecture):
        super().__init__()
        self.network = network.eval()
        self.inputs = ["L", "hints", "mean", "wanted"]
        self.outputs = ["logits", *EVIDENCE, "plain", "parts"]
        if network.has_finish:
            self.inputs.append("finish_mean")
            self.outputs += [*FINISHED, "finish_plain"]
        for module in network.modules():
            if isinstance(module, (nn.ReLU, nn.ReLU6)):
                module.inplace = False  # in-place operations are traced twice, and slowly

    def forward(
        self, L: Tensor, hints: Tensor, mean: Tensor, wanted: Tensor, finish_mean: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        """L (1, 1, H, W), hints (1, 3, H, W), mean and finish_mean (1, 2, h, w) and wanted (1, 3, h, w), colours and
        painted parts at the resolution of the logits -> `outputs`, with plain colours and parts at (H, W)."""
        network: Any = self.network
        prediction = network(L, hints)
        sharp = (network.sharpened(prediction, maps) for maps in (mean, wanted))
        seen = (network.logits(prediction), *network.evidence(prediction), *sharp)
        if finish_mean is None:
            return seen
        end = prediction.finished
        return (*seen, end.logits.float(), end.features[0], network.end_sharpened(end, finish_mean))


def assembled(network: Architecture, working_size: int, description: str, properties: Mapping[str, str]) -> Any:
    """The whole pipeline as an onnx.ModelProto; see `whole.write_pipeline` for its inputs and outputs."""
    seen = exported(network)
    tensors = {tensor.name for tensor in seen.initializer}
    constants = _constants(network, working_size)
    casts, stored = _in_16_bits(seen.initializer)
    finishes = network.has_finish
    first = sized_by_lightness(needed(seen.node, ("logits", *EVIDENCE, *(FINISHED if finishes else ()))))
    colours = needed(seen.node, ("plain", "finish_plain"), without=first)
    painted = needed(seen.node, ("parts",), without=[*first, *colours])
    functions: dict[str, onnx.FunctionProto] = {}

    def call(function: Any, inputs: Iterable[str], *outputs: str) -> onnx.NodeProto:
        for nested in (function.to_function_proto(), *function.to_model_proto().functions):
            functions[nested.name] = nested
        return helper.make_node(function.name, list(inputs), list(outputs), domain=function.opset.domain)

    def run(nodes: Sequence[onnx.NodeProto], copy: str) -> list[onnx.NodeProto]:
        return [_renamed(node, copy, tensors) for node in nodes]

    def mean(of: str) -> onnx.NodeProto:
        return call(readout.annealed_mean, (f"{of}logits", "centres", "prior", *CONTROLS), f"{of}mean")

    def read(copy: str) -> list[onnx.NodeProto]:
        """The colours of one copy of the network, from its logits."""
        if not finishes:
            ends = [call(readout.saturated, (f"{copy}plain", "saturation"), f"{copy}ab")]
            return [mean(copy), *run(colours, copy), *ends]
        plain = (f"{copy}plain", f"{copy}finish_plain", "finish")
        return [
            mean(copy),
            mean(f"{copy}finish_"),
            *run(colours, copy),
            call(readout.between, plain, f"{copy}both_plain"),
            call(readout.saturated, (f"{copy}both_plain", "saturation"), f"{copy}ab"),
        ]

    told = [
        call(hints.planes, (*ROWS, "p", "centres", "sides", "size"), "told_hints"),
        helper.make_node("Identity", ["alone_L"], ["told_L"]),
        *run(first, "told_"),
        *read("told_"),
    ]
    unchanged = [helper.make_node("Identity", [f"alone_{name}"], [f"else_{name}"]) for name in ("logits", "ab")]
    evidence = [f"alone_{name}" for name in EVIDENCE]
    nodes = [
        *casts,
        call(photo.fed, ("photo", "tables", "working_size", "stride"), "alone_L"),
        call(photo.sides_of, ("photo",), "sides"),
        call(hints.with_first, ("hints",), "rows", "given"),
        call(hints.silence, ("alone_L",), "alone_hints"),
        *run(first, "alone_"),
        *read("alone_"),
        call(readout.cells_of, ("rows", "sides", "alone_logits"), "cell"),
        call(readout.at_cells, ("alone_logits", "cell"), "p"),
        call(hints.clues, ("rows", "given", "p", "centres", "halo"), "share"),
        call(hints.any_clue, ("given", "share"), "clue"),
        helper.make_node("Shape", ["alone_L"], ["size"], start=2, end=4),
        helper.make_node(
            "If",
            ["clue"],
            ["logits", "ab"],
            then_branch=_branch(told, "told_"),
            else_branch=_branch(unchanged, "else_"),
        ),
        call(painting.parts, ("alone_L", *evidence, *ROWS, "sides"), "alone_wanted"),
        *run(painted, "alone_"),
        helper.make_node("Mean", ["ab", "alone_ab"], ["both"]),
        call(painting.painted, ("both", "alone_parts"), "painted"),
        call(hints.honoured, ("painted", "alone_L", "rows", "given", "sides"), "exact"),
        helper.make_node("Squeeze", ["exact", "zero"], ["low_ab"]),
        call(photo.joined, ("photo", "low_ab", "tables", "from_y", "from_xz", "levels"), "image"),
        call(readout.entropy, ("logits",), "entropy"),
        call(readout.suggested, ("points", "sides", "logits", "centres", "between", "step"), "suggestions"),
    ]
    number = ("temperature", "vividness", "saturation", *(["finish"] if finishes else []))
    graph = helper.make_graph(
        nodes,
        "colorizer",
        [
            helper.make_tensor_value_info("photo", TensorProto.UINT8, ["H", "W", 3]),
            helper.make_tensor_value_info("hints", TensorProto.FLOAT, ["K", 5]),
            helper.make_tensor_value_info("points", TensorProto.FLOAT, ["P", 2]),
            *(helper.make_tensor_value_info(name, TensorProto.FLOAT, []) for name in number),
            helper.make_tensor_value_info("histogram", TensorProto.FLOAT, [len(network.centres)]),
            helper.make_tensor_value_info("strength", TensorProto.FLOAT, []),
        ],
        [
            helper.make_tensor_value_info("image", TensorProto.UINT8, ["H", "W", 3]),
            helper.make_tensor_value_info("entropy", TensorProto.FLOAT, ["h", "w"]),
            helper.make_tensor_value_info("suggestions", TensorProto.FLOAT, ["P", 5, 2]),
        ],
        [*stored, *(numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items())],
    )
    model = helper.make_model(
        graph,
        functions=list(functions.values()),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid("this", 1)],
        ir_version=10,
        doc_string=description,
    )
    helper.set_model_props(model, dict(properties))
    return folded(inline_local_functions(model))


def exported(network: Architecture) -> onnx.GraphProto:
    """The graph of `Seen`. Batch norms are not joined with convolutions, because weights would no longer be exact in
    16 bits; runtimes join them when they load the file."""
    from onnx_ir.passes.common import ClearMetadataAndDocStringPass
    from onnxscript.optimizer import fold_constants_ir, remove_unused_nodes

    stride, coarse = network.stride, network.stride // COARSENESS
    height, width = torch.export.Dim("height", max=64), torch.export.Dim("width", max=64)
    full, low = ({2: side * height, 3: side * width} for side in (stride, coarse))
    L = torch.linspace(0, 100, 3 * stride * 5 * stride).view(1, 1, 3 * stride, 5 * stride)
    hinted = torch.cat((L * 0, L * 0, (L > 50).float()), dim=1)
    mean = torch.zeros(1, 2, 3 * coarse, 5 * coarse)
    wanted = torch.zeros(1, 3, 3 * coarse, 5 * coarse)
    seen = Seen(network)
    # A copy: the exporter takes one tensor that is given twice for one input, and each end would get the other's mean.
    given = (L, hinted, mean, wanted, *([mean.clone()] if network.has_finish else []))
    with quietly():
        program = torch.onnx.export(
            seen,
            given,
            input_names=seen.inputs,
            output_names=seen.outputs,
            opset_version=OPSET,
            dynamic_shapes=(full, full, low, low, low)[: len(given)],
            dynamo=True,
            verbose=False,
            optimize=False,
        )
    assert program is not None
    fold_constants_ir(program.model)
    remove_unused_nodes(program.model)
    ClearMetadataAndDocStringPass()(program.model)  # the exporter's notes contain this machine's paths
    return program.model_proto.graph


def folded(model: onnx.ModelProto) -> onnx.ModelProto:
    """Compute what depends on constants alone; constants of the functions take their types from what they meet."""
    from onnx_ir import from_proto, to_proto
    from onnxscript.optimizer import fold_constants_ir, remove_unused_nodes

    result = from_proto(onnx.shape_inference.infer_shapes(model))
    with quietly():
        fold_constants_ir(result)
    remove_unused_nodes(result)
    return to_proto(result)


def needed(
    nodes: Iterable[onnx.NodeProto], outputs: Iterable[str], without: Iterable[onnx.NodeProto] = ()
) -> list[onnx.NodeProto]:
    """The nodes that outputs are computed from, in order, but for those in `without`."""
    wanted = set(outputs)
    known = {name for node in without for name in node.output}
    found = []
    for node in reversed(list(nodes)):
        if wanted.intersection(node.output) and not known.intersection(node.output):
            found.append(node)
            wanted.update(node.input)
    return found[::-1]


def sized_by_lightness(nodes: Sequence[onnx.NodeProto]) -> list[onnx.NodeProto]:
    """Nodes that take sizes from L where the exporter took them from an input that is made later and is as large as the
    logits."""
    later = {"mean": "low_L", "wanted": "low_L", "finish_mean": "low_L"}
    kept = {"logits", *EVIDENCE, *FINISHED}
    found = [helper.make_node("MaxPool", ["L"], ["low_L"], kernel_shape=[COARSENESS] * 2, strides=[COARSENESS] * 2)]
    for node in nodes:
        own = onnx.NodeProto()
        own.CopyFrom(node)
        if later.keys() & set(node.input):
            own.input[:] = [later.get(name, name) for name in node.input]
            later |= {name: name if name in kept else f"early_{name}" for name in node.output}
            own.output[:] = [later[name] for name in node.output]
        found.append(own)
    return found if any("low_L" in node.input for node in found) else found[1:]


def _constants(network: Architecture, working_size: int) -> dict[str, Any]:
    between = torch.cdist(network.centres, network.centres).numpy()
    return {
        "tables": luminance_tables(),
        "from_y": SRGB.from_y,
        "from_xz": SRGB.from_xz,
        "levels": SRGB.table,
        "centres": network.centres.numpy(),
        "prior": network.get_buffer("prior").numpy(),
        "between": between,
        "halo": np.exp(-(between**2) / 200),
        "step": between[between > 0].min(),
        "working_size": np.float32(working_size),
        "stride": np.float32(network.stride),
        "zero": np.zeros(1, np.int64),
    }


def _in_16_bits(tensors: Iterable[onnx.TensorProto]) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """The tensors as they are stored, and the nodes that bring them back."""
    casts, stored = [], []
    for tensor in tensors:
        values = numpy_helper.to_array(tensor)
        short = values.astype(np.float16) if values.dtype == np.float32 and values.size > LARGE else values
        if short.dtype == np.float16 and (short.astype(np.float32) == values).all():
            stored.append(numpy_helper.from_array(short, f"{tensor.name}_16"))
            casts.append(helper.make_node("Cast", [f"{tensor.name}_16"], [tensor.name], to=TensorProto.FLOAT))
        else:
            stored.append(tensor)
    return casts, stored


def _renamed(node: onnx.NodeProto, copy: str, kept: set[str]) -> onnx.NodeProto:
    """The node in one copy of the network; weights are shared."""
    result = onnx.NodeProto()
    result.CopyFrom(node)
    result.name = copy + node.name
    result.input[:] = [name if name in kept or not name else copy + name for name in node.input]
    result.output[:] = [copy + name if name else name for name in node.output]
    return result


def _branch(nodes: Sequence[onnx.NodeProto], copy: str) -> onnx.GraphProto:
    outputs = [helper.make_tensor_value_info(f"{copy}{name}", TensorProto.FLOAT, None) for name in ("logits", "ab")]
    return helper.make_graph(nodes, copy.strip("_"), [], outputs)
