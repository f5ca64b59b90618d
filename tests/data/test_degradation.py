import io

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from colorizer.colour.lab import rgb_to_lab
from colorizer.data import degradation
from colorizer.data.degradation import (
    BLIND_TO_RED,
    COLUMNS,
    EFFECTS,
    EMULSION,
    blur,
    contrast,
    degrade,
    emulsion,
    fade,
    gamma,
    grain,
    jpeg,
    scratches,
)

seeds = st.integers(0, 2**31)


def uniforms(count: int, numbers: int = COLUMNS, seed: int = 0) -> torch.Tensor:
    return torch.rand(count, numbers, generator=torch.Generator().manual_seed(seed))


def pictures(count: int, height: int = 40, width: int = 40, seed: int = 0) -> torch.Tensor:
    """Smooth lightness that covers the whole range: (B, 1, H, W)."""
    small = torch.rand(count, 1, 6, 6, generator=torch.Generator().manual_seed(seed)) * 160 - 30
    return F.interpolate(small, (height, width), mode="bicubic").clamp(0, 100)


def applied(effect, L: torch.Tensor, strength: float, seed: int = 0) -> torch.Tensor:
    """L with one effect on every picture, at one strength."""
    numbers = next(e.numbers for e in EFFECTS if e.apply is effect)
    return effect(L, torch.full((len(L),), strength), uniforms(len(L), numbers, seed))


@given(seeds, st.integers(1, 50), st.integers(1, 50))
@settings(max_examples=40)
def test_any_picture_stays_a_picture(seed, height, width):
    """For any size and any lightness, the result is finite and in range, and the input is not changed."""
    L = pictures(8, height, width, seed)
    L[5:7], L[7] = 0, 100
    given_L = L.clone()
    u = uniforms(8, seed=seed)
    u[:4, 1] = 1 - 1e-6  # badly worn
    result = degrade(L, u)
    assert result.shape == L.shape
    assert result.dtype == torch.float32
    assert ((result >= 0) & (result <= 100)).all()  # NaN is not
    assert torch.equal(L, given_L)


def test_share_of_the_pictures():
    L, u = pictures(200), uniforms(200)
    assert torch.equal(degrade(L, u, share=0.0), L)
    changed = (degrade(L, u) != L).flatten(1).any(dim=1)
    assert changed.all()
    some = (degrade(L, u, share=0.3) != L).flatten(1).any(dim=1)
    assert torch.equal(some, u[:, 0] < 0.3)


@given(seeds, st.lists(st.integers(0, 11), min_size=1, max_size=12))
@settings(max_examples=40)
def test_a_picture_does_not_depend_on_its_batch(seed, chosen):
    L, u = pictures(12, 37, 50, seed), uniforms(12, seed=seed)
    together = degrade(L, u)
    assert torch.allclose(degrade(L[chosen], u[chosen]), together[chosen], atol=1e-4)


def test_most_pictures_are_worn_a_little_and_none_beyond_recognition():
    L = pictures(400, 64, 64)
    result = degrade(L, uniforms(400, seed=1))
    centred = [p.flatten(1) - p.flatten(1).mean(dim=1, keepdim=True) for p in (L, result)]
    alike = F.cosine_similarity(*centred)
    assert alike.min() > 0.8
    error = (result - L).abs().mean(dim=(1, 2, 3))
    assert error.quantile(0.25) < 3
    assert 4 < error.quantile(0.75) < error.max() < 40


def test_every_number_has_an_effect():
    """Each column changes some of the pictures: all are used, and no effect reads another effect's column."""
    L, u = pictures(24), uniforms(24)
    column = 2
    for effect in EFFECTS:
        u[:, column], u[:, column + 1] = 0, 1 - u[:, column + 1] / 8  # on every picture, and strong
        column += 2 + effect.numbers
    u[:, EMULSION.start] = 0
    assert slice(column, COLUMNS) == EMULSION
    ab = torch.tensor([60.0, 40.0])[:, None, None].expand(24, 2, 40, 40)
    before = degrade(L, u, ab=ab)
    for column in range(1, COLUMNS):
        other = u.clone()
        other[:, column] = 1 - u[:, column]
        assert not torch.equal(degrade(L, other, ab=ab), before), column


@given(seeds)
@settings(max_examples=15)
def test_grain_is_strongest_in_the_mid_tones(seed):
    levels = torch.tensor([0.0, 10.0, 50.0, 90.0, 100.0])
    L = levels[:, None, None, None].expand(5, 1, 80, 80)
    u = uniforms(1, 4, seed).expand(5, 4)
    deviation, mild = (grain(L, torch.full((5,), s), u).std(dim=(1, 2, 3)) for s in (1.0, 0.2))
    assert deviation[0] == deviation[4] == 0
    assert deviation[2] == pytest.approx(5.0, rel=0.1)
    assert deviation[1] == pytest.approx(float(deviation[3]), rel=1e-3)
    assert deviation[1] == pytest.approx(0.6 * float(deviation[2]), rel=1e-3)  # 2 sqrt(0.1 x 0.9)
    assert mild[2] < 0.3 * deviation[2]


def test_blur_is_a_gaussian():
    point = torch.zeros(1, 1, 21, 21)
    point[..., 10, 10] = 100
    spread = applied(blur, point, 1.0)[0, 0] / 100
    offset = torch.arange(21) - 10.0
    assert (spread.sum(dim=0) * offset**2).sum().sqrt() == pytest.approx(1.2, abs=0.01)
    assert torch.allclose(spread, spread.T)


def test_gamma_keeps_black_white_and_the_order_of_tones():
    tones = torch.linspace(0, 100, 50).expand(300, 1, 1, 50)
    result = applied(gamma, tones, 1.0)
    assert torch.equal(result[..., [0, -1]], tones[..., [0, -1]])
    assert (result.diff(dim=-1) > 0).all()
    logarithm = ((result[..., 25] / 100).log() / (tones[..., 25] / 100).log()).log()
    assert logarithm.mean() == pytest.approx(0, abs=0.05)
    assert logarithm.std() == pytest.approx(0.3, rel=0.1)


def test_contrast_keeps_the_order_of_tones_and_may_cut_their_ends():
    tones = torch.linspace(0, 100, 50).expand(300, 1, 1, 50)
    result = applied(contrast, tones, 1.0)
    assert (result.diff(dim=-1) >= 0).all()
    span = result[..., -1] - result[..., 0]
    assert span.min() < 70  # a flat copy
    assert ((result == 0).sum(dim=-1) > 5).any()  # hard paper
    assert (applied(contrast, tones, 0.0) - tones).abs().max() < 25


def test_an_old_emulsion_is_blind_to_red_and_sees_blue_lighter():
    lab = rgb_to_lab(torch.eye(3)[:, :, None, None] * 0.8 + 0.1)
    grays = rgb_to_lab(torch.linspace(0, 1, 5)[:, None, None, None].expand(5, 3, 1, 1))
    u = uniforms(5, 2)
    seen = emulsion(lab[:, :1], lab[:, 1:], u[:3])
    assert seen[0] < lab[0, 0] - 15  # red
    assert seen[2] > lab[2, 0] + 5  # blue
    torch.testing.assert_close(emulsion(grays[:, :1], grays[:, 1:], u), grays[:, :1], atol=0.05, rtol=0)


def test_only_some_of_the_worn_pictures_are_on_an_old_emulsion():
    L, u, ab = pictures(200), uniforms(200), torch.full((200, 2, 40, 40), 25.0)
    u[:, 2 : EMULSION.start : 1] = 1 - 1e-6  # no other effect
    worn = u[:, 0] < 0.5
    changed = (degrade(L, u, 0.5, ab) - degrade(L, u, 0.5)).flatten(1).abs().amax(dim=1) > 0
    assert torch.equal(changed, worn & (u[:, EMULSION.start] < BLIND_TO_RED))


@given(seeds)
@settings(max_examples=20)
def test_fading_narrows_the_range(seed):
    L = torch.cat((torch.zeros(6, 1, 30, 20), torch.full((6, 1, 30, 20), 100.0)), dim=3)
    slight, strong = (applied(fade, L, s, seed) for s in (0.05, 1.0))
    for faded in (slight, strong):
        assert ((faded >= 0) & (faded <= 100)).all()

    def width(p: torch.Tensor) -> torch.Tensor:
        return p[..., 20:].mean(dim=(1, 2, 3)) - p[..., :20].mean(dim=(1, 2, 3))

    assert (width(strong) < width(slight)).all()
    assert (width(slight) < 100).all()
    assert (strong[..., 20:].amin(dim=(1, 2, 3)) - strong[..., :20].amax(dim=(1, 2, 3)) > 20).all()


def test_scratches_are_few_mostly_upright_light_and_dark():
    L = torch.full((100, 1, 96, 96), 50.0)
    difference = applied(scratches, L, 1.0) - L
    touched = (difference.abs() > 2).float().mean(dim=(1, 2, 3))
    assert 0.01 < touched.mean() < 0.08  # every line of a picture 96 pixels wide is 1 % of it
    assert touched.max() < 0.2
    assert ((applied(scratches, L, 0.3) - L).abs() > 2).float().mean() < 0.025
    assert (difference > 10).any()
    assert (difference < -10).any()
    lines = degradation._lines(torch.ones(100), uniforms(100, 6 * degradation.LINES).unflatten(1, (-1, 6)), L.shape[2:])
    assert lines.diff(dim=3).abs().mean() < 0.5 * lines.diff(dim=4).abs().mean()
    hardly = (applied(scratches, L, 0.0) - L).abs()
    assert hardly.mean() < 0.1 * difference.abs().mean()


@pytest.mark.parametrize(("strength", "quality"), [(0.0, 90), (0.5, 55), (0.8, 34), (1.0, 20)])
def test_jpeg_agrees_with_the_library(strength, quality):
    L = (pictures(1, 48, 64) + applied(grain, torch.full((1, 1, 48, 64), 50.0), 1.0) - 50).clamp(0, 100)
    samples = (L[0, 0] * 2.55).round().to(torch.uint8)
    file = io.BytesIO()
    Image.fromarray(samples.numpy()).save(file, "JPEG", quality=quality)
    expected = torch.from_numpy(np.array(Image.open(file))).float() / 2.55
    result = applied(jpeg, L, strength)[0, 0]
    assert (result - expected).abs().mean() < 0.25  # the library rounds once more, to 8 bits
    assert (result - L[0, 0]).abs().mean() > (result - expected).abs().mean()
