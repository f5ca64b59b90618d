"""The exported pipeline in the parts that a browser runs: the network, and the steps after it.

A browser resizes the photograph and joins it with its colours itself, strip by strip: the whole graph would need a
gigabyte for a photograph of some megapixels. Nor does another look run the network again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..checkpoints.onnx import KEY
from ..errors import CheckpointError
from ..runtime.extras import need

if TYPE_CHECKING:
    import onnx

CONTROLS = {name: name for name in ("temperature", "vividness", "histogram", "strength", "saturation", "finish")}
EVIDENCE = {"alone_fine": "fine", "alone_middle": "middle", "alone_coarse": "coarse"}
FINISHED = {"alone_finish_logits": "finish_logits", "alone_finish_fine": "finish_fine"}
OF_A_FINISH = (*FINISHED, "finish")
HINTS = {"alone_L": "L", "sides": "sides", "hints": "hints"}
PARTS: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "network": ({"alone_L": "L", "alone_hints": "told"}, {"alone_logits": "logits", **EVIDENCE, **FINISHED}),
    "clues": ({**HINTS, "alone_logits": "logits"}, {"share": "share", "clue": "clue", "told_hints": "told"}),
    "look": (
        {"alone_L": "L", "alone_logits": "logits", "alone_fine": "fine", **FINISHED, **CONTROLS},
        {"alone_ab": "ab", "alone_entropy": "entropy"},
    ),
    "paint": ({**HINTS, **EVIDENCE, "share": "share", "ab": "ab", "alone_ab": "own"}, {"exact": "colours"}),
    "places": (
        {**HINTS, "logits": "logits", **EVIDENCE, "share": "share", "points": "points"},
        {"alone_wanted": "reached", "suggestions": "suggestions"},
    ),
}
"""Inputs and outputs of each part: tensors of the pipeline, and what they are called here. Those of the finish are left
out for a network that has none.

network: L (1, 1, H, W), the lightness it is fed with; told (1, 3, H, W), a, b and mask of hints that are clues for the
whole picture, or zeros. logits (1, Q, h, w), and its evidence, which the others take as it is without hints. clues:
sides (2,), height and width of the photograph; hints (K, 5) as `graph.whole` says. share (K + 1,), how far each is a
clue, after a first row that is none; clue, whether any is; told, for the network. look: the controls; ab (1, 2, H, W)
in Lab units, and entropy. paint: own, what look makes of the logits without hints; ab, of those with them; colours,
what hints make of both. places: reached (1, 3, h, w), how much the hints whose share is less than 1 paint, and their a
and b times that; suggestions (P, 5, 2) for points.
"""
SHAPES: Mapping[str, Sequence[int | None]] = {
    "sides": (2,), "hints": (None, 5), "points": (None, 2), "share": (None,), "histogram": (None,), "temperature": (),
    "vividness": (), "strength": (), "saturation": (), "finish": (), "L": (1, 1, None, None),
    "told": (1, 3, None, None),
    **dict.fromkeys(("ab", "own"), (1, 2, None, None)),
    **dict.fromkeys(("logits", "fine", "middle", "coarse", *FINISHED.values()), (1, None, None, None)),
}  # fmt: skip
"""Shapes of inputs; None is any number. onnxruntime has to know how many axes there are."""


@dataclass(frozen=True)
class Network:
    """The network of a site."""

    card: Mapping[str, Any]
    """The metadata of the export."""
    parts: Mapping[str, bytes]
    """ONNX files by name."""


def cut(path: Path) -> Network:
    """An export of `colorizer export NAME --whole`, in parts. Raises CheckpointError for any other file."""
    need("needs_onnx", "onnx")
    import onnx
    from google.protobuf.message import DecodeError

    try:
        model = onnx.load(path)
    except OSError as error:
        raise CheckpointError.of("checkpoint_no_file", name=path.name) from error
    except DecodeError:
        raise CheckpointError.of("not_whole", name=path.name) from None
    said = {each.key: each.value for each in model.metadata_props}
    nodes, weights = _opened(model.graph)
    made = {name for node in nodes for name in node.output}
    if KEY not in said or not {name for _, outputs in PARTS.values() for name in outputs} <= made | set(FINISHED):
        raise CheckpointError.of("not_whole", name=path.name)
    return Network(json.loads(said[KEY]), {name: _part(model, nodes, weights, *ends) for name, ends in PARTS.items()})


def _opened(graph: onnx.GraphProto) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Nodes and weights, those of conditions' first branches too; no part contains a condition."""
    nodes, weights = [], list(graph.initializer)
    for node in graph.node:
        if node.op_type == "If":
            branch = next(each.g for each in node.attribute if each.name == "then_branch")
            nodes += branch.node
            weights += branch.initializer
        else:
            nodes.append(node)
    return nodes, weights


def _part(
    model: onnx.ModelProto,
    nodes: Sequence[onnx.NodeProto],
    weights: Sequence[onnx.TensorProto],
    inputs: Mapping[str, str],
    outputs: Mapping[str, str],
) -> bytes:
    """The nodes between `inputs` and `outputs`, as a model."""
    import onnx
    from onnx import TensorProto, helper

    made = {name for node in nodes for name in node.output}
    outputs = {name: called for name, called in outputs.items() if name in made}
    wanted = set(outputs)
    kept: list[onnx.NodeProto] = []
    for node in reversed(nodes):
        if wanted.intersection(node.output) and not set(inputs).intersection(node.output):
            copy = onnx.NodeProto()
            copy.CopyFrom(node)
            copy.ClearField("name")  # which nobody reads
            kept.append(copy)
            wanted.update(_read_by(node))
    for node in kept:
        _rename(node, {**inputs, **outputs})
    read = [tensor for tensor in weights if tensor.name in wanted]

    kinds = {"clue": TensorProto.BOOL}
    inputs = {name: called for name, called in inputs.items() if name in wanted or name not in OF_A_FINISH}
    begin = [helper.make_tensor_value_info(each, TensorProto.FLOAT, SHAPES[each]) for each in {*inputs.values()}]
    end = [helper.make_tensor_value_info(each, kinds.get(each, TensorProto.FLOAT), None) for each in outputs.values()]
    graph = helper.make_graph(kept[::-1], "colorizer", sorted(begin, key=lambda each: each.name), end, read)
    part = helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    return bytes(part.SerializeToString())


def _read_by(node: onnx.NodeProto) -> Iterator[str]:
    """Every tensor that a node reads, those of its loops' bodies too."""
    yield from filter(None, node.input)
    for graph in _bodies(node):
        made: set[str] = set()
        for inner in graph.node:
            yield from (name for name in _read_by(inner) if name not in made)
            made.update(inner.output)
        yield from (each.name for each in graph.output if each.name not in made)


def _bodies(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def _rename(node: onnx.NodeProto, names: Mapping[str, str]) -> None:
    node.input[:] = [names.get(name, name) for name in node.input]
    node.output[:] = [names.get(name, name) for name in node.output]
    for graph in _bodies(node):
        for each in graph.output:
            each.name = names.get(each.name, each.name)
        for inner in graph.node:
            _rename(inner, names)
