"""Means of checkpoints."""

import pytest
import torch

from colorizer import CheckpointError, build
from colorizer.checkpoints.average import average
from colorizer.checkpoints.file import load_checkpoint, save_checkpoint


def saved(path, seed, name="mobile-unet", **config):
    torch.manual_seed(seed)
    network = build(name, **config)
    save_checkpoint(path, network, title=f"number {seed}", metrics={"psnr": 20.0}, temperature=0.8)
    return path


def test_every_tensor_is_the_weighted_mean(tmp_path):
    paths = [saved(tmp_path / f"{i}.safetensors", i, width=0.25) for i in (1, 2)]
    card = average(paths, [1, 3], tmp_path / "mean.safetensors")
    first, second, mean = (load_checkpoint(p)[0].state_dict() for p in (*paths, card.path))
    for name, value in mean.items():
        if value.is_floating_point():
            assert torch.allclose(value, first[name] / 4 + second[name] * 3 / 4, rtol=2e-3, atol=1e-4)
    assert (card.title, card.temperature, card.metrics) == ("number 2", 0.8, {})


def test_a_part_that_some_checkpoints_lack_is_averaged_over_the_others(tmp_path):
    old = saved(tmp_path / "old.safetensors", 1, width=0.25, sharp=False, attend=False)
    new = saved(tmp_path / "new.safetensors", 2, width=0.25)
    mean = load_checkpoint(average([old, new], [1, 1], tmp_path / "mean.safetensors").path)[0]
    assert torch.equal(mean.attend.query.weight, load_checkpoint(new)[0].attend.query.weight)


def test_checkpoints_without_a_mean_are_refused(tmp_path):
    one = saved(tmp_path / "one.safetensors", 1, width=0.25)
    wide = saved(tmp_path / "wide.safetensors", 1, width=0.5)
    other = saved(tmp_path / "other.safetensors", 1, "alpha")
    for paths, shares, sentence in (
        ([one, wide], [1, 1], "differs in size"),
        ([other, one], [1, 1], r"other.safetensors is alpha, not mobile-unet"),
    ):
        with pytest.raises(CheckpointError, match=sentence):
            average(paths, shares, tmp_path / "mean.safetensors")
    with pytest.raises(ValueError, match="as many shares as checkpoints"):
        average([one], [1, 2], tmp_path / "mean.safetensors")
    with pytest.raises(ValueError, match="above 0"):
        average([one, one], [1, 0], tmp_path / "mean.safetensors")
    assert not (tmp_path / "mean.safetensors").exists()
