"""The exported pipeline in the parts that a browser runs: the network, and what is asked about places of a photograph.

A browser resizes the photograph and joins it with its colours itself, strip by strip: the whole graph would need a
gigabyte for a photograph of some megapixels.
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

INNER = {
    "alone_L": "L", "alone_fine": "fine", "alone_middle": "middle", "alone_coarse": "coarse", "exact": "colours",
    "alone_wanted": "reached",
}  # fmt: skip
"""Tensors inside the pipeline, and what they are called in its parts; others keep their names."""
SHAPES: Mapping[str, Sequence[int | None]] = {
    "L": (1, 1, None, None), "sides": (2,), "hints": (None, 5), "points": (None, 2), "share": (None,),
    "histogram": (None,), "temperature": (), "vividness": (), "strength": (),
    **dict.fromkeys(("logits", "fine", "middle", "coarse"), (1, None, None, None)),
}  # fmt: skip
"""Of inputs; None is any number. onnxruntime has to know how many axes there are."""
CONTROLS = ("temperature", "vividness", "histogram", "strength")
PARTS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "network": (
        ("L", "sides", "hints", *CONTROLS),
        ("colours", "entropy", "logits", "fine", "middle", "coarse", "share"),
    ),
    "places": (
        ("L", "sides", "hints", "logits", "fine", "middle", "coarse", "share", "points"),
        ("reached", "suggestions"),
    ),
}
"""Inputs and outputs of each part.

network: L (1, 1, H, W), the lightness it is fed with; sides (2,), height and width of the photograph; hints and
controls as `graph.whole.write_pipeline` says. colours (1, 2, h, w), Lab units, without saturation; share (K + 1,), how
far each hint is a clue for the whole picture, after a first row that is none. places: reached (1, 3, h, w), how much
the hints whose share is less than 1 paint, and their a and b times that; suggestions (P, 5, 2) for points.
"""


@dataclass(frozen=True)
class Network:
    """What a site runs."""

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
    produced = {name for node in model.graph.node for name in node.output}
    if KEY not in said or not set(INNER) <= produced:
        raise CheckpointError.of("not_whole", name=path.name)
    return Network(json.loads(said[KEY]), {name: _part(model, *ends) for name, ends in PARTS.items()})


def _part(model: onnx.ModelProto, inputs: Sequence[str], outputs: Sequence[str]) -> bytes:
    """The nodes between `inputs` and `outputs`, as a model."""
    import onnx
    from onnx import TensorProto, helper

    inner = {name: old for old, name in INNER.items()}
    starts = {inner.get(name, name) for name in inputs}
    wanted = {inner.get(name, name) for name in outputs}
    nodes: list[onnx.NodeProto] = []
    for node in reversed(model.graph.node):
        if wanted.intersection(node.output) and not starts.intersection(node.output):
            copy = onnx.NodeProto()
            copy.CopyFrom(node)
            nodes.append(copy)
            wanted.update(_read_by(node))
    for node in nodes:
        _rename(node)
    kept = [tensor for tensor in model.graph.initializer if tensor.name in wanted]

    begin = [helper.make_tensor_value_info(name, TensorProto.FLOAT, SHAPES[name]) for name in inputs]
    end = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    graph = helper.make_graph(nodes[::-1], "colorizer", begin, end, kept)
    part = helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    return bytes(part.SerializeToString())


def _read_by(node: onnx.NodeProto) -> Iterator[str]:
    """Every tensor that a node reads, those of its branches too."""
    yield from filter(None, node.input)
    for graph in _branches(node):
        made: set[str] = set()
        for inner in graph.node:
            yield from (name for name in _read_by(inner) if name not in made)
            made.update(inner.output)
        yield from (each.name for each in graph.output if each.name not in made)


def _branches(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def _rename(node: onnx.NodeProto) -> None:
    node.input[:] = [INNER.get(name, name) for name in node.input]
    node.output[:] = [INNER.get(name, name) for name in node.output]
    for graph in _branches(node):
        for each in graph.output:
            each.name = INNER.get(each.name, each.name)
        for inner in graph.node:
            _rename(inner)
