import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from colorizer import Hint
from colorizer.inference.hints import honour, rasterize, simulate


def test_a_hint_lies_at_its_point():
    planes = rasterize([Hint(300, 50, (20.0, -30.0))], (200, 400), (64, 128))
    assert planes.shape == (1, 3, 64, 128)
    covered = planes[0, 2].nonzero()
    assert covered.float().mean(dim=0).tolist() == pytest.approx([15.5, 95.5], abs=0.6)  # centre of (16, 96)
    assert 36 <= len(covered) <= 64
    assert planes[0, 0].max() == 20
    assert planes[0, 1].min() == -30


def test_radius_is_in_pixels_of_the_photo():
    planes = rasterize([Hint(200, 200, (1, 1), radius=50)], (400, 400), (100, 100))
    assert planes[0, 2].sum() == pytest.approx(25 * 25, rel=0.1)


@pytest.mark.parametrize("point", [(-1, 0), (0, -1), (10, 0), (0, 20)])
def test_points_outside_are_refused(point):
    with pytest.raises(ValueError, match="outside the photo, 10 x 20 pixels"):
        rasterize([Hint(*point, (0, 0))], (20, 10), (32, 32))


def test_corners_are_covered():
    for x, y in ((0, 0), (9, 0), (0, 19), (9, 19)):
        assert rasterize([Hint(x, y, (5, 5))], (20, 10), (32, 32))[0, 2].sum() > 0


def draws(pictures: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(pictures, 2, generator=torch.Generator().manual_seed(seed))


def test_simulated_hints_are_means_of_the_truth():
    ab = torch.randn(40, 2, 32, 32)
    planes = simulate(ab, draws(40))
    assert torch.equal(planes, simulate(ab, draws(40)))
    assert set(planes[:, 2].unique().tolist()) <= {0.0, 1.0}
    assert (planes[:, :2].abs().sum(dim=1)[planes[:, 2] == 0] == 0).all()
    empty = sum(bool((picture[2] == 0).all()) for picture in planes)
    assert 0 <= empty <= 14  # 1 in 8 has none
    constant = simulate(torch.full((8, 2, 32, 32), 7.0), draws(8, 1))
    assert set(constant[:, :2].unique().round(decimals=4).tolist()) <= {0.0, 7.0}
    one = next(simulate(ab[i : i + 1], u[None], full=0.0) for i, u in enumerate(draws(40)) if planes[i, 2].any())
    assert len(one[0, 0][one[0, 2] > 0].unique()) <= one[0, 2].sum()


def test_hints_of_a_picture_do_not_depend_on_its_batch():
    ab, u = torch.randn(12, 2, 24, 24), draws(12, 3)
    whole = simulate(ab, u, share=0.7)
    parts = torch.cat([simulate(ab[i : i + 3], u[i : i + 3], share=0.7) for i in range(0, 12, 3)])
    assert torch.equal(whole, parts)


def test_number_of_hints_is_geometric():
    planes = simulate(torch.zeros(400, 2, 16, 16), draws(400, 2), full=0.0)
    none = sum(bool((picture[2] == 0).all()) for picture in planes)
    assert 30 <= none <= 72  # 400 / 8 = 50


def test_a_share_of_the_pictures_gets_hints():
    planes = simulate(torch.zeros(400, 2, 16, 16), draws(400, 4), share=0.25)
    assert 60 <= sum(bool(picture[2].any()) for picture in planes) <= 115  # 400 * 0.25 * 7 / 8 = 87
    assert not simulate(torch.ones(5, 2, 16, 16), draws(5), share=0.0).any()


def test_pictures_can_be_revealed_completely():
    ab = torch.randn(3, 2, 16, 16)
    planes = simulate(ab, draws(3), full=1.0)
    assert torch.equal(planes[:, :2], ab)
    assert (planes[:, 2] == 1).all()


def random_ab() -> torch.Tensor:
    return torch.randn(2, 40, 60, generator=torch.Generator().manual_seed(0))


def test_a_hint_colours_its_point_and_its_object():
    ab, L = random_ab(), torch.full((40, 60), 30.0)
    L[:, 30:] = 80
    hints = [Hint(100, 60, (40.0, -20.0)), Hint(108, 60, (-30.0, 10.0)), Hint(10, 150, (5.0, 60.0))]
    done = honour(ab, L, hints, (160, 240))
    for hint in hints:
        assert done[:, int(hint.y / 4), int(hint.x / 4)].tolist() == pytest.approx(hint.ab, abs=0.1)
    assert (done - ab)[:, :, 30:].abs().max() < 10  # the other side of an edge, predicted alike
    assert (done - ab)[:, 15, 24].abs().max() > 30  # but beside a hint
    assert torch.equal(honour(ab, L, [], (160, 240)), ab)
    told = Hint(100, 60, tuple(ab[:, 15, 25].tolist()))
    assert torch.allclose(honour(ab, L, [told], (160, 240)), ab, atol=1e-4)
    twice = honour(ab, L, [Hint(100, 60, (1.0, 1.0)), Hint(101, 61, (9.0, 9.0))], (160, 240))
    assert twice[:, 15, 25].tolist() == pytest.approx([9, 9], abs=0.1)


def test_a_correction_spreads_far_only_to_similar_areas():
    ab, L = torch.zeros(2, 40, 60), torch.full((40, 60), 50.0)
    ab[:, :, 30:] = 35.0  # predicted to be another thing, though just as light
    done = honour(ab, L, [Hint(15, 20, (20.0, 0.0))], (40, 60)) - ab
    assert done[0, 20, 25] > 10
    assert done[:, :, 30:].abs().max() < 1


def test_errors_at_hints_that_agree_are_expected_in_between():
    ab, L = torch.zeros(2, 40, 60), torch.full((40, 60), 50.0)
    hints = [Hint(x, y, (12.0, -6.0)) for x, y in ((5, 5), (55, 5), (5, 35), (55, 35))]
    done = honour(ab, L, hints, (40, 60))
    assert done[:, 20, 30].tolist() == pytest.approx([12, -6], rel=0.25)


@given(st.lists(st.tuples(st.integers(0, 59), st.integers(0, 39), st.integers(-90, 90)), min_size=1, max_size=12))
def test_honoured_hints_do_not_overshoot(spots):
    hints = [Hint(x, y, (a, 0.0)) for x, y, a in spots]
    done = honour(torch.zeros(2, 40, 60), torch.full((40, 60), 50.0), hints, (40, 60))
    asked = max(abs(a) for _, _, a in spots)
    assert done.abs().max() <= asked + 1e-3
