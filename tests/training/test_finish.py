"""A finish: its losses, its judge, and a run that goes on exactly where it stopped."""

from dataclasses import replace

import pytest
import torch
from conftest import write_photos
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from colorizer import build
from colorizer.architectures.efficientnet_lite import EfficientNetLiteEncoder
from colorizer.checkpoints.file import load_checkpoint, save_checkpoint
from colorizer.training import Run, train
from colorizer.training.finish.judge import Judge, load_encoder
from colorizer.training.finish.losses import adversarial_loss, judge_loss, patchiness, spoil
from colorizer.training.network import start_weights
from colorizer.training.protocols import recipe_for

RECIPE = replace(
    recipe_for("mobile-unet", "finish")[0], pictures=8, batch=2, sizes=(64,), warmup=0, judge_alone=1, ema=0.5,
    held_out=0.25,
)  # fmt: skip


@pytest.fixture(scope="module")
def begin(tmp_path_factory):
    """A folder with photographs, a checkpoint without a finish, and what the judge sees with."""
    folder = tmp_path_factory.mktemp("finish")
    torch.manual_seed(0)
    (folder / "photos").mkdir()
    write_photos(folder / "photos", 12, 72, 64)
    save_checkpoint(folder / "first.safetensors", build("mobile-unet", width=0.2), temperature=0.7, working_size=96)
    save_file(EfficientNetLiteEncoder(1.0, 1.1).state_dict(), folder / "judge.safetensors")
    save_file(EfficientNetLiteEncoder(1.1, 1.2).state_dict(), folder / "second.safetensors")
    return folder


def finish(begin, out, recipe=RECIPE, judge=("judge.safetensors",), config=None, **changes):
    torch.set_num_threads(1)
    run = Run(
        data=(str(begin / "photos"),), out=str(out), cache=str(begin / "cache"), init=str(begin / "first.safetensors"),
        judge=tuple(str(begin / name) for name in judge), validate_every=4, validation_pictures=2, log_every=1,
        trackers=(), save_minutes=0.0, workers=0,
    )  # fmt: skip
    config = {"width": 0.2, "finish": True, "agree": True, "finish_rank": 1, **(config or {})}
    return train("mobile-unet", config, recipe, replace(run, **changes))


def test_a_finish_leaves_the_calibrated_answers_alone_and_goes_on_as_if_it_had_never_stopped(begin, tmp_path):
    both = ["judge.safetensors", "second.safetensors"]
    card = finish(begin, tmp_path / "whole", judge=both)
    assert (card.temperature, card.working_size) == (0.7, 96)
    first, last = (load_checkpoint(path)[0].state_dict() for path in (begin / "first.safetensors", card.path))
    assert all(torch.equal(last[name], value) for name, value in first.items())
    assert not torch.equal(last["finish.head.weight"], first["head.weight"])
    assert last["finish.adapt.out.weight"].any()
    assert last["finish.changes.up16-convs-0-weight.up"].any()
    with pytest.MonkeyPatch.context() as patch:
        from colorizer.training.loop import Watch

        steps = iter([False, True])
        patch.setattr(Watch, "stop", lambda self: next(steps))
        finish(begin, tmp_path / "twice", judge=both)
    finish(begin, tmp_path / "twice", judge=both)
    for name in ("last.safetensors", "state-000000004.safetensors"):
        one, two = (load_file(tmp_path / run / name) for run in ("whole", "twice"))
        assert all(torch.equal(one[key], two[key]) for key in one.keys() | two.keys())
    assert {one[f"judge.{number}.spread"].all().item() for number in (0, 1)} == {True}  # each has had its turn


def test_a_network_without_a_second_end_finishes_as_a_whole(begin, tmp_path):
    card = finish(begin, tmp_path / "run", replace(RECIPE, pictures=4), config={"finish": False, "agree": False})
    first, last = (load_checkpoint(path)[0].state_dict() for path in (begin / "first.safetensors", card.path))
    assert not torch.equal(first["up16.convs.0.weight"], last["up16.convs.0.weight"])


def test_another_judge_is_refused(begin, tmp_path):
    finish(begin, tmp_path / "run", replace(RECIPE, pictures=2))
    torch.manual_seed(1)
    save_file(EfficientNetLiteEncoder().state_dict(), begin / "other.safetensors")
    with pytest.raises(ValueError, match="another judge"):
        finish(begin, tmp_path / "run", replace(RECIPE, pictures=2), ["other.safetensors"])


def test_a_validation_says_how_far_from_true_the_colours_look_to_another_encoder(begin, tmp_path, monkeypatch):
    monkeypatch.setattr("colorizer.training.validation.LEAST", 4)
    torch.manual_seed(2)
    save_file(EfficientNetLiteEncoder().state_dict(), begin / "eye.safetensors")
    recipe = replace(RECIPE, pictures=2, held_out=0.4)
    card = finish(begin, tmp_path / "run", recipe, realism=str(begin / "eye.safetensors"), validation_pictures=5)
    assert isinstance(card.metrics["kid"], float)
    with pytest.raises(ValueError, match="the judge's own encoder"):
        finish(begin, tmp_path / "other", recipe, realism=str(begin / "judge.safetensors"))


@pytest.mark.parametrize("content", [b"no weights", None])
def test_a_file_without_an_encoder_is_refused(tmp_path, content):
    path = tmp_path / "judge.safetensors"
    if content is None:
        save_file({"a": torch.zeros(1)}, path)
    else:
        path.write_bytes(content)
    with pytest.raises(ValueError, match="give --judge" if content is None else "not a file of plain weights"):
        load_encoder(path)


def test_a_judge_takes_the_file_that_its_authors_published(tmp_path):
    weights = EfficientNetLiteEncoder().state_dict()
    torch.save(weights, tmp_path / "lite.pth")
    assert isinstance(load_encoder(tmp_path / "lite.pth")[0], EfficientNetLiteEncoder)


def test_a_finish_needs_a_judge_and_a_second_end_a_finish(begin, tmp_path):
    with pytest.raises(ValueError, match="give --judge"):
        train("mobile-unet", {"width": 0.2}, RECIPE, Run(data=(str(begin / "photos"),), out=str(tmp_path / "run")))
    plain = replace(RECIPE, adversarial=0.0)
    with pytest.raises(ValueError, match="--recipe finish"):
        train("mobile-unet", {"finish": True}, plain, Run(data=(str(begin / "photos"),), out=str(tmp_path / "run")))


def test_a_judge_learns_to_tell_gray_from_coloured():
    torch.manual_seed(0)
    judge = Judge(EfficientNetLiteEncoder().eval().requires_grad_(False))
    optimizer = torch.optim.Adam(judge.parameters(), 1e-2)
    L, ab = torch.full((2, 1, 64, 64), 60.0), torch.randn(2, 2, 4, 4).repeat_interleave(16, 2).repeat_interleave(16, 3)
    gray, true = judge.taps(L, 0 * ab), judge.taps(L, 40 * ab)
    losses = []
    for _ in range(12):
        loss = judge_loss(judge(true, gray), judge(gray, gray), judge(gray, gray))
        losses.append(float(loss.detach()))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert losses[-1] < 0.8 * losses[0]
    assert adversarial_loss(judge(gray, gray)) > adversarial_loss(judge(true, gray))


def test_spoiled_pictures_are_the_true_ones_with_patches():
    torch.manual_seed(0)
    true = torch.tensor([30.0, 20.0])[None, :, None, None].repeat(16, 1, 64, 64)
    true[1:] *= -1
    spoiled = spoil(true)
    same = (spoiled - true).norm(dim=1) < 2
    assert (same.float().mean() > 0.1) & (same.float().mean() < 0.9)
    assert all(patchiness(spoiled[i : i + 1], true[i : i + 1]) > 1e-3 for i in range(16))


@given(st.integers(0, 1000), st.floats(0.5, 2))
def test_patchiness_is_about_hue_and_not_about_colourfulness(seed, more):
    random = torch.Generator().manual_seed(seed)
    even = torch.tensor([30.0, 20.0])[None, :, None, None].expand(1, 2, 32, 32)
    hues = torch.randn(1, 2, 4, 4, generator=random).repeat_interleave(8, 2).repeat_interleave(8, 3) * 40
    assert patchiness(more * even, even) < 0.01
    assert patchiness(hues, even) > 0.1
    assert patchiness(hues, hues) < 1e-6


def test_a_finish_that_begins_to_read_in_its_own_way_keeps_what_it_has_learnt(begin, tmp_path):
    torch.manual_seed(3)
    before = build("mobile-unet", width=0.2, finish=True, agree=True)
    save_checkpoint(tmp_path / "before.safetensors", before, temperature=0.7, working_size=96)
    network = build("mobile-unet", width=0.2, finish=True, agree=True, finish_rank=1)
    start_weights(network, Run(data=(), init=str(tmp_path / "before.safetensors")))
    torch.testing.assert_close(network.finish.head.weight, before.finish.head.weight, atol=1e-3, rtol=1e-3)
