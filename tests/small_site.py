"""A site of small stand-ins: an export of a few nodes, and a folder like onnxruntime-web's package."""

import json

from onnx import TensorProto, helper

from colorizer.checkpoints.onnx import KEY
from colorizer.site.network import CONTROLS
from colorizer.site.runtime import FILES, VERSION

CARD = {
    "name": "tiny", "sha256": "ab" * 32, "licence": "MIT", "working_size": 64, "stride": 32,
    "defaults": {"temperature": 0.8, "histogram": [0.5, 0.5]},
}  # fmt: skip


def write_export(path, key=KEY):
    """An export that has the tensors between which a whole one is cut; its network doubles L."""
    made = {
        "photo_size": "sides", "photo_L": "alone_L",
    }  # fmt: skip
    nodes = [helper.make_node("Identity", [start], [end]) for start, end in made.items()]
    nodes += [
        helper.make_node("Add", ["alone_L", "alone_L"], ["twice"]),
        helper.make_node("Mul", ["twice", "weight"], ["weighed"]),
        *(helper.make_node("Identity", ["weighed"], [name]) for name in ("alone_fine", "alone_middle", "alone_coarse")),
        helper.make_node("ReduceMax", ["hints"], ["told"], keepdims=0),
        helper.make_node("Greater", ["told", "zero"], ["clue"]),
        helper.make_node("If", ["clue"], ["logits"], then_branch=_branch("then"), else_branch=_branch("else")),
        helper.make_node("Sum", ["logits", *CONTROLS[:2]], ["exact"]),
        helper.make_node("Identity", ["logits"], ["entropy"]),
        helper.make_node("Identity", ["told"], ["share"]),
        helper.make_node("Sum", ["alone_L", "alone_fine", "share"], ["alone_wanted"]),
        helper.make_node("Mul", ["logits", "points"], ["suggestions"]),
        helper.make_node("Mul", ["exact", "saturation"], ["image"]),
    ]
    number = (*CONTROLS[:2], "saturation", "strength")
    inputs = [("photo_L", [1, 1, None, None]), ("photo_size", [2]), ("hints", [None, 5]), ("points", [None, 2])]
    inputs += [(name, []) for name in number] + [("histogram", [None])]
    graph = helper.make_graph(
        nodes,
        "whole",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs],
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, None)],
        [helper.make_tensor(name, TensorProto.FLOAT, [], [value]) for name, value in (("weight", 3.0), ("zero", 0.0))],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    helper.set_model_props(model, {key: json.dumps(CARD)})
    path.write_bytes(model.SerializeToString())
    return path


def _branch(name):
    """A branch that reads a tensor around it."""
    out = helper.make_tensor_value_info(f"{name}_logits", TensorProto.FLOAT, None)
    return helper.make_graph([helper.make_node("Identity", ["alone_fine"], [f"{name}_logits"])], name, [], [out])


def write_package(folder, version=VERSION, without=()):
    """A folder like the npm package, unpacked."""
    (folder / "dist").mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps({"version": version}), encoding="utf-8")
    for name in FILES:
        if name not in without:
            (folder / "dist" / name).write_text(f"// {name}\n", encoding="utf-8")
    return folder
