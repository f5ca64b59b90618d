"""Exports the pieces of the pipeline, and joins them and the functions around them to one graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx.inliner import inline_local_functions
from torch import Tensor, nn

from ..architectures.contract import Architecture
from ..checkpoints.onnx import OPSET, quietly
from . import photo, pieces

LARGE = 64
"""Tensors with more values are stored in 16 bits if they are exact in these."""
COMPUTED = 1 << 12
"""Constants with more values are computed when the file is loaded, not stored."""
EVIDENCE = ("fine", "middle", "coarse")
FINISHED = ("finish_logits", "finish_fine")
"""The logits and the finest evidence of the finish, for networks that have one."""
LIGHT = ("Y", "f")
"""Luminance of the photograph, and its cube root as CIE Lab has it."""
NUMBERS = ("temperature", "vividness", "saturation")
FINER = {"L": 1, "told": 1, "ab": 1, "own": 1, "colours": 1, "middle": 8, "coarse": 16}
"""How many times smaller than the network's input a map is, if not 4 times."""


def assembled(network: Architecture, working_size: int, description: str, properties: Mapping[str, str]) -> Any:
    """The whole pipeline as an onnx.ModelProto; see `whole.write_pipeline` for its inputs and outputs."""
    graphs = exported(network, working_size)
    tensors = {tensor.name: tensor for graph in graphs.values() for tensor in graph.initializer}
    casts, stored = _in_16_bits(tensors.values())

    def run(piece: str, copy: str = "", **names: str) -> list[onnx.NodeProto]:
        """The nodes of a piece, whose inputs and outputs have other names in the graph; or, if it is one of a `copy`
        of the network, what that copy said."""
        graph = graphs[piece]
        said = {name: f"{copy}{name}" for name in ("logits", *EVIDENCE, *FINISHED)}
        ends = {each.name: each.name for each in (*graph.input, *graph.output)}
        names = ends | said | {"L": "alone_L"} | names
        return [
            _renamed(node, lambda name: names.get(name) or (name if name in tensors else f"{copy}{piece}_{name}"))
            for node in graph.node
        ]

    def read(copy: str) -> list[onnx.NodeProto]:
        return run("look", copy, ab=f"{copy}ab", entropy=f"{copy}entropy")

    answer = ("logits", "ab", "entropy")
    told = [*run("network", "told_", told="told_hints"), *read("told_")]
    unchanged = [helper.make_node("Identity", [f"alone_{name}"], [f"else_{name}"]) for name in answer]
    nodes = [
        *casts,
        *run("feed", told="alone_hints"),
        *run("network", "alone_", told="alone_hints"),
        *read("alone_"),
        *run("clues", "alone_", told="told_hints"),
        helper.make_node(
            "If",
            ["clue"],
            answer,
            then_branch=_branch(told, [f"told_{name}" for name in answer]),
            else_branch=_branch(unchanged, [f"else_{name}" for name in answer]),
        ),
        *run("reached", "alone_", reached="alone_wanted"),
        *run("paint", "alone_", reached="alone_wanted", own="alone_ab", colours="exact"),
        *run("join", colours="exact"),
        *run("suggestions", "", logits="logits"),
    ]
    numbers = (*NUMBERS, *(["finish"] if network.has_finish else []))
    graph = helper.make_graph(
        nodes,
        "colorizer",
        [
            helper.make_tensor_value_info("photo", TensorProto.UINT8, ["H", "W", 3]),
            helper.make_tensor_value_info("hints", TensorProto.FLOAT, ["K", 5]),
            helper.make_tensor_value_info("points", TensorProto.FLOAT, ["P", 2]),
            *(helper.make_tensor_value_info(name, TensorProto.FLOAT, []) for name in numbers),
            helper.make_tensor_value_info("histogram", TensorProto.FLOAT, [len(network.centres)]),
            helper.make_tensor_value_info("strength", TensorProto.FLOAT, []),
        ],
        [
            helper.make_tensor_value_info("image", TensorProto.UINT8, ["H", "W", 3]),
            helper.make_tensor_value_info("entropy", TensorProto.FLOAT, ["h", "w"]),
            helper.make_tensor_value_info("suggestions", TensorProto.FLOAT, ["P", 5, 2]),
        ],
        stored,
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10, doc_string=description
    )
    helper.set_model_props(model, dict(properties))
    return model


def exported(network: Architecture, working_size: int) -> dict[str, onnx.GraphProto]:
    """The graph of each piece, by name."""
    for module in network.modules():
        if isinstance(module, (nn.ReLU, nn.ReLU6)):
            module.inplace = False  # in-place operations are traced twice, and slowly
    stride = network.stride
    L = torch.linspace(0, 100, 3 * stride * 5 * stride).view(1, 1, 3 * stride, 5 * stride)
    given = {"L": L, "told": torch.cat((L * 0, L * 0, (L > 50).float()), dim=1)}
    finished = FINISHED if network.has_finish else ()
    seen = ("logits", *EVIDENCE, *finished)
    seeing = pieces.Seeing(network)
    with torch.inference_mode():
        given |= {name: map_.clone() for name, map_ in zip(seen, seeing(L, given["told"]), strict=True)}
    given |= {"ab": torch.cat((L, -L), dim=1), "own": torch.cat((-L, L), dim=1), "reached": given["logits"][:, :3]}
    given |= {
        name: torch.tensor(value)
        for name, value in zip((*NUMBERS, "strength", "finish"), (0.5, 0.1, 1.2, 0.3, 0.4), strict=True)
    }
    given["histogram"] = torch.full((len(network.centres),), 1 / len(network.centres))
    given |= {"sides": torch.tensor([300.0, 500.0]), "points": torch.tensor([[10.0, 20.0], [30.0, 40.0], [5.0, 5.0]])}
    given["hints"] = torch.tensor(
        [[10.0, 20.0, 30.0, 40.0, 0.0], [50.0, 60.0, 70.0, 8.0, 1.0], [9.0, 9.0, 9.0, 9.0, 2.0]]
    )
    given["share"] = torch.tensor([1.0, 0.5, 0.0, 1.0])
    hinted = ("L", "sides", "hints")
    readout = ("logits", "fine", *NUMBERS, "histogram", "strength", *(["finish", *finished] if finished else []))
    given |= {"photo": torch.arange(3 * 60 * 90).view(60, 90, 3).byte(), "colours": torch.cat((L, -L), dim=1)}
    given |= dict(zip(LIGHT, photo.Feed(working_size, stride)(given["photo"])[-2:], strict=True))
    ends: Mapping[str, tuple[nn.Module, Sequence[str], Sequence[str]]] = {
        "feed": (photo.Feed(working_size, stride), ("photo",), ("L", "told", "sides", *LIGHT)),
        "network": (seeing, ("L", "told"), seen),
        "clues": (pieces.Clues(network), (*hinted, "logits"), ("share", "clue", "told")),
        "look": (pieces.Look(network), ("L", *readout), ("ab", "entropy")),
        "reached": (pieces.Reached(network), (*hinted, "share", *EVIDENCE), ("reached",)),
        "paint": (pieces.Paint(network), (*hinted, "fine", "reached", "ab", "own"), ("colours",)),
        "join": (photo.Join(), (*LIGHT, "colours"), ("image",)),
        "suggestions": (pieces.Suggestions(network), ("sides", "logits", "points"), ("suggestions",)),
    }
    return {
        name: _exported(name, piece, {each: given[each] for each in inputs}, outputs, stride)
        for name, (piece, inputs, outputs) in ends.items()
    }


def _exported(
    name: str, piece: nn.Module, given: Mapping[str, Tensor], outputs: Sequence[str], stride: int
) -> onnx.GraphProto:
    """The graph of one piece, with examples of its inputs. Weights of the network have one name in all pieces.

    Batch norms are not joined with convolutions, because weights would no longer be exact in 16 bits; runtimes join
    them when they load the file.
    """
    from onnx_ir.passes.common import ClearMetadataAndDocStringPass
    from onnxscript.optimizer import fold_constants_ir, remove_unused_nodes

    height, width = torch.export.Dim("height", max=64), torch.export.Dim("width", max=64)
    count, points = torch.export.Dim("count"), torch.export.Dim("points")
    size = {0: torch.export.Dim("H"), 1: torch.export.Dim("W")}
    counted = {
        **dict.fromkeys(("photo", *LIGHT), size),
        "hints": {0: count},
        "share": {0: count + 1},
        "points": {0: points},
    }
    maps = {
        each: {2: stride // FINER.get(each, 4) * height, 3: stride // FINER.get(each, 4) * width}
        for each, value in given.items()
        if value.dim() == 4
    }
    with quietly():
        program = torch.onnx.export(
            piece,
            tuple(given.values()),
            input_names=list(given),
            output_names=list(outputs),
            opset_version=OPSET,
            dynamic_shapes=tuple(maps.get(each, counted.get(each)) for each in given),
            dynamo=True,
            verbose=False,
            optimize=False,
        )
    assert program is not None
    fold_constants_ir(program.model, output_size_limit=COMPUTED)
    remove_unused_nodes(program.model)
    ClearMetadataAndDocStringPass()(program.model)  # the exporter's notes contain this machine's paths
    for constant in list(program.model.graph.initializers.values()):
        if not (constant.name or "").startswith("network."):
            constant.name = f"{name}.{constant.name}"
    return inline_local_functions(program.model_proto).graph


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


def _renamed(node: onnx.NodeProto, called: Callable[[str], str]) -> onnx.NodeProto:
    """The node, and the nodes of loops in it, with other names of tensors."""
    result = onnx.NodeProto()
    result.CopyFrom(node)
    result.name = called(node.name)
    result.input[:] = [name and called(name) for name in node.input]
    result.output[:] = [name and called(name) for name in node.output]
    for graph in (attribute.g for attribute in result.attribute if attribute.HasField("g")):
        _rename_body(graph, result.name, called)
    return result


def _rename_body(graph: onnx.GraphProto, loop: str, called: Callable[[str], str]) -> None:
    """The names of what a loop makes may be those of other tensors around it, so they get the loop's."""
    made = {each.name for each in (*graph.input, *graph.initializer)} | {
        name for node in graph.node for name in node.output
    }

    def within(name: str) -> str:
        return f"{loop}.{name}" if name in made else called(name)

    nodes = [_renamed(node, within) for node in graph.node]
    del graph.node[:], graph.value_info[:]
    graph.node.extend(nodes)
    for each in (*graph.input, *graph.initializer, *graph.output):
        each.name = within(each.name)


def _branch(nodes: Sequence[onnx.NodeProto], outputs: Iterable[str]) -> onnx.GraphProto:
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    return helper.make_graph(nodes, "branch", [], ends)
