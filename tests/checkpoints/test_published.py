"""Converting published weights: layouts, strict loading, and the same picture as before."""

import pickle

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from colorizer import CheckpointError, Colorizer, build, list_checkpoints
from colorizer.checkpoints.published import convert
from colorizer.cli.parser import main
from colorizer.colour import bins

BIANCHINI = {"variant": "bn", "input": "gray", "target": "unit", "upsample": "nearest"}


def published_network() -> torch.nn.Module:
    """A network with the published names, its head near (0 + 128) / 255, as after training."""
    torch.manual_seed(3)
    network = build("resnet18-decoder", **BIANCHINI).eval()
    torch.nn.init.constant_(network.deconv[-1].bias, 128 / 255)
    return network


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


def test_no_code_in_a_pickle_runs(tmp_path):
    class Harmful:
        def __reduce__(self):
            return (open, (str(tmp_path / "harm"), "w"))

    (tmp_path / "harm.pth").write_bytes(pickle.dumps(Harmful()))
    with pytest.raises(CheckpointError, match="plain weights"):
        convert(tmp_path / "harm.pth", "bianchini", tmp_path / "out.safetensors")
    assert not (tmp_path / "harm").exists()


def test_the_tutorials_layout(tmp_path, capsys):
    """The names of akbokha and the tutorial: the same network, with a decoder called `upsample`."""
    network = published_network()
    renamed = {name.replace("deconv.", "upsample."): value for name, value in network.state_dict().items()}
    torch.save({"model_state_dict": renamed}, tmp_path / "model-epoch-30.pth")
    command = ["convert", str(tmp_path / "model-epoch-30.pth"), "--layout", "akbokha"]
    assert main([*command, "-o", str(tmp_path / "a.safetensors")]) == 0
    assert "resnet18-decoder" in capsys.readouterr().out
    ours = Colorizer.from_checkpoint(tmp_path / "a.safetensors").architecture
    L = torch.rand(1, 1, 64, 64) * 100
    assert torch.allclose(ours(L), network(L), atol=2e-2)
    with pytest.raises(CheckpointError, match="not in the layout bianchini"):
        convert(tmp_path / "model-epoch-30.pth", "bianchini", tmp_path / "b.safetensors")


def test_the_repositorys_layout_leaves_out_unused_tensors(tmp_path):
    """Melas-Kyriazi's repository and RobsGeorge's: 10.8 million numbers beside those in use."""
    torch.manual_seed(5)
    network = build("resnet18-decoder", variant="sigmoid", input="gray", target="unit", upsample="nearest").eval()
    theirs = {"0": "conv1", "1": "bn2", "4": "conv2", "5": "bn3", "7": "conv3", "10": "conv4", "12": "conv5"}
    state = {}
    for name, value in network.state_dict().items():
        part, number, rest = name.split(".", 2)
        ours = part == "midlevel_resnet"
        state[name if ours else f"fusion_and_colorization_net.{theirs[number]}.{rest}"] = value
    state |= {f"global_resnet.{i}.weight": torch.rand(3) for i in range(9)}
    for idle in ("fusion.weight", "fusion.bias", "bn1.weight", "deconv1_new.weight", "bn4.running_mean", "bn5.bias"):
        state[f"fusion_and_colorization_net.{idle}"] = torch.rand(2)
    torch.save({"epoch": 3, "state_dict": state}, tmp_path / "model_best.pth.tar")
    card = convert(tmp_path / "model_best.pth.tar", "melas-kyriazi", tmp_path / "a.safetensors")
    assert card.config["variant"] == "sigmoid"
    assert card.parameters == 954_530
    L = torch.rand(1, 1, 64, 64) * 100
    assert torch.allclose(Colorizer.from_checkpoint(card.path).architecture(L), network(L), atol=2e-2)


ECCV16 = {
    **{f"model1.{i}": shape for i, shape in ((0, (64, 1, 3, 3)), (2, (64, 64, 3, 3)), (4, (64,)))},
    **{f"model2.{i}": shape for i, shape in ((0, (128, 64, 3, 3)), (2, (128, 128, 3, 3)), (4, (128,)))},
    **{f"model3.{i}": shape
       for i, shape in ((0, (256, 128, 3, 3)), (2, (256, 256, 3, 3)), (4, (256, 256, 3, 3)), (6, (256,)))},
    **{f"model4.{i}": shape
       for i, shape in ((0, (512, 256, 3, 3)), (2, (512, 512, 3, 3)), (4, (512, 512, 3, 3)), (6, (512,)))},
    **{f"model{m}.{i}": shape
       for m in (5, 6, 7) for i, shape in ((0, (512, 512, 3, 3)), (2, (512, 512, 3, 3)), (4, (512, 512, 3, 3)),
                                           (6, (512,)))},
    "model8.0": (512, 256, 4, 4), "model8.2": (256, 256, 3, 3), "model8.4": (256, 256, 3, 3),
    "model8.6": (313, 256, 1, 1),
}  # fmt: skip
"""Names and shapes in the release of richzhang/colorization, without `.weight`; all have a bias."""

SIGGRAPH17 = {
    **{name: shape for name, shape in ECCV16.items() if not name.startswith("model8")},
    "model1.0": (64, 4, 3, 3),
    "model8up.0": (512, 256, 4, 4), "model3short8.0": (256, 256, 3, 3),
    "model8.1": (256, 256, 3, 3), "model8.3": (256, 256, 3, 3), "model8.5": (256,),
    "model9up.0": (256, 128, 4, 4), "model2short9.0": (128, 128, 3, 3), "model9.1": (128, 128, 3, 3),
    "model9.3": (128,),
    "model10up.0": (128, 128, 4, 4), "model1short10.0": (128, 64, 3, 3), "model10.1": (128, 128, 3, 3),
    "model_class.0": (529, 256, 1, 1), "model_out.0": (2, 128, 1, 1),
}  # fmt: skip


def official(shapes: dict[str, tuple[int, ...]]) -> dict[str, torch.Tensor]:
    """A state dict with the official names and shapes, filled so that signals keep their size."""
    generator = torch.Generator().manual_seed(0)
    state = {}
    for name, shape in shapes.items():
        transposed = name.endswith("up.0") or (name == "model8.0" and shape[0] == 512)
        outputs = shape[1] if transposed else shape[0]
        if len(shape) == 1:  # batch norm, as PyTorch of that time wrote it: no counter
            state |= {f"{name}.weight": torch.ones(shape), f"{name}.running_mean": torch.zeros(shape)}
            state[f"{name}.running_var"] = torch.ones(shape)
        else:
            fan_in = shape[1] * shape[2] * shape[3]
            state[f"{name}.weight"] = torch.randn(shape, generator=generator) * (2 / fan_in) ** 0.5
        state[f"{name}.bias"] = torch.zeros(outputs)
    return state


def official_centres() -> torch.Tensor:
    """313 grid points in their own order, as ab / 110, like the release's last layer."""
    order = torch.randperm(313, generator=torch.Generator().manual_seed(1))
    return (bins.nearest_centres(313)[order].T / 110)[:, :, None, None]


def test_official_eccv16(tmp_path):
    state = {**official(ECCV16), "model_out.weight": official_centres()}
    torch.save(state, tmp_path / "colorization_release_v2-9b330a0b.pth")
    card = convert(tmp_path / "colorization_release_v2-9b330a0b.pth", "eccv16", tmp_path / "eccv16.safetensors")
    assert card.parameters == build("eccv16").parameter_count
    network = Colorizer.from_checkpoint(card.path).architecture
    L = torch.rand(1, 1, 64, 64) * 100
    with torch.inference_mode():
        ours = network.to_ab(network(L), L)
        # as published: softmax, the fixed last layer, times 110, bilinear x4
        x = (L - 50) / 100
        for i in range(1, 8):
            last = max(int(name.split(".")[1]) for name in ECCV16 if name.startswith(f"model{i}."))
            for j in range(0, last, 2):
                padding = 2 if i in (5, 6) else 1
                stride = 2 if i < 4 and j == last - 2 else 1
                weight, bias = state[f"model{i}.{j}.weight"], state[f"model{i}.{j}.bias"]
                x = F.relu(F.conv2d(x, weight, bias, stride, padding, padding))
            x = x / (1 + 1e-5) ** 0.5
        x = F.relu(F.conv_transpose2d(x, state["model8.0.weight"], state["model8.0.bias"], 2, 1))
        for j in (2, 4):
            x = F.relu(F.conv2d(x, state[f"model8.{j}.weight"], state[f"model8.{j}.bias"], 1, 1))
        p = F.conv2d(x, state["model8.6.weight"], state["model8.6.bias"]).softmax(dim=1)
        theirs = 110 * F.conv2d(p, state["model_out.weight"])
    assert theirs.abs().max() > 1
    assert (ours - theirs).abs().max() < 0.5  # float16 on disk
    del state["model_out.weight"]
    torch.save(state, tmp_path / "x.pth")
    with pytest.raises(CheckpointError, match=r"model_out\.weight"):
        convert(tmp_path / "x.pth", "eccv16", tmp_path / "x.safetensors")


def test_official_siggraph17(tmp_path):
    state = official(SIGGRAPH17)
    torch.save(state, tmp_path / "siggraph17-df00044c.pth")
    card = convert(tmp_path / "siggraph17-df00044c.pth", "siggraph17", tmp_path / "siggraph17.safetensors")
    colorizer = Colorizer.from_checkpoint(card.path)
    result = colorizer.colorize(Image.new("RGB", (64, 64), "gray"), size=(64, 64))
    assert result.ab.shape == (64, 64, 2)
    assert np.abs(result.ab).max() <= 110
    loaded = colorizer.architecture.state_dict()
    assert all(torch.allclose(loaded[name], value, atol=1e-3) for name, value in state.items())


@pytest.mark.full
def test_a_file_that_is_not_the_published_one_is_reported(tmp_path, capsys):
    torch.save(official(SIGGRAPH17), tmp_path / "mine.pth")
    flags = ["--layout", "siggraph17", "-o", str(tmp_path / "mine.safetensors")]
    assert main(["convert", str(tmp_path / "mine.pth"), *flags]) == 0
    assert "begins with df00044c" in capsys.readouterr().err
    assert "siggraph17" in [card.architecture for card in list_checkpoints(tmp_path)]


@pytest.mark.parametrize("text", ["a text", "(dp0\n", "\x80\x02", "ccolorizer\nbuild\n.", ".", "0" * 100, ""])
def test_a_file_of_another_kind_gives_one_sentence(text, tmp_path, capsys):
    (tmp_path / "notes.pth").write_text(text)
    target = tmp_path / "out.safetensors"
    assert main(["convert", str(tmp_path / "notes.pth"), "--layout", "eccv16", "-o", str(target)]) == 1
    said = capsys.readouterr().err
    sentence = "is not a file of plain weights; give a .safetensors file, or a .pth with a state_dict alone."
    assert said == f"colorizer: notes.pth {sentence}\n"
    assert not target.exists()
