"""Only the flagship does this: its colours end at the edges of things, its hints reach far, and it has a finish."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from small_networks import example

from colorizer import Card, Colorizer, build
from colorizer.architectures.attention import Agreement, HintAttention, mixed_near
from colorizer.architectures.layers import ConvexUpsample, convex
from colorizer.colour.lab import spread_tones
from colorizer.colour.readout import preset


def test_upsampling_begins_as_bilinear_interpolation():
    torch.manual_seed(0)
    layer = ConvexUpsample(features=8)
    ab = torch.randn(2, 2, 6, 5) * 30
    weights = layer(torch.zeros(2, 8, 6, 5), torch.full((2, 1, 24, 20), 50.0))
    expected = F.interpolate(ab, scale_factor=4, mode="bilinear", align_corners=False)
    assert (convex(ab, weights) - expected).abs().max() < 1.5


@given(st.integers(0, 1000))
def test_upsampled_colours_stay_between_their_neighbours(seed):
    torch.manual_seed(seed)
    ab = torch.randn(1, 2, 3, 4) * 50
    fine = convex(ab, torch.randn(1, 9, 16, 3, 4).mul(5).softmax(dim=1))
    around = F.pad(ab, (1, 1, 1, 1), mode="replicate")
    highest = F.interpolate(F.max_pool2d(around, 3, 1), scale_factor=4)
    lowest = -F.interpolate(F.max_pool2d(-around, 3, 1), scale_factor=4)
    assert (fine <= highest + 1e-3).all()
    assert (fine >= lowest - 1e-3).all()


def test_upsampling_can_follow_an_edge_that_coarse_pixels_do_not_know():
    ab = torch.zeros(1, 2, 1, 2)
    ab[..., 1] = 40.0
    weights = torch.zeros(1, 9, 16, 1, 2)
    weights[:, 4] = 1  # every pixel takes the coarse one it lies in
    weights[:, :, 3::4, :, 0] = 0
    weights[:, 5, 3::4, :, 0] = 1  # but the fourth column takes the one to its right
    assert convex(ab, weights)[0, 0, 0].tolist() == [0, 0, 0, 40, 40, 40, 40, 40]


def attention() -> HintAttention:
    """Puts colours into channels 0 to 2, and compares places by channel 3 alone."""
    layer = HintAttention(4, heads=1, dim=4)
    with torch.no_grad():
        for m in (layer.query, layer.key):
            m.weight.zero_()
            m.bias.zero_()
            m.weight[0, 3] = 10
        layer.nearness.fill_(-20)
        layer.nothing.fill_(-20)
        layer.spread.weight.copy_(torch.eye(4, 3)[:, :, None, None])
    return layer


def hinted(*spots: tuple[int, int, tuple[float, float]], size: tuple[int, int] = (6, 8)) -> torch.Tensor:
    planes = torch.zeros(1, 3, *size)
    for row, column, (a, b) in spots:
        planes[0, :, row, column] = torch.tensor([a, b, 1.0])
    return planes


def test_the_grid_of_cells_does_not_show():
    network = build("mobile-unet", width=0.25)
    prediction = network(torch.zeros(1, 1, 64, 64))
    q = len(network.centres)
    reds = network.centres[:, 0].argmax()
    logits = torch.zeros(1, q, 16, 16)
    logits[:, reds, :, 8:] = 50.0
    end = prediction.calibrated
    blocks = torch.zeros_like(end.upsampling)
    blocks[:, 4] = 1.0  # every pixel is its own cell's, so that cells would be squares
    a = network.end_to_ab(end._replace(logits=logits, upsampling=blocks))[0, 0]
    steps = a.diff(dim=1).abs().amax(dim=0)
    assert a[:, 30:34].std() > 5  # there is an edge
    assert steps.max() < 0.4 * (a.max() - a.min())
    assert torch.allclose(a[:, :28], a[:, :1])  # and it is only there
    assert torch.allclose(a[:, 36:], a[:, -1:])


def test_a_hint_is_taken_over_by_what_is_alike_however_far():
    x = torch.full((1, 4, 6, 8), -1.0)
    x[0, :3] = 0
    x[0, 3, 0, 0] = x[0, 3, 5, 7] = 1.0  # two places alike, in opposite corners
    heard = attention()(x, hinted((0, 0, (0.5, -0.3)))) - x
    assert heard[0, :2, 5, 7].tolist() == pytest.approx([0.5, -0.3], abs=1e-3)
    assert heard[0, :2, 3, 3].abs().max() < 1e-3


def test_of_two_hints_the_closer_one_wins_where_all_is_alike():
    layer = attention()
    with torch.no_grad():
        layer.nearness.fill_(5.0)
    x = torch.zeros(1, 4, 6, 8)
    heard = layer(x, hinted((2, 0, (0.5, 0.0)), (2, 7, (-0.5, 0.0)))) - x
    assert heard[0, 0, 2, 1] > 0.4
    assert heard[0, 0, 2, 6] < -0.4


def test_a_batch_gathers_what_each_picture_gathers_alone():
    x = torch.randn(2, 4, 6, 8)
    hints = torch.cat((hinted((1, 1, (0.5, 0.5)), (5, 2, (-0.5, 0.1))), hinted((3, 6, (0.2, -0.4)))))
    together = attention()(x, hints)
    alone = torch.cat([attention()(x[i : i + 1], hints[i : i + 1]) for i in range(2)])
    assert torch.allclose(together, alone, atol=1e-5)


def test_without_hints_attention_is_not_run():
    network = build("mobile-unet").eval()
    network.attend.forward = None
    L = torch.rand(1, 1, 64, 64) * 100
    with torch.inference_mode():
        assert network(L).calibrated.logits.shape[2:] == (16, 16)


@pytest.mark.parametrize("rank", [0, 2])
@pytest.mark.parametrize("hinted", [False, True])
def test_a_finish_starts_as_the_calibrated_end_and_never_changes_it(hinted, rank):
    network = build("mobile-unet", width=0.25, finish=True, finish_rank=rank).eval()
    network.begin_finish()
    L, ab = example(network)
    hints = torch.cat((ab, (L > 70).float()), dim=1) if hinted else None
    with torch.inference_mode():
        calibrated = network.to_ab(network(L, hints), L)
        assert torch.equal(network.to_ab(network(L, hints), L, finish=1.0), calibrated)
        network.finish.head.bias.normal_(generator=torch.Generator().manual_seed(0))
        prediction = network(L, hints)
        finished = network.to_ab(prediction, L, finish=1.0)
        assert torch.equal(network.to_ab(prediction, L), calibrated)
        assert (finished - calibrated).abs().max() > 1
        torch.testing.assert_close(network.to_ab(prediction, L, finish=0.25), 0.75 * calibrated + 0.25 * finished)


@pytest.mark.parametrize("training", [False, True])
def test_a_finish_can_read_the_photograph_in_its_own_way(training):
    network = build("mobile-unet", width=0.25, finish=True, finish_rank=2)
    network.begin_finish()
    L, _ = example(network)
    for norm in (m for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d)):
        norm.momentum = 0.0

    def answers():
        network.train(training)
        with torch.no_grad():
            prediction = network(L)
            return [network.to_ab(prediction, L, finish=share) for share in (0.0, 1.0)]

    before = answers()
    with torch.no_grad():
        for change in network.finish.changes.values():
            change.up.normal_()
    after = answers()
    assert torch.equal(after[0], before[0])
    assert not torch.allclose(after[1], before[1], atol=1e-5)


def test_an_end_is_computed_when_it_is_first_needed():
    network = build("mobile-unet", width=0.25, finish=True).eval()
    L, _ = example(network)
    with torch.inference_mode():
        prediction = network(L)
        network.up8.forward = None  # the calibrated end
        finished = network.to_ab(prediction, L, finish=1.0)
        del network.up8.forward
        network.finish.up8.forward = None
        calibrated = network.to_ab(prediction, L)
        assert torch.equal(network.to_ab(prediction, L, finish=1.0), finished)
        assert torch.equal(network.to_ab(prediction, L), calibrated)


def test_places_that_look_alike_agree_however_far_apart():
    torch.manual_seed(0)
    agree, coat, wall = Agreement(channels=5), slice(0, 4), slice(8, 12)
    fine = torch.cat((torch.zeros(1, 2, 8, 12), torch.randn(1, 3, 8, 12)), dim=1)
    fine[:, 0, :, coat] = fine[:, 1, :, wall] = 50.0
    with torch.no_grad():
        agree.look.weight[:, 2:] = 0.0
        agree.share.bias.fill_(20.0)
        agree.nearness.fill_(-20.0)
        mixed = agree(fine)
        for thing in (coat, wall):
            own = fine[..., thing].mean(dim=(2, 3), keepdim=True).expand(-1, -1, 8, 4)
            torch.testing.assert_close(mixed[..., thing], own, atol=1e-3, rtol=0)
        agree.share.bias.fill_(-20.0)
        torch.testing.assert_close(agree(fine), fine, atol=1e-3, rtol=0)


def test_colours_of_places_near_each_other_agree_but_not_across_an_edge():
    torch.manual_seed(0)
    agree = Agreement(channels=5)
    with torch.no_grad():
        agree.look.weight.zero_()
        L = torch.full((1, 1, 32, 64), 30.0)
        L[..., 32:] = 90.0
        ab = torch.zeros(1, 2, 8, 16)
        ab[..., :8], ab[..., 8:] = -20.0, 20.0
        spotted = ab + torch.randn(ab.shape) * 5
        mixed = mixed_near(spotted, agree.near(torch.randn(1, 5, 8, 16), L))
    assert (mixed - ab).abs().mean() < 0.4 * (spotted - ab).abs().mean()
    assert mixed[..., :8].max() < 0 < mixed[..., 8:].min()


def test_a_network_without_a_finish_reads_a_preset_that_asks_for_one():
    plain = build("mobile-unet", width=0.25).eval()
    photo = Image.new("RGB", (64, 64), "gray")
    colorizer = Colorizer(plain, card=Card("plain", Path("plain.safetensors")))
    asked = preset("natural")
    assert asked["finish"] == 1
    without = colorizer.colorize(photo, **{**asked, "finish": 0.0}).image
    assert colorizer.colorize(photo, **asked).image.tobytes() == without.tobytes()
    assert "finish" not in colorizer.colorize(photo, **asked).provenance.settings


def test_a_faded_photograph_is_read_with_its_tones_spread():
    L = 40 + torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(0)) * 30
    answers = []
    for spread, read in ((True, L), (False, spread_tones(L)), (False, L)):
        torch.manual_seed(0)
        network = build("mobile-unet", width=0.25, spread=spread).eval()
        with torch.inference_mode():
            answers.append(network(read).calibrated.logits)
    assert torch.equal(answers[0], answers[1])
    assert not torch.equal(answers[0], answers[2])
