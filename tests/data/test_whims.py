"""Whims: one segment in another colour, hinted, and nothing else changed."""

import numpy as np
import pytest
import torch

from colorizer.colour.lab import lab_to_rgb, rgb_to_lab
from colorizer.data.whims import LARGEST, SMALLEST, add_whims, find_segment


def scene(seed: int, side: int = 64) -> torch.Tensor:
    """Sky, meadow and a house, (3, side, side) in Lab, its colours a little different with every seed."""
    random = np.random.default_rng(seed)
    rgb = np.empty((side, side, 3))
    rgb[: side // 2], rgb[side // 2 :] = (0.5, 0.7, 0.95), (0.3, 0.55, 0.2)
    rgb[side // 3 : side // 2 + 8, 10 : 10 + side // 3] = (0.7, 0.35, 0.25)
    noisy = (rgb + random.normal(0, 0.01, rgb.shape) + random.normal(0, 0.03, 3)).clip(0, 1)
    return rgb_to_lab(torch.from_numpy(noisy).float().permute(2, 0, 1))


@pytest.fixture
def batch() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    lab = torch.stack([scene(i) for i in range(24)])
    u = torch.rand(24, 2, generator=torch.Generator().manual_seed(5))
    return lab[:, :1], lab[:, 1:], u


def test_a_share_of_the_pictures_has_a_whim_and_the_others_stay(batch):
    L, ab, u = batch
    said = torch.ones(24, 3, 64, 64)
    changed, hints = add_whims(L, ab, said, u, 0.5)
    moved = (changed != ab).flatten(1).any(dim=1)
    assert not moved[u[:, 0] >= 0.5].any()
    assert moved[u[:, 0] < 0.5].float().mean() > 0.8
    assert torch.equal(hints[~moved], said[~moved])
    untouched, same = add_whims(L, ab, said, u, 0.0)
    assert torch.equal(untouched, ab)
    assert torch.equal(same, said)


def test_a_whim_is_one_segment_in_gamut_that_its_hints_tell_of(batch):
    L, ab, u = batch
    changed, hints = add_whims(L, ab, torch.zeros(24, 3, 64, 64), u, 1.0)
    areas = []
    for i in range(24):
        moved = (changed[i] - ab[i]).norm(dim=0) > 1e-3
        if not moved.any():
            continue
        areas.append(float(moved.float().mean()))
        assert hints[i, 2].any()
        assert not hints[i, 2][~moved].sum() > 81  # patches lie in it, but for what overlaps its edge
        rgb = lab_to_rgb(torch.cat((L[i], changed[i])), clip=False)
        assert rgb.min() > -0.02
        assert rgb.max() < 1.02
        back = rgb_to_lab(rgb.clamp(0, 1))
        assert (back[0] - L[i, 0]).abs().max() < 0.6
    assert len(areas) > 18
    assert min(areas) > SMALLEST
    assert max(areas) < LARGEST + 0.2  # soft edges count here
    assert np.ptp(areas) > 0.1


def test_whims_are_of_another_hue_and_some_are_gray(batch):
    L, ab, _ = batch
    grays = turned = 0
    for seed in range(8):
        u = torch.rand(24, 2, generator=torch.Generator().manual_seed(seed))
        changed, _ = add_whims(L, ab, torch.zeros(24, 3, 64, 64), u, 1.0)
        for i in range(24):
            moved = (changed[i] - ab[i]).norm(dim=0) > 1e-3
            if not moved.any():
                continue
            old, new = ab[i][:, moved].mean(dim=1), changed[i][:, moved].mean(dim=1)
            grays += bool(new.norm() < 8)
            turned += bool(torch.dot(old, new) / (old.norm() * new.norm()).clamp(min=1e-6) < 0.6)
    assert grays > 8
    assert turned > 120


def test_truthful_hints_stay_outside_of_half_of_the_whims(batch):
    L, ab, u = batch
    truth = torch.cat((ab, torch.ones(24, 1, 64, 64)), dim=1)
    changed, hints = add_whims(L, ab, truth, u, 1.0)
    alone = sum(bool(h[2].mean() < 0.25) for h in hints)
    assert 4 <= alone <= 20
    for i in range(24):
        far = (changed[i] == ab[i]).all(dim=0) & (hints[i, 2] > 0)
        if hints[i, 2].mean() > 0.5:
            assert (hints[i, :2][:, far] - ab[i][:, far]).norm(dim=0).median() < 1e-6


def test_pictures_without_segments_have_none():
    flat = torch.full((3, 32, 32), 50.0)
    assert find_segment(flat[:1], flat[1:] * 0, np.random.default_rng(0)) is None
