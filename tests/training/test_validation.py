"""The pictures a run is measured on, and what follows from the measurements."""

from dataclasses import asdict, replace

import pytest
from conftest import colour_photo

from colorizer import build
from colorizer.checkpoints.file import read_card
from colorizer.data.files import DataError, find_pictures, overlap
from colorizer.training import Run, train
from colorizer.training.material import training_split
from colorizer.training.processes import start
from colorizer.training.state import read_state, write_state
from colorizer.training.validation import Progress, Validator, card_writer

from .small_run import RECIPE, run_in


def test_validation_pictures_must_not_be_learnt_from(photos, tmp_path):
    held_out = tmp_path / "held-out"
    held_out.mkdir()
    (held_out / "another name.png").write_bytes((photos / "3.png").read_bytes())
    colour_photo(48, 40, seed=99).save(held_out / "new.png")
    with pytest.raises(DataError, match=r"1 of the 2 validation pictures .* another name\.png"):
        train("alpha", {}, RECIPE, run_in(tmp_path / "run", photos, validation=(str(held_out),)))


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
    """The last validation uses more pictures than the others. A longer run must not compare figures from both."""
    recipe = replace(RECIPE, rate=0.0, sizes=(16,))
    run = run_in(tmp_path, photos, validation_pictures=1)
    train("alpha", {}, replace(recipe, pictures=12), run)
    first = read_state(tmp_path)[1]["progress"]
    train("alpha", {}, replace(recipe, pictures=36), run)
    last = read_state(tmp_path)[1]["progress"]
    assert first["history"][-1]["pictures"] > 1
    assert last["best"] == pytest.approx(first["best"])
    assert last["unimproved"] == 2
