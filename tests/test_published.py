"""Published weights in: the layout, strictness, and the same picture out."""

import pickle

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from colorizer import CheckpointError, Colorizer, build
from colorizer.published import convert

BIANCHINI = {"variant": "bn", "input": "gray", "target": "unit", "upsample": "nearest"}


def published_network() -> torch.nn.Module:
    """A network under the published names, its head near (0 + 128) / 255 as training leaves it."""
    torch.manual_seed(3)
    network = build("resnet18-decoder", **BIANCHINI).eval()
    torch.nn.init.constant_(network.deconv[-1].bias, 128 / 255)
    return network


def test_names_are_the_published_ones():
    names = set(published_network().state_dict())
    assert {name.partition(".")[0] for name in names} == {"midlevel_resnet", "deconv"}
    assert {"midlevel_resnet.0.weight", "midlevel_resnet.5.0.downsample.0.weight", "deconv.14.bias"} <= names


@pytest.mark.parametrize(
    "wrap", [lambda s: s, lambda s: {"state_dict": s}, lambda s: {f"module.{k}": v for k, v in s.items()}]
)
def test_conversion_keeps_the_picture(tmp_path, wrap):
    network = published_network()
    torch.save(wrap(network.state_dict()), tmp_path / "modello.pth")
    card = convert(tmp_path / "modello.pth", "bianchini", tmp_path / "modello.safetensors")
    assert card.architecture == "resnet18-decoder"
    assert card.config == BIANCHINI

    gray = np.random.default_rng(0).integers(0, 256, (224, 224), np.uint8)
    photo = Image.fromarray(np.stack([gray] * 3, axis=2))
    result = Colorizer.from_checkpoint(tmp_path / "modello.safetensors").colorize(photo, size=(224, 224))
    with torch.inference_mode():  # the published way: gray in [0, 1] in, (ab + 128) / 255 out, nearest last
        x = torch.from_numpy(gray)[None, None] / 255
        out = F.interpolate(network.deconv(network.midlevel_resnet(x)), scale_factor=2)
    expected = (out[0] * 255 - 128).permute(1, 2, 0).numpy()
    assert np.abs(result.ab - expected).mean() < 0.2  # float16 on disk
    assert np.array_equal(result.ab[0::2], result.ab[1::2])  # 2 x 2 blocks, as published


def test_other_weights_are_refused(tmp_path):
    state = published_network().state_dict()
    state["extra.weight"] = torch.zeros(1)
    torch.save(state, tmp_path / "a.pth")
    with pytest.raises(CheckpointError, match="not in the layout bianchini"):
        convert(tmp_path / "a.pth", "bianchini", tmp_path / "a.safetensors")
    missing = published_network().state_dict()
    del missing["deconv.0.weight"]
    torch.save(missing, tmp_path / "b.pth")
    with pytest.raises(CheckpointError, match=r"deconv\.0\.weight"):
        convert(tmp_path / "b.pth", "bianchini", tmp_path / "b.safetensors")
    assert not list(tmp_path.glob("*.safetensors"))


def test_nothing_in_a_pickle_runs(tmp_path):
    class Harmful:
        def __reduce__(self):
            return (open, (str(tmp_path / "harm"), "w"))

    (tmp_path / "harm.pth").write_bytes(pickle.dumps(Harmful()))
    with pytest.raises(CheckpointError, match="plain PyTorch weights"):
        convert(tmp_path / "harm.pth", "bianchini", tmp_path / "out.safetensors")
    assert not (tmp_path / "harm").exists()


def test_unknown_layout_and_missing_file(tmp_path):
    with pytest.raises(ValueError, match="choose one of bianchini"):
        convert(tmp_path / "x.pth", "nobody", tmp_path / "out.safetensors")
    with pytest.raises(CheckpointError, match=r"no file x\.pth"):
        convert(tmp_path / "x.pth", "bianchini", tmp_path / "out.safetensors")
