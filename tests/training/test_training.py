import math
from dataclasses import asdict, replace

import pytest
import torch
from conftest import colour_photo, write_photos
from PIL import Image
from safetensors.torch import load_file

from colorizer import Colorizer, build
from colorizer.checkpoints.file import read_card, save_checkpoint
from colorizer.cli.train import main
from colorizer.data.files import DataError, find_pictures, overlap
from colorizer.training import Run, train
from colorizer.training.material import training_split
from colorizer.training.processes import start
from colorizer.training.protocols import PROTOCOLS, recipe_for
from colorizer.training.recipes import Recipe
from colorizer.training.state import read_state, write_state
from colorizer.training.validation import Progress, Validator, card_writer

pytestmark = pytest.mark.usefixtures("small_measures")
RECIPE = Recipe(sizes=(32,), batch=4, pictures=24, warmup=2, rate=3e-3, held_out=0.3, ema=0.5, jitter=0.1, hints=0.5)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return write_photos(tmp_path_factory.mktemp("photos"), 16, 48, 40)


def run_in(out, photos, **changes) -> Run:
    settings = {"workers": 0, "validate_every": 12, "title": "a test", "cache": "", "trackers": ()}
    return Run(data=(str(photos),), out=str(out), **{**settings, **changes})


def test_a_run_writes_everything(photos, tmp_path):
    card = train("mobile-unet", {}, RECIPE, run_in(tmp_path, photos))
    names = {path.name for path in tmp_path.iterdir()}
    assert {"best.safetensors", "last.safetensors", "learning-curve.png", "run.json", "log.jsonl"} <= names
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


@pytest.mark.parametrize("architecture", ["mobile-unet", "resnet18-decoder"])
def test_a_continued_run_equals_an_uninterrupted_one(architecture, photos, tmp_path):
    train(architecture, {}, RECIPE, run_in(tmp_path / "whole", photos))
    stopped = run_in(tmp_path / "parts", photos, max_minutes=0.0)
    for _ in range(6):  # one step each
        train(architecture, {}, RECIPE, stopped)
    whole, parts = (load_file(tmp_path / name / "last.safetensors") for name in ("whole", "parts"))
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    assert [read_state(tmp_path / name)[1]["progress"]["step"] for name in ("whole", "parts")] == [6, 6]


def test_another_recipe_does_not_continue_a_run(photos, tmp_path):
    train("resnet18-decoder", {}, RECIPE, run_in(tmp_path, photos, max_minutes=0.0))
    with pytest.raises(ValueError, match=r"another recipe \(rate 0.003 -> 1.0\); put that back"):
        train("resnet18-decoder", {}, Recipe(**{**vars(RECIPE), "rate": 1.0}), run_in(tmp_path, photos))


def test_it_learns(photos, tmp_path):
    recipe = Recipe(**{**vars(RECIPE), "pictures": 120, "schedule": "constant", "optimizer": "adam"})
    card = train("resnet18-decoder", {}, recipe, run_in(tmp_path, photos, overfit=True))
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
    with pytest.raises(DataError, match="Too few pictures"):
        train("resnet18-decoder", {}, RECIPE, run_in(tmp_path / "out", tmp_path))
    gray = tmp_path / "gray"
    gray.mkdir()
    for i in range(20):
        Image.new("RGB", (40, 40), (i, i, i)).save(gray / f"{i}.png")
    with pytest.raises(DataError, match="unreadable or gray"):
        train("resnet18-decoder", {}, RECIPE, run_in(tmp_path / "out", gray))


@pytest.mark.parametrize(
    ("architecture", "recipe", "complaint"),
    [
        ("mobile-unet", Recipe(sizes=(40,)), "multiples of 32"),
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


def test_validation_pictures_must_not_be_learnt_from(photos, tmp_path):
    held_out = tmp_path / "held-out"
    held_out.mkdir()
    (held_out / "another name.png").write_bytes((photos / "3.png").read_bytes())
    colour_photo(48, 40, seed=99).save(held_out / "new.png")
    with pytest.raises(DataError, match=r"1 of the 2 validation pictures .* another name\.png"):
        train("alpha", {}, RECIPE, run_in(tmp_path / "run", photos, validation=(str(held_out),)))


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


@pytest.mark.parametrize("optimizer", ["adamw", "adam", "rmsprop", "sgd", "adagrad", "adadelta"])
def test_every_optimizer_takes_a_step(optimizer, photos, tmp_path):
    recipe = replace(RECIPE, optimizer=optimizer, pictures=8, rate=1.0 if optimizer == "adadelta" else 1e-3)
    torch.manual_seed(recipe.seed)
    before = build("alpha").state_dict()
    train("alpha", {}, recipe, run_in(tmp_path, photos))
    after = read_state(tmp_path)[0]
    assert any(not torch.equal(before[name], after[f"network.{name}"]) for name in before)


def test_every_protocol_makes_a_step(photos, tmp_path):
    """The originals' recipes on the architectures they were made for, at a size that tests can afford."""
    for name, protocol in PROTOCOLS.items():
        for architecture in protocol.recipes:
            if architecture in ("", "fusion", "inception-skip", "mobile-unet"):
                continue
            recipe, config = recipe_for(architecture, name)
            network = build(architecture, **config)
            fixed = network.working_size if network.fixed_size else 32
            small = replace(recipe, sizes=(fixed,), batch=min(recipe.batch, 2), pictures=2, epochs=0, held_out=0.3)
            small = replace(small, class_weight=0.0, precision="no")
            narrow = {"width": 0.125} if "width" in vars(network.config) else {}
            out = tmp_path / name / architecture
            run = Run((str(photos),), out=str(out), workers=0, validation_pictures=1)
            train(architecture, {**config, **narrow}, small, run)
            assert (out / "best.safetensors").exists()


def test_epochs_count_the_pictures(photos, tmp_path):
    card = train("alpha", {}, replace(RECIPE, epochs=2, batch=1, sizes=(16,)), run_in(tmp_path, photos, overfit=True))
    assert card.history[-1]["pictures_seen"] == 32


def test_alpha_memorizes_two_pictures(tmp_path):
    """The two-picture experiment of the UAB project, and of Wallner's alpha before it."""
    for i in range(2):
        colour_photo(64, 64, seed=i + 7).save(tmp_path / f"{i}.png")
    recipe = replace(recipe_for("alpha", "uab")[0], sizes=(32,), epochs=300, rate=3e-3, schedule="one-cycle", batch=2)
    run = Run((str(tmp_path),), out=str(tmp_path / "run"), overfit=True, workers=0, validate_every=10_000)
    card = train("alpha", {}, recipe, run)
    assert card.metrics["psnr_gain"] > 2.5
    assert card.history[-1]["loss"] < 0.25 * card.history[0]["loss"] or card.history[-1]["loss"] < 0.01


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
    assert "choose one of ours, fine-tune, bianchini" in capsys.readouterr().err
    flags = ["--data", str(photos), "--out", str(tmp_path), "--pictures", "4", "--batch", "4", "--sizes", "32"]
    assert main(["resnet18-decoder", *flags, "--held-out", "0.3", "--workers", "0", "--precision", "no"]) == 0
    assert str(tmp_path) in capsys.readouterr().out
    assert main(["resnet18-decoder", "--data", str(tmp_path / "nowhere")]) == 1
    assert "is not a folder" in capsys.readouterr().err


def test_an_infinite_limit_is_the_default():
    assert Run(data=("x",)).max_minutes == math.inf


def test_the_best_weights_survive_a_run_that_gets_worse(photos, tmp_path):
    recipe = replace(RECIPE, sizes=(16,), optimizer="sgd", schedule="constant", clip=0.0, ema=0.0, pictures=48)
    run = run_in(tmp_path, photos, overfit=True)
    good = train("alpha", {}, replace(recipe, rate=1e-4, pictures=12), run)
    tensors, facts = read_state(tmp_path)
    facts["recipe"] = asdict(replace(recipe, rate=50.0))  # from here on it can only get worse
    write_state(tmp_path, facts["progress"]["step"], tensors, facts)
    last = train("alpha", {}, replace(recipe, rate=50.0), run)
    assert last.metrics["psnr"] < good.metrics["psnr"] - 1
    best = read_card(tmp_path / "best.safetensors")
    assert best.metrics["psnr"] == pytest.approx(good.metrics["psnr"], abs=0.05)


def test_unusable_validation_pictures_are_left_out_and_named(photos, tmp_path):
    held_out = tmp_path / "held-out"
    held_out.mkdir()
    colour_photo(seed=50).save(held_out / "fine.png")
    colour_photo(seed=51).convert("L").save(held_out / "gray.png")
    (held_out / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    said = []
    held = find_pictures([held_out])
    progress = Progress(step=1)
    run = run_in(tmp_path, held_out)
    validate = Validator(
        start(RECIPE, run, tmp_path), RECIPE, tmp_path, card_writer(RECIPE, run, tmp_path, []), said.append
    )
    validate(build("alpha").eval(), held, progress)
    assert any("broken.jpg" in line for line in said)
    assert any("gray.png is black and white" in line for line in said)
    assert progress.history[-1]["pictures"] == 1
    assert progress.history[-1]["gray_psnr"] < 40
    with pytest.raises(DataError, match="name others"):
        validate(build("alpha"), [p for p in held if "gray" in p.name], progress)


def test_another_network_cannot_continue_a_run(photos, tmp_path):
    train("alpha", {}, RECIPE, run_in(tmp_path, photos))
    with pytest.raises(ValueError, match=r"another network \(width 1.0 -> 0.5\)"):
        train("alpha", {"width": 0.5}, RECIPE, run_in(tmp_path, photos))
    with pytest.raises(ValueError, match="of another architecture or config"):
        train("beta", {}, RECIPE, run_in(tmp_path / "b", photos, init=str(tmp_path / "best.safetensors")))
    with pytest.raises(ValueError, match=r"0\.png is not a readable \.safetensors file"):
        train("mobile-unet", {}, RECIPE, run_in(tmp_path / "c", photos, encoder=str(photos / "0.png")))


def test_frozen_parts_come_from_a_checkpoint_too(photos, tmp_path):
    donor = build("fusion", width=0.25)
    save_checkpoint(tmp_path / "donor.safetensors", donor)
    run = run_in(tmp_path / "run", photos, encoder=str(tmp_path / "donor.safetensors"))
    train("fusion", {"width": 0.125}, RECIPE, run)
    trained = load_file(tmp_path / "run" / "last.safetensors")
    kept = donor.state_dict()["classifier.classifier.1.weight"]
    assert torch.equal(trained["classifier.classifier.1.weight"], kept.half())


def test_only_gray_pictures_give_one_clear_sentence(tmp_path, capsys):
    for i in range(12):
        colour_photo(seed=i).convert("L").save(tmp_path / f"{i}.png")
    flags = ["--data", str(tmp_path), "--out", str(tmp_path / "out"), "--held-out", "0.3", "--sizes", "32"]
    assert main(["alpha", *flags, "--precision", "no", "--batch", "2"]) == 1
    said = capsys.readouterr().err
    assert "train.py: Every picture in the training set is unreadable or gray; there is nothing to learn from." in said
    assert "Traceback" not in said


def test_copies_under_other_names_are_not_held_out(photos, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for path in photos.iterdir():
            (tmp_path / folder / f"{folder}-{path.name}").write_bytes(path.read_bytes())
    train_on, held_out = training_split(replace(RECIPE, held_out=0.9), Run((str(tmp_path),)))
    assert not overlap(train_on, held_out)
    assert len(train_on) + len(held_out) == 32


def test_early_stopping_ends_a_run_for_good(photos, tmp_path):
    recipe = replace(RECIPE, rate=0.0, pictures=4000, early_stopping=2, sizes=(16,))
    run = run_in(tmp_path, photos, validate_every=4, validation_pictures=2)
    card = train("alpha", {}, recipe, run)
    assert [point["pictures_seen"] for point in card.history] == [4, 8, 12]  # the first is the best, two are no better
    steps = read_state(tmp_path)[1]["progress"]["step"]
    assert steps == 3
    before = (tmp_path / "log.jsonl").read_text()
    train("alpha", {}, recipe, run)
    assert read_state(tmp_path)[1]["progress"]["step"] == 3
    assert (tmp_path / "log.jsonl").read_text() == before


def test_weights_are_always_compared_on_the_same_pictures(photos, tmp_path):
    """The last validation uses more pictures; a longer run compares with those that it measures meanwhile."""
    recipe = replace(RECIPE, rate=0.0, sizes=(16,))
    run = run_in(tmp_path, photos, validation_pictures=1)
    train("alpha", {}, replace(recipe, pictures=12), run)
    first = read_state(tmp_path)[1]["progress"]
    train("alpha", {}, replace(recipe, pictures=36), run)
    last = read_state(tmp_path)[1]["progress"]
    assert first["history"][-1]["pictures"] > 1
    assert last["best"] == pytest.approx(first["best"])
    assert last["unimproved"] == 2


def test_an_encoder_at_rate_0_rests_with_its_statistics(photos, tmp_path):
    start = build("mobile-unet")
    save_checkpoint(tmp_path / "start.safetensors", start)
    recipe = replace(RECIPE, encoder_rate=0.0, whims=0.5, hints=1.0)
    train("mobile-unet", {}, recipe, run_in(tmp_path / "run", photos, init=str(tmp_path / "start.safetensors")))
    before, after = (load_file(p) for p in (tmp_path / "start.safetensors", tmp_path / "run/last.safetensors"))
    rest = {name for name in before if torch.equal(before[name], after[name])}
    assert {name for name in before if name.startswith(("encoder.", "hint_stem."))} <= rest
    assert not any(name.startswith("up8.convs.0") for name in rest)


def test_a_run_with_balanced_folders_and_whims_is_continued(tmp_path):
    for name, count in (("many", 12), ("few", 2)):
        (tmp_path / f"photos/{name}").mkdir(parents=True)
        write_photos(tmp_path / f"photos/{name}", count, 48, 40)
    recipe = replace(RECIPE, balance=1.0, hints=1.0, whims=0.5)
    train("mobile-unet", {}, recipe, run_in(tmp_path / "whole", tmp_path / "photos"))
    for _ in range(6):
        train("mobile-unet", {}, recipe, run_in(tmp_path / "parts", tmp_path / "photos", max_minutes=0.0))
    whole, parts = (load_file(tmp_path / name / "last.safetensors") for name in ("whole", "parts"))
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
