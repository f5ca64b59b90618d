"""A failure in training gives one sentence and loses nothing that was learnt."""

import errno
import multiprocessing
import os
import re
import signal
import stat
import time
from dataclasses import replace
from typing import get_type_hints

import pytest
import torch
from conftest import colour_photo, representing, wait_for
from safetensors.torch import load_file

from colorizer import build
from colorizer.cli.train import main
from colorizer.training import Run, train
from colorizer.training.learner import Learner, NotFinite
from colorizer.training.processes import start
from colorizer.training.recipes import Recipe, ranges
from colorizer.training.state import alone, states

RECIPE = Recipe(sizes=(16,), batch=4, pictures=32, warmup=2, held_out=0.3, ema=0.5)


def run_in(out, *data, **changes) -> Run:
    settings = {"workers": 0, "validate_every": 1000, "trackers": (), "cache": str(out / "cache"), "save_minutes": 0.0}
    return Run(data=tuple(map(str, data)), out=str(out), **{**settings, **changes})


def flags(out, *data) -> list[str]:
    quick = ["--sizes", "16", "--batch", "4", "--pictures", "16", "--precision", "no", "--held-out", "0.3"]
    quick += ["--workers", "0", "--validate-every", "1000"]
    return ["alpha", "--data", *map(str, data), "--out", str(out), "--cache", str(out / "cache"), *quick, "--trackers"]


def test_a_nan_loss_stops_the_run(photos, tmp_path):
    with pytest.raises(ValueError, match=r"step \d+ gave no number any more .*lower --rate"):
        train("alpha", {}, replace(RECIPE, rate=1e30, optimizer="sgd", clip=0.0), run_in(tmp_path, photos))


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_failed_step_changes_no_weights(bad, photos, tmp_path):
    network = build("alpha")
    learner = Learner(network, RECIPE, start(RECIPE, run_in(tmp_path, photos), tmp_path))
    before = {name: tensor.clone() for name, tensor in learner.state()[0].items()}
    network.loss = lambda prediction, L, ab, kind: prediction.sum() * bad
    with pytest.raises(NotFinite):
        learner.step(torch.zeros(4, 3, 16, 16, dtype=torch.uint8), torch.zeros(4, dtype=torch.long), 0, 1e-3)
    after = learner.state()[0]
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("written", representing([0, 1, 2], [2]))
def test_a_disk_that_fills_up_while_training(written, photos, tmp_path, capsys, monkeypatch):
    assert main(flags(tmp_path, photos)) == 0
    kept = [path.name for path in states(tmp_path)]
    left = iter(range(written))
    name = (r"log\.jsonl", r"run\.json", r"state-\d+\.safetensors \(\d+ MB\)")[written]

    def full(handle):
        if stat.S_ISREG(os.fstat(handle).st_mode) and next(left, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    capsys.readouterr()
    assert main([*flags(tmp_path, photos), "tensorboard", "--pictures", "32"]) == 1
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert re.match(rf"train\.py: .*{name} could not be written: ", said)
    assert "No space left on device" in said
    assert f"the run goes on from {kept[-1]}" in said
    assert [path.name for path in states(tmp_path)] == kept
    monkeypatch.undo()
    assert main([*flags(tmp_path, photos), "tensorboard", "--pictures", "32"]) == 0


@pytest.mark.parametrize("cache", [True, False])
def test_folders_without_usable_pictures(cache, tmp_path, capsys):
    folder = tmp_path / "pictures"
    folder.mkdir()
    arguments = [*flags(tmp_path / "out", folder), *([] if cache else ["--cache", ""])]
    assert main(arguments) == 1
    assert "train.py: There is no picture in" in capsys.readouterr().err
    colour_photo().save(folder / "only.png")
    assert main(arguments) == 1
    assert "Too few pictures (1) to hold 30% back for validation" in capsys.readouterr().err
    assert main([*arguments, "--overfit"]) == 0  # one picture is enough to learn it by heart
    (folder / "only.png").unlink()
    for i in range(8):
        colour_photo(seed=i).convert("L").save(folder / f"{i}.png")
    capsys.readouterr()
    assert main([*arguments, "--out", str(tmp_path / "gray")]) == 1
    assert "unreadable or gray; there is nothing to learn from" in capsys.readouterr().err


def test_a_changed_recipe_is_refused_with_the_difference(photos, tmp_path, capsys):
    assert main(flags(tmp_path, photos)) == 0
    assert main([*flags(tmp_path, photos), "tensorboard", "--rate", "0.5", "--no-flip"]) == 1
    said = capsys.readouterr().err
    assert "another recipe (flip true -> false, rate 0.003 -> 0.5); put that back to go on" in said
    for i in range(5):
        colour_photo(seed=77 + i).save(tmp_path / f"more-{i}.png")
    assert main(flags(tmp_path, photos, *tmp_path.glob("more-*"))) == 1
    assert re.search(r"other pictures \(content .*count \d+ -> \d+", capsys.readouterr().err)


@pytest.mark.skipif(os.name != "posix", reason="only Unix has these locks")
def test_a_second_training_in_one_folder_is_refused(photos, tmp_path, capsys):
    first = multiprocessing.get_context("fork").Process(target=_hold, args=(tmp_path,))
    first.start()
    try:
        wait_for(lambda: (tmp_path / "held").exists())
        assert main(flags(tmp_path, photos)) == 1
        assert f"another training is writing to {tmp_path}; wait for it" in capsys.readouterr().err
    finally:
        first.kill()
        first.join()
    assert main(flags(tmp_path, photos)) == 0
    assert not list(tmp_path.glob(".*"))


def _hold(out):
    with alone(out):
        (out / "held").write_text("")
        time.sleep(60)


def test_settings_that_this_machine_does_not_support(photos, tmp_path, capsys, monkeypatch):
    assert main([*flags(tmp_path, photos), "tensorboard", "--precision", "fp16"]) == 1
    assert "--precision fp16 needs a GPU" in capsys.readouterr().err
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.delenv("CXX", raising=False)
    assert main([*flags(tmp_path, photos), "tensorboard", "--compile"]) == 1
    assert "--compile needs a C++ compiler" in capsys.readouterr().err


def test_initial_weights_set_the_config(photos, tmp_path, capsys):
    small = [*flags(tmp_path / "a", photos), "tensorboard"]
    assert main([*small, "--width", "0.5"]) == 0
    begin = ["--init", str(tmp_path / "a" / "last.safetensors"), "--out", str(tmp_path / "b")]
    assert main([*small, *begin, "--rate", "0", "--pictures", "4"]) == 0
    a, b = (load_file(tmp_path / name / "last.safetensors") for name in "ab")
    assert all(torch.equal(a[name], b[name]) for name in a)
    assert main(["beta", *small[1:], *begin]) == 2
    assert "last.safetensors is of alpha; start beta from another --init" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        (["--batch", "0"], "--batch must be 1 or more, not 0"),
        (["--log-every", "0"], "--log-every must be 1 or more, not 0"),
        (["--old", "2"], "--old must be between 0 and 1, not 2"),
        (["--ema", "1"], "--ema must be between 0 and 0.99999, not 1"),
        (["--sizes", "0"], "--sizes must be one or more sides in pixels"),
        (["--sizes", "33"], "--sizes must be multiples of 8 for alpha, not 33"),
        (["--encoder", "nowhere.safetensors"], "There is no file nowhere.safetensors"),
    ],
)
def test_impossible_settings_are_reported_before_anything_is_read(setting, said, photos, tmp_path, capsys):
    arguments = [*flags(tmp_path / "out", photos), "tensorboard", *setting]
    if "--encoder" in setting:
        arguments = ["mobile-unet", *arguments[1:], "--sizes", "32"]
    assert main(arguments) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", [Recipe, Run])
def test_every_number_has_a_range_around_its_default(kind):
    allowed = ranges(kind)
    assert allowed.keys() == {name for name, hint in get_type_hints(kind).items() if hint in (int, float)}
    assert all(getattr(kind, name) in each for name, each in allowed.items())


def test_fine_tuning_needs_something_to_start_from(photos, capsys):
    assert main(["mobile-unet", "--recipe", "fine-tune", "--data", str(photos)]) == 2
    assert "add --init, such as --init mobile-unet" in capsys.readouterr().err
    assert main(["alhpa", "--data", str(photos)]) == 2
    assert "there is no architecture 'alhpa'" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_to(photos, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main([*flags(tmp_path / "file", photos), "--cache", ""]) == 1
    assert "is a file; name a folder with --out" in capsys.readouterr().err


def test_stopping_during_validation_loses_nothing(photos, tmp_path, capsys, monkeypatch):
    from colorizer.training import validation

    def stopped(*_):
        os.kill(os.getpid(), signal.SIGTERM)
        raise AssertionError("it went on")

    assert main(flags(tmp_path / "whole", photos)) == 0
    monkeypatch.setattr(validation, "measure_photos", stopped)
    assert main(flags(tmp_path / "run", photos)) == 130
    assert "the same command goes on from the last state" in capsys.readouterr().err
    monkeypatch.undo()
    assert main(flags(tmp_path / "run", photos)) == 0
    whole, parts = (load_file(tmp_path / name / "best.safetensors") for name in ("whole", "run"))
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
