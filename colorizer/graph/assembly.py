"""Exports the pieces of the pipeline, and joins them and the functions around them to one graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx.inliner import inline_local_functions
from torch import Tensor, nn

from ..architectures.contract import Architecture
from ..checkpoints.onnx import OPSET, traced
from . import pieces

LARGE = 64
"""Tensors with more values are stored in 16 bits if they are exact in these."""
COMPUTED = 1 << 12
"""Constants with more values are computed when the file is loaded, not stored."""
OURS = "colorizer"
"""The domain of the functions that the pieces are while they are joined."""
EVIDENCE = ("fine", "middle", "coarse")
FINISHED = ("finish_logits", "finish_fine")
"""The logits and the finest evidence of the finish, for networks that have one."""
LIGHT = ("Y", "f")
"""Luminance of the photograph, and its cube root as CIE Lab has it."""
NUMBERS = ("temperature", "vividness", "saturation")
FINER = {"L": 1, "told": 1, "ab": 1, "own": 1, "colours": 1, "middle": 8, "coarse": 16}
"""How many times smaller than the network's input a map is, if not 4 times."""


def assembled(network: Architecture, pieces: Mapping[str, onnx.GraphProto]) -> onnx.ModelProto:
    """The whole pipeline, joined from its exported pieces; see `whole.write_pipeline` for its inputs and outputs.

    Each piece is a function that the graph calls with the names that tensors have there, and that is then put in its
    place.
    """
    weights = {tensor.name: tensor for piece in pieces.values() for tensor in piece.initializer}
    casts, stored = _in_16_bits(weights.values())

    def call(name: str, **names: str) -> onnx.NodeProto:
        """A call of a piece; names: of its inputs and outputs, where they are others in the graph."""
        inputs, outputs = ([names.get(each, each) for each in ends] for ends in _ends(pieces[name]))
        return helper.make_node(name, [*inputs, *_weights(pieces[name])], outputs, domain=OURS)

    told = {name: f"told_{name}" for name in ("logits", *EVIDENCE, *FINISHED, "ab", "entropy")}
    said = {"logits": "said", "ab": "ab", "entropy": "entropy"}
    own = {"logits": "logits", "ab": "own", "entropy": "own_entropy"}
    unchanged = [helper.make_node("Identity", [own[each]], [f"else_{name}"]) for each, name in said.items()]
    nodes = [
        *casts,
        call("feed", told="nothing"),
        call("network", told="nothing"),
        call("look", **own),
        call("clues"),
        helper.make_node(
            "If",
            ["clue"],
            [*said.values()],
            then_branch=_branch([call("network", **told), call("look", **told)], [told[each] for each in said]),
            else_branch=_branch(unchanged, [f"else_{name}" for name in said.values()]),
        ),
        call("reached"),
        call("paint"),
        call("join"),
        call("suggestions", logits="said"),
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
    opsets = [helper.make_opsetid("", OPSET)]
    functions = []
    for name, piece in pieces.items():
        inputs, outputs = _ends(piece)
        functions.append(helper.make_function(OURS, name, [*inputs, *_weights(piece)], outputs, piece.node, opsets))
    opsets = [*opsets, helper.make_opsetid(OURS, 1)]
    joined = helper.make_model(graph, opset_imports=opsets, functions=functions, ir_version=10)
    return inline_local_functions(joined)


def alone(piece: onnx.GraphProto) -> onnx.ModelProto:
    """A piece as a model of its own."""
    casts, stored = _in_16_bits(piece.initializer)
    graph = helper.make_graph([*casts, *piece.node], piece.name, piece.input, piece.output, stored)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)


def _ends(piece: onnx.GraphProto) -> tuple[list[str], list[str]]:
    """The names of its inputs and outputs."""
    return [each.name for each in piece.input], [each.name for each in piece.output]


def _weights(piece: onnx.GraphProto) -> list[str]:
    return [each.name for each in piece.initializer]


def exported(network: Architecture, working_size: int) -> dict[str, onnx.GraphProto]:
    """The graph of each piece, by name."""
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
    given |= dict(zip(LIGHT, pieces.Feed(working_size, stride)(given["photo"])[-2:], strict=True))
    ends: Mapping[str, tuple[nn.Module, Sequence[str], Sequence[str]]] = {
        "feed": (pieces.Feed(working_size, stride), ("photo",), ("L", "told", "sides", *LIGHT)),
        "network": (seeing, ("L", "told"), seen),
        "clues": (pieces.Clues(network), (*hinted, "logits"), ("share", "clue", "told")),
        "look": (pieces.Look(network), ("L", *readout), ("ab", "entropy")),
        "reached": (pieces.Reached(network), (*hinted, "share", *EVIDENCE), ("reached",)),
        "paint": (pieces.Paint(network), (*hinted, "fine", "reached", "ab", "own"), ("colours",)),
        "join": (pieces.Join(), (*LIGHT, "colours"), ("image",)),
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
    shapes = [maps.get(each, counted.get(each)) for each in given]
    program = traced(piece, given, outputs, shapes, optimize=False)
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


def _branch(nodes: Sequence[onnx.NodeProto], outputs: Iterable[str]) -> onnx.GraphProto:
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    return helper.make_graph(nodes, "branch", [], ends)
