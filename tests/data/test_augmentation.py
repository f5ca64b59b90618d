import numpy as np
import pytest
import torch
from conftest import colour_photo

from colorizer.colour import lab
from colorizer.data.augmentation import augment, draw, fade, warp


def pictures(count: int, side: int) -> torch.Tensor:
    return torch.stack([torch.from_numpy(np.array(colour_photo(side, side, i))).permute(2, 0, 1) for i in range(count)])


def test_targets_are_the_truth_whatever_is_done_to_lightness():
    photos = pictures(6, 16)
    truth = lab.rgb_to_lab(photos.float() / 255)
    L, ab = augment(photos, draw(0, 0, 6), jitter=0.5)
    flipped = 0
    for i in range(6):
        straight = torch.allclose(ab[i], truth[i, 1:], atol=1e-3)
        mirrored = torch.allclose(ab[i], truth[i, 1:].flip(2), atol=1e-3)
        assert straight != mirrored
        flipped += mirrored
        seen = truth[i, :1].flip(2) if mirrored else truth[i, :1]
        assert not torch.allclose(L[i], seen, atol=0.5)
        assert torch.equal(L[i].flatten().argsort(), seen.flatten().argsort()) or torch.allclose(
            L[i].flatten()[seen.flatten().argsort()].diff().clamp(max=0), torch.zeros(255), atol=1e-3
        )  # lightness keeps its order
    assert 0 < flipped < 6
    assert L.min() >= 0
    assert L.max() <= 100
    plain, _ = augment(photos, draw(3, 0, 6))
    assert torch.allclose(plain.flatten(1).sum(1), truth[:, 0].flatten(1).sum(1), rtol=1e-3)


def test_warps_move_pictures_and_keep_their_colours():
    photos, u = pictures(4, 24), torch.rand(4, 3, generator=torch.Generator().manual_seed(0))
    assert warp(photos, u, 0, 0, 0) is photos
    for settings in ((20, 0, 0), (0, 0.2, 0), (0, 0, 0.2)):
        warped = warp(photos, u, *settings)
        assert warped.dtype == torch.uint8
        assert warped.shape == photos.shape
        assert not torch.equal(warped, photos)
        # about its centre: the middle stays, and nothing but the picture's own colours comes in
        assert (warped[:, :, 11:13, 11:13].int() - photos[:, :, 11:13, 11:13].int()).abs().max() < 60
        for channel in range(3):
            assert warped[:, channel].min() >= photos[:, channel].min()
            assert warped[:, channel].max() <= photos[:, channel].max()
    plain = torch.full((2, 3, 8, 8), 77, dtype=torch.uint8)
    assert torch.equal(warp(plain, u[:2], 30, 0.3, 0.3), plain)


def test_flips_can_be_left_out():
    photos = pictures(6, 16)
    _, ab = augment(photos, draw(0, 0, 6), flip=False)
    assert torch.allclose(ab, lab.rgb_to_lab(photos.float() / 255)[:, 1:], atol=1e-3)


def test_old_prints_change_lightness_alone():
    photos, u = pictures(8, 32), draw(5, 0, 8)
    clean, colours = augment(photos, u)
    worn, same = augment(photos, u, old=1.0)
    assert torch.equal(colours, same)
    assert ((worn - clean).abs().mean(dim=(1, 2, 3)) > 0.1).all()


def test_pictures_do_not_depend_on_their_batch():
    photos, u = pictures(8, 32), draw(1, 2, 8)
    settings = {"rotation": 10, "shear": 0.1, "zoom": 0.1, "jitter": 0.2, "old": 0.8}
    whole = augment(photos, u, **settings)
    parts = [augment(photos[i : i + 4], u[i : i + 4], **settings) for i in (0, 4)]
    for i in range(2):
        assert torch.allclose(whole[i], torch.cat([part[i] for part in parts]), atol=1e-4)


def test_fading_is_a_gamma_whose_logarithm_is_normal():
    L = torch.full((2000, 1, 1, 1), 50.0)
    faded = fade(L, torch.rand(2000, generator=torch.Generator().manual_seed(0)), 0.2)
    gamma = (faded / 100).log() / (L / 100).log()
    assert gamma.log().mean() == pytest.approx(0, abs=0.02)
    assert gamma.log().std() == pytest.approx(0.2, rel=0.1)
    assert torch.equal(fade(L, torch.rand(2000), 0.0), L)
