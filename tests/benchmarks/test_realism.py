"""Whether coloured photographs look like true ones: the figures, on made features, and the commands."""

from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import colour_photo
from safetensors.torch import save_file

from benchmarks import looks
from benchmarks.flagship.photos import open_photos
from benchmarks.realism import main, told_apart
from colorizer import Colorizer, build
from colorizer.architectures.efficientnet_lite import EfficientNetLiteEncoder
from colorizer.architectures.layers import MobileNetV2Encoder
from colorizer.checkpoints.file import save_checkpoint
from colorizer.colour.metrics import colourfulness, psnr
from colorizer.evaluation.realism import Eye, kernel_distance, share_of_gray


def made(count: int, seed: int) -> torch.Tensor:
    return torch.randn(count, 8, generator=torch.Generator().manual_seed(seed))


def test_kernel_distance_is_around_zero_for_one_distribution_and_grows_with_the_difference():
    near, far = (kernel_distance(made(400, 0), made(400, 1) + shift) for shift in (0.3, 1.0))
    assert abs(kernel_distance(made(400, 0), made(400, 1))) < 0.05 < near < far


def test_kernel_distance_is_the_mean_over_pairs():
    x, y = made(3, 0).double(), made(2, 1).double()

    def kernel(a, b):
        return float(a @ b / 8 + 1) ** 3

    same_x = sum(kernel(x[i], x[j]) for i in range(3) for j in range(3) if i != j) / 6
    cross = sum(kernel(a, b) for a in x for b in y) / 6
    assert kernel_distance(x, y) == pytest.approx(same_x + kernel(y[0], y[1]) - 2 * cross)


def test_a_classifier_tells_pictures_apart_only_where_they_differ():
    true = made(100, 0)
    assert told_apart(true, true) == 0.5
    assert 0.3 < told_apart(made(100, 1), true) < 0.7
    assert told_apart(made(100, 1) + torch.tensor([3.0, *[0.0] * 7]), true) > 0.9


def test_a_share_is_nothing_for_true_pictures_and_one_for_gray():
    true, gray = made(40, 0), made(40, 1) + 2
    assert [share_of_gray(each, true, gray) for each in (true, gray)] == [0, 1]
    assert 0 < share_of_gray(made(40, 0) + 1, true, gray) < 1


@pytest.mark.parametrize("content", [b"no weights", None])
def test_a_file_that_holds_no_encoder_is_a_sentence(tmp_path, content):
    for path in (tmp_path / "a.pth", tmp_path / "a.safetensors"):
        if content is None:
            torch.save({"a": torch.zeros(1)}, path) if path.suffix == ".pth" else save_file({"a": torch.zeros(1)}, path)
        else:
            path.write_bytes(content)
        with pytest.raises(ValueError, match=path.name):
            Eye.load(path)


@pytest.fixture
def asked(tmp_path):
    """The arguments of the commands: ten photographs, untrained networks, and an untrained encoder."""
    torch.manual_seed(0)
    for folder in ("photos", "weights"):
        (tmp_path / folder).mkdir()
    for i in range(10):
        colour_photo(32, 32, seed=i).save(tmp_path / f"photos/{i}.png")
    torch.save(EfficientNetLiteEncoder().state_dict(), tmp_path / "encoder.pth")
    flagship = build("mobile-unet", width=0.1, grid=20, finish=True)
    torch.nn.init.normal_(flagship.finish.head.bias)
    for name, network in (("mobile-unet", flagship), ("alpha", build("alpha"))):
        save_checkpoint(tmp_path / f"weights/{name}.safetensors", network, title="untrained", working_size=32)
    folders = [str(tmp_path / "photos"), "--weights", str(tmp_path / "weights")]
    return [*folders, "--encoder", str(tmp_path / "encoder.pth")]


def test_the_command_measures_every_checkpoint_and_preset(asked, capsys):
    folder = Path(asked[0]).parent
    torch.save(MobileNetV2Encoder().state_dict(), folder / "second.pth")
    assert main([*asked, "--encoder", str(folder / "second.pth")]) == 0
    lines = capsys.readouterr().out.splitlines()
    labels = [line.split(" | ")[0].strip("| ") for line in lines[2:]]
    assert lines[0].count("EfficientNet-Lite0 | MobileNetV2") == 1
    presets = {f"`mobile-unet`, {name}" for name in ("faithful", "natural", "vivid")}
    assert {*presets, "`alpha`", "*plain gray*", "*true photographs*"} <= set(labels)


def test_looks_are_readouts_of_the_flagship(asked, capsys, monkeypatch):
    for name, values in (("TEMPERATURES", (0.45,)), ("VIVIDNESSES", (0.0, 0.15)), ("SATURATIONS", (1.0, 1.5))):
        monkeypatch.setattr(looks, name, values)
    assert looks.main([*asked, "--limit", "5"]) == 0
    *_, last, finished = (
        [part.strip() for part in line.strip("|").split("|")] for line in capsys.readouterr().out.splitlines()
    )
    label, _, bold = last
    assert label == "0.45, 0.15"
    assert finished[0] == "0.45, 0.15, finish"
    assert finished[2] != bold
    folder, weights = Path(asked[0]), Path(asked[2])
    photos = open_photos([str(folder)], 5).images
    colorizer = Colorizer.from_checkpoint("mobile-unet", device="cpu", folder=weights)
    made = [colorizer.colorize(photo, temperature=0.45, vividness=0.15, saturation=1.5) for photo in photos]
    guesses = [np.asarray(each.image) for each in made]
    grays = [np.asarray(each.grayscale.convert("RGB")) for each in made]
    truths = [np.asarray(photo) for photo in photos]
    gain = np.mean([*map(psnr, guesses, truths)]) - np.mean([*map(psnr, grays, truths)])
    ratio = np.mean([*map(colourfulness, guesses)]) / np.mean([*map(colourfulness, truths)])
    assert bold.split(", ")[1:] == [f"{ratio:.2f}", f"{gain:+.2f}"]


@pytest.mark.parametrize("command", [main, looks.main])
def test_an_encoder_that_is_not_there_is_a_sentence(asked, capsys, command):
    assert command([*asked[:-1], "none.pth"]) == 1
    assert "none.pth" in capsys.readouterr().err
