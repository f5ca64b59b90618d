"""A site of small stand-ins: an export of a few nodes, and a folder like onnxruntime-web's package."""

import json

from onnx import TensorProto, helper

from colorizer.checkpoints.onnx import KEY
from colorizer.site.network import CONTROLS, FINISHED
from colorizer.site.runtime import FILES, VERSION

CARD = {
    "name": "tiny", "sha256": "ab" * 32, "licence": "MIT", "working_size": 64, "stride": 32,
    "defaults": {"temperature": 0.8, "histogram": [0.5, 0.5]},
}  # fmt: skip


def write_export(path, key=KEY, finishes=True):
    """An export that has the tensors between which a whole one is cut. Its network doubles L, or triples it if it is
    told of a clue, and weighs that. Its finish says the same."""
    finished = list(FINISHED) if finishes else []
    controls = [name for name in CONTROLS if finishes or name != "finish"]
    nodes = [
        helper.make_node("Identity", ["photo_size"], ["sides"]),
        helper.make_node("Identity", ["photo_L"], ["alone_L"]),
        helper.make_node("Mul", ["alone_L", "zero"], ["alone_hints"]),
        *_network("alone"),
        *(helper.make_node("Identity", ["alone_logits"], [f"alone_{name}"]) for name in ("fine", "middle", "coarse")),
        *(helper.make_node("Identity", ["alone_logits"], [name]) for name in finished),
        helper.make_node("Sum", ["alone_logits", "alone_fine", *finished, *controls], ["alone_mean"]),
        helper.make_node("Mul", ["alone_mean", "alone_L"], ["alone_ab"]),
        helper.make_node("Identity", ["alone_logits"], ["alone_entropy"]),
        helper.make_node("ReduceMax", ["hints"], ["most"], keepdims=0),
        helper.make_node("Sum", ["most", "sides"], ["share"]),
        helper.make_node("Greater", ["most", "zero"], ["clue"]),
        helper.make_node("If", ["clue"], ["logits", "ab"], then_branch=_branch("told"), else_branch=_branch("else")),
        helper.make_node("Sum", ["alone_L", "alone_fine", "share"], ["alone_wanted"]),
        helper.make_node("Mean", ["ab", "alone_ab"], ["both"]),
        helper.make_node("Sum", ["both", "alone_wanted"], ["exact"]),
        helper.make_node("Mul", ["logits", "points"], ["suggestions"]),
        helper.make_node("Identity", ["exact"], ["image"]),
    ]
    inputs = [("photo_L", [1, 1, None, None]), ("photo_size", [2]), ("hints", [None, 5]), ("points", [None, 2])]
    inputs += [(name, []) for name in controls]
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


def _network(copy):
    """One copy of the network."""
    return [
        helper.make_node("ReduceMax", [f"{copy}_hints"], [f"{copy}_clue"], keepdims=0),
        helper.make_node("Sum", ["alone_L", "alone_L", f"{copy}_clue"], [f"{copy}_twice"]),
        helper.make_node("Mul", [f"{copy}_twice", "weight"], [f"{copy}_logits"]),
    ]


def _branch(copy):
    """A branch that reads tensors around it, and a number of its own."""
    nodes = [helper.make_node("Identity", [f"alone_{name}"], [f"else_{name}"]) for name in ("logits", "ab")]
    if copy == "told":
        nodes = [
            helper.make_node("Mul", ["alone_L", "one"], ["told_hints"]),
            *_network("told"),
            helper.make_node("Mul", ["told_logits", "alone_L"], ["told_ab"]),
        ]
    outputs = [helper.make_tensor_value_info(f"{copy}_{name}", TensorProto.FLOAT, None) for name in ("logits", "ab")]
    return helper.make_graph(nodes, copy, [], outputs, [helper.make_tensor("one", TensorProto.FLOAT, [], [1.0])])


def write_package(folder, version=VERSION, without=()):
    """A folder like the npm package, unpacked."""
    (folder / "dist").mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps({"version": version}), encoding="utf-8")
    for name in FILES:
        if name not in without:
            (folder / "dist" / name).write_text(f"// {name}\n", encoding="utf-8")
    return folder
