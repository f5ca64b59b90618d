import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from colorizer.colour import bins, lab

CENTRES = bins.in_gamut_centres()
Q = len(CENTRES)


def test_every_colour_has_its_bin():
    rgb = torch.from_numpy(np.random.default_rng(0).random((3, 1, 20000), np.float32))
    ab = lab.rgb_to_lab(rgb)[1:, 0].T
    assert torch.cdist(ab, CENTRES).min(dim=1).values.max() <= math.hypot(5, 5) + 1.5
    assert 220 < Q < 330
    assert torch.equal(CENTRES % 10, torch.zeros_like(CENTRES))


@given(st.integers(-80, 90), st.integers(-100, 90))
def test_soft_encoding_is_the_nearest_bins_with_gaussian_weights(a, b):
    index, weight = bins.soft_encode(torch.tensor([a, b], dtype=torch.float32)[None, :, None, None])
    distance = torch.cdist(torch.tensor([[a, b]], dtype=torch.float32), CENTRES)[0]
    chosen = distance[index[0, :, 0, 0]]
    assert torch.allclose(chosen.sort().values, distance.sort().values[:5], atol=1e-3)
    expected = (-(chosen.double() ** 2) / 50).exp()
    assert torch.allclose(weight[0, :, 0, 0].double(), expected / expected.sum(), atol=1e-4)


def test_cross_entropy_by_hand():
    logits = torch.randn(2, Q, 3, 3)
    ab = torch.randn(2, 2, 3, 3) * 20
    index, weight = bins.soft_encode(ab)
    target = torch.zeros_like(logits).scatter_add(1, index, weight)
    expected = torch.nn.functional.cross_entropy(logits, target)
    assert torch.allclose(bins.cross_entropy(logits, ab), expected, atol=1e-5)


def test_temperature_goes_from_mode_to_mean():
    logits = torch.randn(1, Q, 4, 4) * 3
    logits.scatter_add_(1, logits.argmax(dim=1, keepdim=True), torch.ones(1, 1, 4, 4))  # or two may be as likely
    mode = CENTRES[logits.argmax(dim=1)].movedim(-1, 1)
    assert torch.allclose(bins.expected_ab(logits, CENTRES, 1e-3), mode, atol=1.0)
    mean = torch.einsum("bqhw,qc->bchw", logits.softmax(dim=1), CENTRES)
    assert torch.allclose(bins.expected_ab(logits, CENTRES), mean, atol=1e-4)
    with pytest.raises(ValueError, match="above 0"):
        bins.expected_ab(logits, CENTRES, 0.0)


def test_reweighting():
    logits = torch.randn(1, Q, 2, 2)
    prior = torch.rand(Q).softmax(dim=0)
    assert torch.equal(bins.reweight(logits, prior, 0.0), logits)
    p = logits.softmax(dim=1)[0, :, 0, 0] / (0.5 * prior + 0.5 / Q) ** 0.7
    assert torch.allclose(bins.reweight(logits, prior, 0.7).softmax(dim=1)[0, :, 0, 0], p / p.sum(), atol=1e-6)
    # dividing the prior itself by the prior leaves nothing to prefer
    flat = bins.reweight(prior.log()[None, :, None, None], prior, 1.0, uniform=0.0).softmax(dim=1)
    assert torch.allclose(flat, torch.full_like(flat, 1 / Q), atol=1e-5)


def test_prior_counts_colours():
    prior = bins.encode_prior(torch.zeros(1, 2, 4, 4))
    assert prior.sum().item() == pytest.approx(1, abs=1e-5)
    assert tuple(CENTRES[prior.argmax()].tolist()) == (0, 0)


def test_exchanging_the_prior():
    prior = torch.rand(Q).softmax(dim=0)
    histogram = torch.rand(Q).mul(3).softmax(dim=0)
    by_prior = prior.log()[None, :, None, None]
    swapped = bins.exchange_prior(by_prior, prior, histogram, 1.0, floor=0.0).softmax(dim=1)[0, :, 0, 0]
    assert torch.allclose(swapped, histogram, atol=1e-5)


def test_palette_histogram():
    one = bins.palette_histogram([(40.0, 20.0)])
    assert one.sum().item() == pytest.approx(1, abs=1e-5)
    assert tuple(CENTRES[one.argmax()].tolist()) == (40, 20)
    two = bins.palette_histogram([(40.0, 20.0), (-30.0, 30.0)])
    assert torch.allclose(two, (one + bins.palette_histogram([(-30.0, 30.0)])) / 2, atol=1e-6)


def test_rebalancing_keeps_the_mean_and_lifts_the_rare():
    prior = torch.tensor([0.7, 0.2, 0.1])
    weight = bins.rebalancing(prior)
    assert (prior * weight).sum().item() == pytest.approx(1)
    assert weight[0] < weight[1] < weight[2]
    flat = bins.rebalancing(torch.full((5,), 0.2))
    assert torch.allclose(flat, torch.ones(5))
    assert torch.allclose(bins.rebalancing(prior, uniform=1.0), torch.ones(3))


def test_rebalanced_cross_entropy_counts_pixels_by_their_nearest_bin():
    centres = bins.in_gamut_centres()
    ab = torch.zeros(1, 2, 1, 2)
    ab[0, :, 0, 1] = torch.tensor([50.0, 40.0])
    logits = torch.randn(1, len(centres), 1, 2, generator=torch.Generator().manual_seed(0))
    importance = torch.ones(len(centres))
    assert torch.allclose(bins.cross_entropy(logits, ab, centres, importance), bins.cross_entropy(logits, ab))
    gray = int((centres == 0).all(dim=1).nonzero())
    importance[gray] = 0
    coloured = bins.cross_entropy(logits[..., 1:], ab[..., 1:])
    assert torch.allclose(bins.cross_entropy(logits, ab, centres, importance), coloured / 2)


def test_larger_sets_of_bins():
    more = bins.nearest_centres(313)
    assert more.shape == (313, 2)
    inside = {tuple(row) for row in bins.in_gamut_centres().tolist()}
    assert inside < {tuple(row) for row in more.tolist()}
    assert len({tuple(row) for row in more.tolist()}) == 313
    assert bins.square_centres().shape == (529, 2)
    with pytest.raises(ValueError, match="leave some out"):
        bins.nearest_centres(100)
    index, weight = bins.soft_encode(torch.tensor([30.0, -20.0])[None, :, None, None], bins.square_centres())
    assert bins.square_centres()[index[0, weight[0, :, 0, 0].argmax(), 0, 0]].tolist() == [30, -20]


def test_a_second_peak_comes_before_shades_of_the_first():
    distance = torch.cdist(CENTRES, torch.tensor([[40.0, 30.0], [-40.0, 20.0]]))
    p = (torch.exp(-(distance**2) / (2 * 15**2)) * torch.tensor([1.0, 0.2])).sum(dim=1)
    modes = bins.top_modes(p / p.sum(), CENTRES, 2)
    assert modes == [(40.0, 30.0), (-40.0, 20.0)]
    assert bins.top_modes(p / p.sum(), CENTRES, 4)[0] == (40.0, 30.0)


def test_modes_are_ordered_by_likelihood_and_apart():
    p = torch.rand(len(CENTRES), generator=torch.Generator().manual_seed(0))
    modes = bins.top_modes(p / p.sum(), CENTRES, 6)
    assert len(modes) == 6
    assert modes[0] == tuple(CENTRES[p.argmax()].tolist())
    places = [int((torch.tensor(mode) == CENTRES).all(dim=1).nonzero()) for mode in modes]
    assert [float(p[q]) for q in places] == sorted((float(p[q]) for q in places), reverse=True)
    assert torch.pdist(CENTRES[places]).min() >= 20


def test_where_there_are_fewer_modes_the_rest_is_not_a_number():
    near = CENTRES[torch.cdist(CENTRES, CENTRES)[100] < 15]  # three by three bins
    p = torch.rand(2, len(near), generator=torch.Generator().manual_seed(0))
    missing = bins.modes(p / p.sum(dim=1, keepdim=True), near, 5).isnan()
    assert not missing[:, 0].any()
    assert missing[:, 4].all()
