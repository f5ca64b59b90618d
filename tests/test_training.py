import math
from itertools import pairwise

import pytest
import torch
from conftest import colour_photo
from PIL import Image
from safetensors.torch import load_file

from colorizer.data import DataError
from colorizer.recipes import Recipe
from colorizer.training import Run, make_optimizer, rate_at, train
from colorizer.training_command import main

RECIPE = Recipe(sizes=(32,), batch=4, pictures=24, warmup=2, rate=3e-3, held_out=0.3, ema=0.5, jitter=0.1, hints=0.5)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for i in range(16):
        colour_photo(48, 40, seed=i).save(folder / f"{i}.png")
    return folder


def run_in(out, photos, **changes) -> Run:
    return Run(data=(str(photos),), out=str(out), workers=0, validate_every=12, title="a test", **changes)


def test_a_run_writes_everything(photos, tmp_path):
    card = train("mobile-unet", {}, RECIPE, run_in(tmp_path, photos))
    names = {path.name for path in tmp_path.iterdir()}
    assert {"best.safetensors", "last.safetensors", "state.pt", "learning-curve.png"} <= names
    assert {"samples-000000012.png", "samples-000000024.png"} <= names
    assert card.title == "a test"
    assert card.recipe["pictures"] == 24
    assert card.working_size == 32
    assert {"psnr", "gray_psnr", "delta_e", "gray_delta_e"} <= set(card.metrics)
    assert [point["pictures_seen"] for point in card.history] == [12, 24]
    assert card.history[-1]["loss"] < 5.7
    prior = load_file(tmp_path / "last.safetensors")["prior"].float()
    assert prior.sum().item() == pytest.approx(1, abs=1e-2)
    assert prior.max() > 1.1 / len(prior)


@pytest.mark.parametrize("architecture", ["mobile-unet", "resnet18-decoder"])
def test_a_continued_run_equals_an_uninterrupted_one(architecture, photos, tmp_path):
    train(architecture, {}, RECIPE, run_in(tmp_path / "whole", photos))
    stopped = run_in(tmp_path / "parts", photos, max_minutes=0.0)
    for _ in range(6):  # one step each
        train(architecture, {}, RECIPE, stopped)
    whole, parts = (load_file(tmp_path / name / "last.safetensors") for name in ("whole", "parts"))
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    states = [torch.load(tmp_path / name / "state.pt", weights_only=True) for name in ("whole", "parts")]
    assert states[0]["progress"]["step"] == states[1]["progress"]["step"] == 6


def test_another_recipe_does_not_continue_a_run(photos, tmp_path):
    train("resnet18-decoder", {}, RECIPE, run_in(tmp_path, photos, max_minutes=0.0))
    with pytest.raises(ValueError, match=r"another recipe \(rate\)"):
        train("resnet18-decoder", {}, Recipe(**{**vars(RECIPE), "rate": 1.0}), run_in(tmp_path, photos))


def test_it_learns(photos, tmp_path):
    recipe = Recipe(**{**vars(RECIPE), "pictures": 240, "schedule": "constant", "optimizer": "adam"})
    card = train("resnet18-decoder", {}, recipe, run_in(tmp_path, photos, validation=(str(photos),)))
    losses = [point["loss"] for point in card.history]
    assert losses[-1] < losses[0]


def test_starting_from_weights(photos, tmp_path):
    first = train("resnet18-decoder", {}, RECIPE, run_in(tmp_path / "a", photos))
    still = Recipe(**{**vars(RECIPE), "rate": 0.0, "pictures": 4})
    train("resnet18-decoder", {}, still, run_in(tmp_path / "b", photos, init=str(first.path)))
    a, b = (load_file(tmp_path / name / "last.safetensors") for name in ("a", "b"))
    assert torch.equal(a["deconv.0.weight"], b["deconv.0.weight"])


def test_unusable_data(tmp_path):
    with pytest.raises(DataError, match="no picture in"):
        train("resnet18-decoder", {}, RECIPE, run_in(tmp_path / "out", tmp_path))
    colour_photo().save(tmp_path / "one.png")
    with pytest.raises(DataError, match="too few"):
        train("resnet18-decoder", {}, RECIPE, run_in(tmp_path / "out", tmp_path))
    gray = tmp_path / "gray"
    gray.mkdir()
    for i in range(20):
        Image.new("RGB", (40, 40), (i, i, i)).save(gray / f"{i}.png")
    with pytest.raises(DataError, match="unreadable or gray"):
        train("resnet18-decoder", {}, RECIPE, run_in(tmp_path / "out", gray))


def test_sizes_must_fit_the_stride(photos, tmp_path):
    with pytest.raises(ValueError, match="multiples of 32"):
        train("mobile-unet", {}, Recipe(sizes=(40,)), run_in(tmp_path, photos))


def test_rates():
    recipe = Recipe(rate=1.0, warmup=10)
    rates = [rate_at(step, 100, recipe) for step in range(100)]
    assert rates[0] == pytest.approx(0.1, rel=0.01)
    assert max(rates) == pytest.approx(rates[9])
    assert all(x > y for x, y in pairwise(rates[9:]))
    assert rates[-1] == pytest.approx(0.02, abs=0.01)
    constant = Recipe(rate=1.0, warmup=10, schedule="constant")
    assert rate_at(99, 100, constant) == 1.0


def test_encoder_has_its_own_rate_and_norms_no_decay():
    from colorizer import build

    network = build("mobile-unet")
    optimizer = make_optimizer(network, Recipe(encoder_rate=0.3, weight_decay=0.1))
    groups = {(g["factor"], g["weight_decay"]): g["params"] for g in optimizer.param_groups}
    assert set(groups) == {(0.3, 0.1), (0.3, 0.0), (1.0, 0.1), (1.0, 0.0)}
    assert sum(p.numel() for ps in groups.values() for p in ps) == network.parameter_count
    assert all(p.ndim > 1 for p in groups[0.3, 0.1])


def test_command_line(photos, tmp_path, capsys):
    assert main(["--help"]) == 0
    assert "mobile-unet" in capsys.readouterr().out
    assert main(["nothing"]) == 2
    with pytest.raises(SystemExit) as stop:
        main(["resnet18-decoder", "--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    assert "--variant" in shown
    assert "--encoder-rate" in shown
    assert "Pictures in a batch" in shown
    flags = ["--data", str(photos), "--out", str(tmp_path), "--pictures", "4", "--batch", "4", "--sizes", "32"]
    assert main(["resnet18-decoder", *flags, "--held-out", "0.3", "--workers", "0", "--precision", "no"]) == 0
    assert str(tmp_path) in capsys.readouterr().out
    assert main(["resnet18-decoder", "--data", str(tmp_path / "nowhere")]) == 1
    assert "is not a folder" in capsys.readouterr().err


def test_an_infinite_limit_is_the_default():
    assert Run(data=("x",)).max_minutes == math.inf
