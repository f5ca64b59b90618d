from dataclasses import replace

import pytest
import torch
from conftest import colour_photo, representing
from safetensors.torch import load_file

from colorizer import Colorizer, build
from colorizer.architectures.torchvision_import import import_torchvision
from colorizer.checkpoints.file import save_checkpoint
from colorizer.cli.train import main
from colorizer.training import Run, train
from colorizer.training.network import start_weights
from colorizer.training.protocols import PROTOCOLS, recipe_for
from colorizer.training.recipes import Recipe

from .small_run import RECIPE, run_in


def test_a_run_writes_everything(photos, tmp_path):
    card = train("mobile-unet", {"width": 0.125}, RECIPE, run_in(tmp_path, photos))
    names = {path.name for path in tmp_path.iterdir()}
    assert {"best.safetensors", "last.safetensors", "run.json", "log.jsonl"} <= names
    assert {"state-000000006.safetensors"} <= names
    assert {"samples-000000012.png", "samples-000000024.png"} <= names
    assert card.title == "a test"
    assert card.recipe["pictures"] == 24
    assert card.working_size == 32
    assert {"psnr", "gray_psnr", "delta_e", "gray_delta_e"} <= set(card.metrics)
    assert [point["pictures_seen"] for point in card.history] == [12, 24]
    assert card.history[-1]["loss"] < card.history[0]["loss"]
    prior = load_file(tmp_path / "last.safetensors")["prior"].float()
    assert prior.sum().item() == pytest.approx(1, abs=1e-2)
    assert prior.max() > 1.1 / len(prior)


@pytest.mark.parametrize(
    ("architecture", "recipe", "complaint"),
    [
        ("conv-fc", Recipe(sizes=(64,)), "32 pixels only"),
        ("alpha", Recipe(sizes=(32,), loss="rebalanced"), "takes mse, rmse, mae, smooth-l1"),
        ("eccv16", Recipe(sizes=(32,), loss="mse"), "takes cross-entropy, rebalanced"),
        ("resnet18-decoder", Recipe(sizes=(32,), batch=1), "more than one picture"),
        ("fusion", Recipe(sizes=(32,)), "nothing but noise"),
        ("iizuka16", Recipe(sizes=(32,)), "folders named by class"),
    ],
)
def test_recipes_that_repeat_a_mistake_are_refused(architecture, recipe, complaint, photos, tmp_path):
    config = {"width": 0.125} if architecture in ("eccv16", "iizuka16", "fusion") else {}
    with pytest.raises(ValueError, match=complaint):
        train(architecture, config, replace(recipe, held_out=0.3), run_in(tmp_path, photos))


def test_a_classifier_learns_the_names_of_folders(tmp_path):
    data = tmp_path / "data"
    for i in range(24):
        folder = data / ("coast", "forest")[i % 2]
        folder.mkdir(parents=True, exist_ok=True)
        colour_photo(48, 40, seed=i).save(folder / f"{i}.png")
    config = {"width": 0.125, "global_size": 32}
    recipe = replace(RECIPE, class_weight=0.1)
    card = train("iizuka16", config, recipe, run_in(tmp_path / "run", data))
    assert card.config["classes"] == 2
    assert card.classes == ("coast", "forest")
    seen = Colorizer.from_checkpoint(card.path).colorize(colour_photo(48, 40, seed=1)).classes
    assert {name for name, _ in seen} == {"coast", "forest"}
    assert sum(p for _, p in seen) == pytest.approx(1, abs=1e-4)
    # with the classes' weight at 0, folders need no names
    train("iizuka16", config, replace(recipe, class_weight=0.0), run_in(tmp_path / "plain", data / "coast"))


PROTOCOL_RUNS = [
    (name, architecture)
    for name, protocol in PROTOCOLS.items()
    for architecture in protocol.recipes
    if architecture not in ("", "fusion", "inception-skip", "mobile-unet")  # those need weights, or are ours
]
ONE_OF_EACH = [("wallner", "beta"), ("zhang2016", "eccv16"), ("iizuka", "iizuka16"), ("arboleda", "conv-fc")]
"""Squared error, cross-entropy, classes, RGB."""


@pytest.mark.parametrize("chosen", representing(PROTOCOL_RUNS, ONE_OF_EACH), ids="-".join)
def test_every_protocol_makes_a_step(chosen, photos, tmp_path):
    """The originals' recipes on the architectures they were made for, at a size that tests can afford."""
    name, architecture = chosen
    recipe, config = recipe_for(architecture, name)
    network = build(architecture, **config)
    fixed = network.working_size if network.fixed_size else 32
    small = replace(recipe, sizes=(fixed,), batch=min(recipe.batch, 2), pictures=2, epochs=0, held_out=0.3)
    small = replace(small, class_weight=0.0, precision="no")
    narrow = {"width": 0.125} if "width" in vars(network.config) else {}
    train(
        architecture,
        {**config, **narrow},
        small,
        Run((str(photos),), out=str(tmp_path), workers=0, validation_pictures=1),
    )
    assert (tmp_path / "best.safetensors").exists()


def test_epochs_count_the_pictures(photos, tmp_path):
    card = train("alpha", {}, replace(RECIPE, epochs=2, batch=1, sizes=(16,)), run_in(tmp_path, photos, overfit=True))
    assert card.history[-1]["pictures_seen"] == 32


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
    with pytest.raises(SystemExit):
        main(["alpha", "--recipe", "wallner", "--help"])
    shown = capsys.readouterr().out
    assert "rmsprop" in shown
    assert "Wallner (2017)" in shown
    assert main(["alpha", "--recipe", "nobody"]) == 2
    assert "choose one of ours, fine-tune, finish, bianchini" in capsys.readouterr().err
    flags = ["--data", str(photos), "--out", str(tmp_path), "--pictures", "4", "--batch", "4", "--sizes", "32"]
    assert main(["resnet18-decoder", *flags, "--held-out", "0.3", "--workers", "0", "--precision", "no"]) == 0
    assert str(tmp_path) in capsys.readouterr().out
    assert main(["resnet18-decoder", "--data", str(tmp_path / "nowhere")]) == 1
    assert "is not a folder" in capsys.readouterr().err


def test_another_network_cannot_continue_a_run(photos, tmp_path):
    recipe = replace(RECIPE, pictures=4)
    train("alpha", {}, recipe, run_in(tmp_path, photos))
    with pytest.raises(ValueError, match=r"another network \(width 1.0 -> 0.5\)"):
        train("alpha", {"width": 0.5}, recipe, run_in(tmp_path, photos))
    with pytest.raises(ValueError, match="of another architecture or config"):
        train("beta", {}, recipe, run_in(tmp_path / "b", photos, init=str(tmp_path / "best.safetensors")))
    with pytest.raises(ValueError, match=r"0\.png is not a file of plain weights"):
        train("mobile-unet", {}, recipe, run_in(tmp_path / "c", photos, encoder=str(photos / "0.png")))


def test_frozen_parts_come_from_a_checkpoint_too(photos, tmp_path):
    donor = build("fusion", width=0.25)
    save_checkpoint(tmp_path / "donor.safetensors", donor)
    run = run_in(tmp_path / "run", photos, encoder=str(tmp_path / "donor.safetensors"))
    train("fusion", {"width": 0.125}, replace(RECIPE, pictures=4), run)
    trained = load_file(tmp_path / "run" / "last.safetensors")
    kept = donor.state_dict()["classifier.classifier.1.weight"]
    assert torch.equal(trained["classifier.classifier.1.weight"], kept.half())


def test_an_encoder_comes_from_torchvision(monkeypatch):
    models = import_torchvision().models
    theirs = models.resnet18(weights=None)
    monkeypatch.setattr(models, "get_model", lambda name, weights: {("resnet18", "DEFAULT"): theirs}[name, weights])
    network = build("resnet18-decoder")
    start_weights(network, Run(data=(), encoder="torchvision"))
    assert torch.equal(network.midlevel_resnet[4][0].conv1.weight, theirs.layer1[0].conv1.weight)


def test_an_encoder_at_rate_0_rests_with_its_statistics(photos, tmp_path):
    start = build("mobile-unet", width=0.125)
    save_checkpoint(tmp_path / "start.safetensors", start)
    recipe = replace(RECIPE, pictures=12, encoder_rate=0.0, whims=0.5, hints=1.0)
    train(
        "mobile-unet",
        {"width": 0.125},
        recipe,
        run_in(tmp_path / "run", photos, init=str(tmp_path / "start.safetensors")),
    )
    before, after = (load_file(p) for p in (tmp_path / "start.safetensors", tmp_path / "run/last.safetensors"))
    rest = {name for name in before if torch.equal(before[name], after[name])}
    assert {name for name in before if name.startswith(("encoder.", "hint_stem."))} <= rest
    assert not any(name.startswith("up8.convs.0") for name in rest)
