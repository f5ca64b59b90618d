"""Stronger colours: apart more than together, and whites stay white."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from colorizer.colour.readout import saturated

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
