"""The export in parts: they compute what the whole computes, from fewer inputs."""

import numpy as np
import onnx
import onnxruntime
import pytest
from small_site import CARD, write_export

from colorizer.errors import CheckpointError
from colorizer.site.network import PARTS, cut


def test_the_parts_together_say_what_the_whole_says(tmp_path):
    network = cut(write_export(tmp_path / "whole.onnx"))
    assert network.card == CARD
    sessions = {name: onnxruntime.InferenceSession(part) for name, part in network.parts.items()}
    for name, (inputs, outputs) in PARTS.items():
        assert {each.name for each in sessions[name].get_inputs()} == set(inputs.values())
        assert [each.name for each in sessions[name].get_outputs()] == list(outputs.values())

    def run(name, **given):
        wanted = [each.name for each in sessions[name].get_inputs()]
        answers = sessions[name].run(None, {each: np.asarray(given[each], np.float32) for each in wanted})
        return dict(zip(PARTS[name][1].values(), answers, strict=True))

    given = {
        "L": np.full((1, 1, 2, 2), 5), "sides": [1, 1], "hints": np.ones((1, 5)), "temperature": 2, "vividness": 2,
        "histogram": [2, 2], "strength": 2, "saturation": 2, "finish": 2,
    }  # fmt: skip
    alone = run("network", **given, told=np.zeros((1, 3, 2, 2)))
    assert (alone["logits"] == 30).all()
    clues = run("clues", **given, logits=alone["logits"])
    assert clues["clue"]
    assert (clues["share"] == 2).all()
    said = run("network", **{**given, "told": np.broadcast_to(clues["told"], (1, 3, 2, 2))})
    assert (said["logits"] == 45).all()
    look = run("look", **given, **said)
    assert (look["entropy"] == 45).all()
    assert (look["ab"] == (4 * 45 + 12) * 5).all(), "each look is that of what the network says when it is told"
    beside = {**given, **alone, "share": clues["share"]}
    said_of_both = {"ab": np.full((1, 2, 2, 2), 7), "own": np.full((1, 2, 2, 2), 5)}
    assert (run("paint", **beside, **said_of_both)["colours"] == 6 + 37).all(), "paint follows what it says alone"
    places = run("places", **{**beside, "logits": said["logits"]}, points=np.full((1, 2), 2))
    assert (places["reached"] == 37).all()
    assert (places["suggestions"] == 90).all()


def test_a_network_without_a_finish_is_asked_for_none(tmp_path):
    parts = cut(write_export(tmp_path / "whole.onnx", finishes=False)).parts
    asked = {each.name for part in parts.values() for each in onnxruntime.InferenceSession(part).get_inputs()}
    given = {each.name for part in parts.values() for each in onnxruntime.InferenceSession(part).get_outputs()}
    assert not [name for name in asked | given if name.startswith("finish")]


def test_weights_are_only_in_the_part_that_needs_them(tmp_path):
    network = cut(write_export(tmp_path / "whole.onnx"))
    held = {
        name: {t.name for t in onnx.load_from_string(part).graph.initializer} for name, part in network.parts.items()
    }
    assert [name for name in held if "weight" in held[name]] == ["network"]


@pytest.mark.parametrize("kind", ["no file", "no onnx", "another onnx"])
def test_any_other_file_is_refused_in_a_sentence(tmp_path, kind):
    path = tmp_path / "mine.onnx"
    if kind == "no onnx":
        path.write_bytes(b"\x0a\xffnot a graph")
    elif kind == "another onnx":
        write_export(path, key="other")
    with pytest.raises(CheckpointError, match=r"mine\.onnx"):
        cut(path)
