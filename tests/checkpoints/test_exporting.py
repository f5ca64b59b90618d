"""ONNX files: for every architecture onnxruntime agrees with torch, and the example in docs/onnx.md works."""

import copy
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from conftest import colour_photo, representing
from PIL import Image
from small_networks import small, thin

from colorizer import Card, Colorizer, errors, list_architectures
from colorizer.checkpoints import onnx as exporting
from colorizer.checkpoints.file import save_checkpoint
from colorizer.checkpoints.onnx import KEY, TOLERANCE, write_graph
from colorizer.cli.parser import main

DOCS = Path(__file__).parents[2] / "docs" / "onnx.md"


SIZE = (64, 32)
"""(H, W) of what networks are asked."""
KINDS = ["alpha", "conv-autoencoder"]
"""Small ones: any size, and one size only. The site's graph, a distribution, has its own tests."""


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """For each architecture an ONNX file, its `Colorizer`, and the command's output; made once."""
    folder, made = tmp_path_factory.mktemp("onnx"), {}

    def of(name):
        if name not in made:
            network = thin(small(name)).half().float()  # as it is in a file
            card = Card(
                name=name, path=folder / f"{name}.safetensors", architecture=name, title="untrained", licence="CC0",
                working_size=network.working_size if network.fixed_size else 64,
                temperature=0.7 if network.has_distribution else 1.0,
            )  # fmt: skip
            target = folder / f"{name}.onnx"
            said = write_graph(network, card, target)
            made[name] = target, Colorizer(network, card=card), said
        return made[name]

    return of


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """A small checkpoint, quick to export."""
    return save_checkpoint(tmp_path_factory.mktemp("weights") / "alpha.safetensors", small("alpha")).path


def opened(path):
    """The file in onnxruntime, on one thread, because tests share the machine."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options)


@pytest.mark.parametrize("name", representing(list_architectures(), KINDS))
def test_onnxruntime_agrees_with_torch_for_every_architecture(exported, name):
    path, colorizer, said = exported(name)
    assert said.difference <= TOLERANCE
    network = colorizer.architecture
    session = opened(path)
    assert [given.name for given in session.get_inputs()] == list(said.inputs)
    assert ("hints" in said.inputs) == network.takes_hints
    height, width = (network.working_size, network.working_size) if network.fixed_size else SIZE
    random = np.random.default_rng(3)
    assert session.get_inputs()[0].shape[2:] == ([height, width] if network.fixed_size else ["height", "width"])
    L = random.uniform(0, 100, (2, 1, height, width)).astype(np.float32)
    fed = {"L": L}
    if network.takes_hints:
        fed["hints"] = random.integers(0, 2, (2, 3, height, width)).astype(np.float32)
    (ab,) = session.run(["ab"], fed)
    with torch.inference_mode():
        prediction = network(*(torch.from_numpy(value) for value in fed.values()))
        own = {"temperature": 0.7} if network.has_distribution else {}
        expected = network.to_ab(prediction, torch.from_numpy(L), **own)
    assert ab.shape == tuple(expected.shape)
    assert np.abs(ab - expected.numpy()).max() <= TOLERANCE


@pytest.mark.full
def test_a_file_describes_itself(exported):
    path, _, _ = exported("mobile-unet")
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    (entry,) = model.metadata_props
    assert entry.key == KEY
    said = json.loads(entry.value)
    assert (said["name"], said["licence"], said["title"]) == ("mobile-unet", "CC0", "untrained")
    assert (said["stride"], said["size"], said["takes_hints"], said["working_size"]) == (32, None, True, 64)
    assert [imported.version for imported in model.opset_import if not imported.domain] == [18]
    shapes = {
        given.name: [side.dim_param or side.dim_value for side in given.type.tensor_type.shape.dim]
        for given in model.graph.input
    }
    assert shapes == {"L": ["batch", 1, "height", "width"], "hints": ["batch", 3, "height", "width"]}
    assert "a guess" in model.doc_string


def test_a_file_does_not_reveal_the_machine(exported):
    path, _, _ = exported("alpha")
    written = path.read_bytes()
    for place in (Path(exporting.__file__).parent, Path(torch.__file__).parent, path.parent):
        assert str(place).encode() not in written


@pytest.mark.parametrize("name", representing(["mobile-unet", "eccv16", "conv-autoencoder"], ["conv-autoencoder"]))
def test_the_example_in_python_gives_the_colours_of_colorizer(exported, name, tmp_path, monkeypatch):
    path, colorizer, _ = exported(name)
    code = re.findall(r"^```python\n(.*?)^```", DOCS.read_text(encoding="utf-8"), flags=re.M | re.S)[0]
    photo = colour_photo(150, 100)
    photo.save(tmp_path / "old.jpg")
    (tmp_path / "mobile-unet.onnx").write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    assert "torch" not in code
    exec(compile(code, "docs/onnx.md", "exec"), {})
    ours = colorizer.colorize(Image.open("old.jpg").convert("RGB"))
    difference = np.abs(np.asarray(Image.open("in-colour.png"), int) - np.asarray(ours.image, int))
    assert difference.mean() < 1.0
    from_gray = np.abs(np.asarray(ours.image, int) - np.asarray(ours.grayscale.convert("RGB"), int))
    assert from_gray.mean() > 4 * difference.mean()


@pytest.fixture
def no_time(exported, monkeypatch):
    """The command writes the graph that is there already."""
    monkeypatch.setattr(exporting, "_write", lambda answer, path, *_: shutil.copy(exported("alpha")[0], path))


def test_the_command(checkpoint, no_time, tmp_path, capsys):
    out = tmp_path / "new" / "small.onnx"
    command = ["export", "alpha", "-o", str(out), "--weights", str(checkpoint.parent)]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "L to ab" in said
    assert "Checked: onnxruntime's colours are within" in said
    (tool,) = re.findall(r"^python -m (onnxruntime\S+ .*) mobile-unet.onnx", DOCS.read_text(encoding="utf-8"), re.M)
    fixed = tmp_path / "fixed.onnx"
    subprocess.run([sys.executable, "-m", *tool.split(), out, fixed], check=True, capture_output=True)
    free, one_size = opened(out), opened(fixed)
    assert free.get_inputs()[0].shape == ["batch", 1, "height", "width"]
    assert one_size.get_inputs()[0].shape == ["batch", 1, 192, "width"]
    L = {"L": np.random.default_rng(0).uniform(0, 100, (1, 1, 192, 64)).astype(np.float32)}
    assert np.array_equal(*(session.run(["ab"], L) for session in (free, one_size)))


def test_a_graph_that_differs_from_torch_is_not_kept(checkpoint, no_time, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(exporting, "_difference", lambda *_: float("nan"))
    command = ["export", str(checkpoint), "-o", str(tmp_path / "a.onnx")]
    assert main(command) == 1
    assert "nothing was written" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_check_detects_another_networks_colours(exported):
    path, colorizer, _ = exported("alpha")
    other = copy.deepcopy(colorizer.architecture)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.mul_(2)
    assert exporting._difference(exporting.Answer(other, colorizer.card), path, [(1, *SIZE)]) > TOLERANCE


def test_missing_packages_are_named(checkpoint, tmp_path, capsys, monkeypatch):
    command = ["export", str(checkpoint), "-o", str(tmp_path / "a.onnx")]
    monkeypatch.setattr(errors, "find_spec", lambda name: None)
    assert main(command) == 1
    assert "needs onnx, onnxscript, onnxruntime; install colorizer[onnx]" in capsys.readouterr().err
