"""The limits of every readout of a distribution, as properties of any logits; and of stronger colours."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from colorizer.colour import bins
from colorizer.colour.readout import saturated

CENTRES = bins.in_gamut_centres(20)
Q = len(CENTRES)

seeds = st.integers(0, 2**31)


def logits_of(seed: int, spread: float = 3.0) -> Tensor:
    """(2, Q, 2, 3), from nearly flat to very sure."""
    return torch.randn(2, Q, 2, 3, generator=torch.Generator().manual_seed(seed)) * spread


def distribution(seed: int, spread: float = 2.0) -> Tensor:
    """A prior or histogram, (Q,)."""
    return (torch.randn(Q, generator=torch.Generator().manual_seed(seed)) * spread).softmax(dim=0)


@given(seeds, st.floats(0.05, 20.0), st.floats(0, 1.5), st.floats(0, 3.0))
def test_colours_stay_among_the_bins(seed, temperature, vividness, strength):
    """No colour lies outside the convex hull of the bins' centres, in any direction."""
    ab = bins.read(
        logits_of(seed), CENTRES, distribution(seed + 1), temperature=temperature, vividness=vividness,
        histogram=distribution(seed + 2), strength=strength,
    )  # fmt: skip
    angle = torch.arange(0, 360, 5) * torch.pi / 180
    directions = torch.stack((angle.cos(), angle.sin()))
    reach = torch.einsum("bchw,cd->bdhw", ab, directions)
    assert (reach <= (CENTRES @ directions).max(dim=0).values[None, :, None, None] + 1e-3).all()


@given(seeds, st.floats(-50, 50), st.floats(0.2, 5.0), st.floats(0, 1.0))
def test_only_differences_of_logits_matter(seed, constant, temperature, vividness):
    logits, prior = logits_of(seed), distribution(seed + 1)
    asked = {"temperature": temperature, "vividness": vividness, "histogram": distribution(seed + 2), "strength": 0.7}
    read = bins.read(logits, CENTRES, prior, **asked)
    assert torch.allclose(bins.read(logits + constant, CENTRES, prior, **asked), read, atol=0.05)
    assert torch.allclose(bins.entropy(logits + constant), bins.entropy(logits), atol=1e-4)


@given(seeds)
def test_strength_zero_changes_nothing(seed):
    logits, prior, histogram = logits_of(seed), distribution(seed + 1), distribution(seed + 2)
    asked = {"temperature": 0.6, "vividness": 0.4}
    plain = bins.read(logits, CENTRES, prior, **asked)
    assert torch.equal(bins.read(logits, CENTRES, prior, **asked, histogram=histogram, strength=0.0), plain)


@given(seeds, st.integers(0, Q - 1))
def test_a_stronger_palette_pulls_colours_closer(seed, q):
    logits, prior = logits_of(seed, spread=1.0), torch.full((Q,), 1 / Q)
    wanted = tuple(CENTRES[q].tolist())
    histogram = bins.palette_histogram([wanted], CENTRES)
    distances = []
    for strength in (0.0, 0.5, 1.0, 2.0, 4.0):
        p = bins.exchange_prior(logits, prior, histogram, strength).softmax(dim=1)
        distances.append((p * (CENTRES - CENTRES[q]).norm(dim=1)[None, :, None, None]).sum(dim=1))
    assert all((after < before).all() for before, after in pairwise(distances))
    assert distances[-1].max() < distances[0].min()


@given(seeds, st.integers(0, Q - 1))
def test_entropy_is_0_if_certain_and_1_if_uniform(seed, q):
    doubt = bins.entropy(logits_of(seed))
    assert (doubt > 0).all()
    assert (doubt < 1).all()
    sure = torch.full((1, Q, 1, 1), -1e4)
    sure[0, q] = 0.0
    assert bins.entropy(sure).item() == pytest.approx(0, abs=1e-6)
    assert bins.entropy(torch.zeros(1, Q, 1, 1)).item() == pytest.approx(1, abs=1e-5)
    colder, warmer = bins.entropy(logits_of(seed) / 0.5), bins.entropy(logits_of(seed) / 2)
    assert (colder < doubt).all()
    assert (doubt < warmer).all()


@given(seeds, st.floats(0.3, 3.0))
def test_a_pixels_colour_depends_on_no_other_pixel(seed, temperature):
    logits, prior = logits_of(seed), distribution(seed + 1)
    asked = {"temperature": temperature, "vividness": 0.5, "histogram": distribution(seed + 2)}
    whole = bins.read(logits, CENTRES, prior, **asked)
    assert torch.allclose(bins.read(logits[1:, :, 1:, :2], CENTRES, prior, **asked), whole[1:, :, 1:, :2], atol=1e-4)


PICTURES = st.builds(
    lambda seed, cast: torch.randn(2, 6, 8, generator=torch.Generator().manual_seed(seed)) * 20 + cast,
    st.integers(0, 999),
    st.integers(-30, 30),
)


@given(PICTURES, st.floats(0, 1))
def test_up_to_1_chroma_is_multiplied(ab, factor):
    assert torch.allclose(saturated(ab, factor), ab * factor)


@given(PICTURES, st.floats(1.1, 2))
def test_colours_grow_apart_more_than_their_cast_grows(ab, factor):
    made = saturated(ab, factor)
    assert (made.std(dim=(1, 2)) / ab.std(dim=(1, 2)) > factor).all()
    sepia = torch.full((2, 6, 8), 6.0)  # every place alike: nothing is apart
    assert saturated(sepia, factor).mean() / 6 == pytest.approx(1 + (factor - 1) / 2, rel=1e-3)


def test_whites_stay_white_beside_a_strong_cast():
    ab = torch.full((2, 8, 8), 25.0)
    ab[:, :2] = 0.5  # a white thing in a yellow room
    assert saturated(ab, 1.8)[:, :2].norm(dim=0).max() < 3


def test_skin_before_a_lawn_does_not_turn_red():
    ab = torch.tensor([-25.0, 30.0])[:, None, None].repeat(1, 8, 8)
    ab[:, :2, :2] = torch.tensor([8.0, 12.0])[:, None, None]
    a, b = saturated(ab, 1.8)[:, 0, 0]
    assert 0 < torch.atan2(b, a).rad2deg() - 30 < 30, "the hue of skin, from 30 to 60 degrees"


def test_a_gray_picture_stays_gray():
    assert saturated(torch.zeros(2, 4, 4), 2.0).abs().max() == 0
