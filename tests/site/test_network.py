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
        assert {each.name for each in sessions[name].get_inputs()} == set(inputs)
        assert [each.name for each in sessions[name].get_outputs()] == list(outputs)
    L = np.full((1, 1, 2, 2), 5, np.float32)
    given = {"L": L, "sides": np.ones(2, np.float32), "hints": np.ones((1, 5), np.float32)}
    controls = {name: np.array(2, np.float32) for name in ("temperature", "vividness", "strength")}
    said = dict(
        zip(
            PARTS["network"][1],
            sessions["network"].run(None, {**given, **controls, "histogram": np.ones(3, np.float32)}),
            strict=True,
        )
    )
    assert (said["logits"] == 30).all()
    assert (said["colours"] == 34).all()
    asked = {name: said[name] for name in ("logits", "fine", "middle", "coarse")}
    points = np.full((1, 2), 2, np.float32)
    reached, suggestions = sessions["places"].run(
        None, {**given, **asked, "share": np.ones(1, np.float32), "points": points}
    )
    assert (reached == 36).all()
    assert (suggestions == 60).all()


def test_weights_are_only_in_the_part_that_needs_them(tmp_path):
    network = cut(write_export(tmp_path / "whole.onnx"))
    held = {
        name: {t.name for t in onnx.load_from_string(part).graph.initializer} for name, part in network.parts.items()
    }
    assert "weight" in held["network"]
    assert "weight" not in held["places"]


@pytest.mark.parametrize("kind", ["no file", "no onnx", "another onnx"])
def test_any_other_file_is_refused_in_a_sentence(tmp_path, kind):
    path = tmp_path / "mine.onnx"
    if kind == "no onnx":
        path.write_bytes(b"\x0a\xffnot a graph")
    elif kind == "another onnx":
        write_export(path, key="other")
    with pytest.raises(CheckpointError, match=r"mine\.onnx"):
        cut(path)
