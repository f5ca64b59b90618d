"""Where a network does not know the colour of a whole thing."""

import pytest
import torch
from conftest import colour_photo

from colorizer import Colorizer, Hint
from colorizer.inference.doubts import WIDE, doubts, spread
from colorizer.inference.region import Regions

CENTRES = torch.tensor([(60.0, 40.0), (-50.0, 40.0), (10.0, -60.0), (0.0, 0.0)])
SURE, RED_OR_GREEN, GREEN_OR_BLUE = (0.02, 0.02, 0.02, 0.94), (0.45, 0.45, 0.05, 0.05), (0.02, 0.45, 0.45, 0.08)
SIZE = (160, 240)
"""(H, W) of the photograph."""


def scene(*things):
    """Probabilities and lightness of gray ground with things, (rows, columns, probabilities), on 16 x 24 cells."""
    p = torch.tensor(SURE)[:, None, None].expand(4, 16, 24).clone()
    L = torch.full((160, 240), 5.0)
    for rows, columns, shares in things:
        p[:, rows, columns] = torch.tensor(shares)[:, None, None]
        L[rows.start * 10 : rows.stop * 10, columns.start * 10 : columns.stop * 10] = 95.0
    return p, Regions(L)


COAT = (slice(3, 12), slice(2, 9), RED_OR_GREEN)
HAT = (slice(4, 8), slice(16, 20), GREEN_OR_BLUE)


def found(*things, said=(), most=3):
    p, regions = scene(*things)
    return doubts(p, CENTRES, regions, SIZE, said, most)


def test_the_spread_is_that_of_the_colours():
    p = torch.tensor([(0.5, 0.0), (0.0, 0.0), (0.5, 0.0), (0.0, 1.0)])[:, None]
    assert spread(p, CENTRES)[0].tolist() == pytest.approx([(50**2 + 100**2) ** 0.5 / 2, 0.0], abs=1e-3)


def test_the_thing_that_covers_most_comes_first_with_its_likeliest_colours():
    coat, hat = found(COAT, HAT)
    assert 20 <= coat.x < 90
    assert 30 <= coat.y < 120
    assert 160 <= hat.x < 200
    assert coat.share > hat.share
    assert coat.share == pytest.approx(9 * 7 / (16 * 24), rel=0.3)
    assert coat.spread > WIDE
    assert set(coat.colours[:2]) == {(60.0, 40.0), (-50.0, 40.0)}
    assert set(hat.colours[:2]) == {(-50.0, 40.0), (10.0, -60.0)}
    assert len(found(COAT, HAT, most=1)) == 1


def test_where_nothing_is_in_doubt_nothing_is_asked():
    assert found() == []
    assert found((slice(3, 12), slice(2, 9), (0.0, 0.06, 0.0, 0.94))) == []


def test_a_speck_is_no_thing():
    assert found((slice(3, 5), slice(2, 4), RED_OR_GREEN)) == []


def test_one_thing_in_two_parts_is_asked_about_once():
    assert len(found(COAT, (slice(4, 12), slice(14, 20), RED_OR_GREEN))) == 1


def test_what_somebody_coloured_is_not_asked_about():
    (hat,) = found(COAT, HAT, said=[(50, 70)])
    assert hat.x > 150


def test_a_result_has_none_on_its_hints(weights):
    flagship, photo = Colorizer.from_checkpoint("mobile-unet", folder=weights), colour_photo(96, 64)
    result = flagship.colorize(photo)
    for doubt in result.doubts():
        assert 0 <= doubt.x < photo.width
        hinted = flagship.colorize(photo, [Hint(doubt.x, doubt.y, doubt.colours[0])])
        assert (doubt.x, doubt.y) not in [(each.x, each.y) for each in hinted.doubts()]


def test_a_network_without_a_distribution_has_no_doubts(weights):
    regression = Colorizer.from_checkpoint("resnet18-decoder", folder=weights)
    with pytest.raises(ValueError, match="one colour only"):
        regression.colorize(colour_photo(96, 64)).doubts()
