"""The graph's readouts: as `bins` computes them."""

import numpy as np
import pytest
import torch
from graph.graphs import run

from colorizer.colour import bins
from colorizer.colour.saturation import saturated
from colorizer.graph import readout

CENTRES = bins.in_gamut_centres()
BETWEEN = torch.cdist(CENTRES, CENTRES)
RANDOM = torch.Generator().manual_seed(0)
LOGITS = torch.randn(1, len(CENTRES), 4, 6, generator=RANDOM) * 3
PRIOR = torch.rand(len(CENTRES), generator=RANDOM).softmax(dim=0)


def number(value):
    return np.array(value, np.float32)


@pytest.mark.parametrize(("temperature", "vividness", "strength"), [(1, 0, 0), (0.6, 0.45, 0), (0.5, 0.9, 1.2)])
def test_the_mean_colour_is_the_same(temperature, vividness, strength):
    histogram = bins.palette_histogram([(40, 30), (-20, 10)], CENTRES)
    expected = bins.read(
        LOGITS, CENTRES, PRIOR,
        temperature=temperature, vividness=vividness, histogram=histogram, strength=strength,
    )  # fmt: skip
    numbers = number(temperature), number(vividness), histogram.numpy(), number(strength)
    made = run(readout.annealed_mean, LOGITS.numpy(), CENTRES.numpy(), PRIOR.numpy(), *numbers)
    assert np.abs(made - expected.numpy()).max() < 1e-3


@pytest.mark.parametrize("cast", [3, 20])
@pytest.mark.parametrize("factor", [0, 0.6, 1, 1.8])
def test_saturation_is_the_same(factor, cast):
    ab = torch.randn(1, 2, 5, 7, generator=torch.Generator().manual_seed(1)) * 10 + cast
    assert np.abs(run(readout.saturated, ab.numpy(), number(factor))[0] - saturated(ab[0], factor).numpy()).max() < 1e-3


def test_entropy_is_the_same():
    assert np.abs(run(readout.entropy, LOGITS.numpy()) - bins.entropy(LOGITS)[0].numpy()).max() < 1e-5


def test_suggestions_are_the_same_and_not_a_number_where_there_are_fewer():
    centres = CENTRES[BETWEEN[0] < 45]  # bins that leave no room for five
    few = torch.cdist(centres, centres)
    for places, between in ((CENTRES, BETWEEN), (centres, few)):
        p = torch.randn(3, len(places), generator=RANDOM).mul(2).softmax(dim=1)
        made = run(readout.suggestions, p.numpy(), places.numpy(), between.numpy(), number(10))
        for one, each in zip(made, p, strict=True):
            expected = bins.top_modes(each, places, 5)
            assert one[: len(expected)].tolist() == [list(colour) for colour in expected]
            assert np.isnan(one[len(expected) :]).all()
    assert len(expected) < 5


def test_no_points_have_no_suggestions():
    nothing, sides = np.zeros((0, 2), np.float32), np.array([40, 60], np.float32)
    made = run(readout.suggested, nothing, sides, LOGITS.numpy(), CENTRES.numpy(), BETWEEN.numpy(), number(10))
    assert made.shape == (0, 5, 2)
