import json
from dataclasses import asdict

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from colorizer.training.recipes import Recipe
from colorizer.training.state import StateError, difference, read_state, refuse_changes, states, write_state

TENSORS = {"network.weight": torch.randn(3, 4), "optimizer.0.step": torch.tensor(7.0), "empty": torch.zeros(0)}
FACTS = {"recipe": {"rate": 0.001}, "progress": {"step": 3, "loss": float("nan")}}


def test_the_last_two_are_kept(tmp_path):
    assert read_state(tmp_path) is None
    for step in (5, 10, 999_999_999):
        write_state(tmp_path, step, TENSORS, {"step": step})
    assert [path.name for path in states(tmp_path)] == ["state-000000010.safetensors", "state-999999999.safetensors"]
    assert read_state(tmp_path)[1] == {"step": 999_999_999}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    return write_state(folder, 1, TENSORS, FACTS).read_bytes()


@given(st.data())
def test_an_incomplete_or_damaged_state_is_refused(whole, tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("torn")
    place = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        broken = whole[:place]
    else:
        broken = whole[:place] + bytes([whole[place] ^ (1 << data.draw(st.integers(0, 7)))]) + whole[place + 1 :]
    (folder / "state-000000001.safetensors").write_bytes(broken)
    with pytest.raises(StateError, match="delete it to start the run anew"):
        read_state(folder)


def test_the_error_names_the_previous_state(tmp_path):
    write_state(tmp_path, 1, TENSORS, FACTS)
    last = write_state(tmp_path, 2, TENSORS, FACTS)
    last.write_bytes(last.read_bytes()[:-9])
    with pytest.raises(
        StateError, match=r"state-000000002.* is torn .*delete it, and the run goes on from state-000000001"
    ):
        read_state(tmp_path)
    last.unlink()
    assert read_state(tmp_path)[1]["progress"]["step"] == 3


def test_files_of_other_programs_are_refused(tmp_path):
    from safetensors.torch import save_file

    save_file(TENSORS, tmp_path / "state-000000001.safetensors", metadata={"format": "pt"})
    with pytest.raises(StateError, match="no state of a training run"):
        read_state(tmp_path)


def test_differences_are_named():
    then, now = {"rate": 0.001, "flip": True, "gone": 1, "same": [1]}, {"rate": 0.002, "flip": False, "same": [1]}
    assert difference(then, now) == "flip true -> false, gone 1 -> null, rate 0.001 -> 0.002"
    assert difference(now, json.loads(json.dumps(now))) == ""


def test_settings_that_came_later_had_their_default(tmp_path):
    """A newer version with more settings continues a run, unless one of the new settings is used; and so does one that
    has lost a setting."""
    now = json.loads(json.dumps(asdict(Recipe())))
    then = {key: value for key, value in now.items() if key not in ("whims", "balance")}
    refuse_changes(tmp_path, ({}, {"recipe": {**then, "gray": 0.3}}), {"recipe": now})
    with pytest.raises(StateError, match=r"another recipe \(whims 0.0 -> 0.3\)"):
        refuse_changes(tmp_path, ({}, {"recipe": then}), {"recipe": {**now, "whims": 0.3}})
