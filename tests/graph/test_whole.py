"""The whole pipeline as one file: it colours as `Colorizer` does, and the example in docs/onnx.md works."""

import json
import re
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from conftest import colour_photo
from small_networks import thin

from colorizer import Card, Colorizer, Hint, build, open_photo
from colorizer.checkpoints.file import save_checkpoint
from colorizer.checkpoints.onnx import KEY
from colorizer.cli.parser import main
from colorizer.colour.bins import palette_histogram
from colorizer.graph.whole import MOST_UNLIKE, defaults, hint_rows, pipeline

DOCS = Path(__file__).parents[2] / "docs" / "onnx.md"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A pipeline, its graph in a folder, and the Colorizer of the same network, which has a finish."""
    folder = tmp_path_factory.mktemp("whole")
    torch.manual_seed(0)
    network = thin(build("mobile-unet", width=0.2, finish=True, agree=True, spread=True))
    network.half().float()  # as exact as what a checkpoint stores
    for end in (network, network.finish):
        torch.nn.init.normal_(end.head.weight)  # bold colours, some beyond sRGB
        torch.nn.init.normal_(end.head.bias)
    card = Card("net", folder / "net.safetensors", architecture="mobile-unet", working_size=96, temperature=0.8)
    made = pipeline(network, card)
    (folder / "mobile-unet-whole.onnx").write_bytes(made.whole)
    return made, folder, Colorizer(network, card=card)


@pytest.mark.full
def test_a_finish_is_exported_too(whole):
    made, _, colorizer = whole
    one, other = (colorizer.colorize(colour_photo(), finish=finish).ab for finish in (0.0, 1.0))
    assert np.abs(one - other).min(axis=(0, 1)).max() > 3, "each end has its own answer"
    assert made.unlike <= MOST_UNLIKE  # of both ends
    for file in (made.whole, made.parts["look"]):
        assert "finish" in {each.name for each in onnxruntime.InferenceSession(file).get_inputs()}
    faded = colour_photo().convert("L").point(lambda level: 90 + level // 4).convert("RGB")
    given = {**defaults(colorizer.architecture, colorizer.card), "photo": np.asarray(faded)}
    (image,) = onnxruntime.InferenceSession(made.whole).run(["image"], given)
    far = np.abs(image.astype(int) - np.asarray(colorizer.colorize(faded, finish=0.0).image)) > 1
    assert far.mean() <= MOST_UNLIKE, "a faded photograph is read alike"


@pytest.mark.full
def test_it_colours_as_the_colorizer_does(whole):
    _, folder, colorizer = whole
    session = onnxruntime.InferenceSession(folder / "mobile-unet-whole.onnx")
    card = json.loads(session.get_modelmeta().custom_metadata_map[KEY])
    given = {name: np.array(value, np.float32) for name, value in card["defaults"].items()}
    given |= {"hints": given["hints"].reshape(-1, 5), "points": given["points"].reshape(-1, 2)}
    assert set(given) | {"photo"} == {each.name for each in session.get_inputs()}
    photo = colour_photo().convert("RGB")
    for size in ((9, 13), (640, 80), (301, 199)):
        one = photo.resize(size)
        hint = Hint(size[0] * 0.4, size[1] * 0.7, (60.0, 10.0))
        palette = [(40.0, 20.0)]
        settings = {"temperature": 0.5, "vividness": 0.6, "saturation": 1.3, "strength": 0.8}
        expected = colorizer.colorize(one, [hint], palette=palette, **settings)
        inputs = {
            **given,
            **{name: np.array(value, np.float32) for name, value in settings.items()},
            "photo": np.asarray(one),
            "hints": hint_rows([hint]),
            "points": np.array([[hint.x, hint.y]], np.float32),
            "histogram": palette_histogram(palette, colorizer.architecture.centres).numpy(),
        }
        image, entropy, suggestions = session.run(["image", "entropy", "suggestions"], inputs)
        assert (np.abs(image.astype(int) - np.asarray(expected.image)) > 1).mean() <= MOST_UNLIKE
        assert np.abs(entropy - expected.entropy).max() < 0.01
        assert suggestions[0].tolist() == [list(colour) for colour in expected.suggest(hint.x, hint.y)]


@pytest.mark.full
def test_the_example_in_the_documentation_works(whole, monkeypatch):
    _, folder, colorizer = whole
    monkeypatch.chdir(folder)
    colour_photo().save("old.jpg")
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text().split("## The whole pipeline")[1], re.DOTALL)[:1]
    exec(code.replace("mobile-unet.onnx", "mobile-unet-whole.onnx"), {})
    expected = colorizer.colorize(open_photo("old.jpg")).image
    assert (
        np.abs(np.asarray(open_photo("in-colour.png")).astype(int) - np.asarray(expected)) > 1
    ).mean() <= MOST_UNLIKE


def test_a_network_that_has_no_such_pipeline_is_refused_in_one_sentence(tmp_path, capsys):
    save_checkpoint(tmp_path / "plain.safetensors", build("alpha"), working_size=64)
    assert main(["export", str(tmp_path / "plain.safetensors"), "--whole", "-o", str(tmp_path / "x.onnx")]) == 1
    assert "plain cannot be exported whole; only mobile-unet can" in capsys.readouterr().err
    assert not (tmp_path / "x.onnx").exists()
