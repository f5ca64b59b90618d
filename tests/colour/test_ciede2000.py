"""The formula against its authors' own examples, and against scikit-image's."""

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000

from colorizer.colour.ciede2000 import ciede2000

SHARMA = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, -0.9009, -85.5211), (50, 0, -82.7485), 1.0000),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, -1, 2), (50, 0, 0), 2.3669),
    ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0010), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, -0.001, 2.49), (50, 0.0009, -2.49), 4.8045),
    ((50, -0.001, 2.49), (50, 0.0010, -2.49), 4.8045),
    ((50, -0.001, 2.49), (50, 0.0011, -2.49), 4.7461),
    ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (56, -27, -3), 31.9030),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((61.2901, 3.7196, -5.3901), (61.4292, 2.2480, -4.9620), 1.8731),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]
"""Of table 1 of Sharma, Wu and Dalal (2005): hues across 0 degrees, opposite ones, gray, blue."""


@pytest.mark.parametrize(("first", "second", "difference"), SHARMA)
def test_the_authors_examples(first, second, difference):
    one, two = np.array(first, float)[:, None], np.array(second, float)[:, None]
    assert ciede2000(one, two)[0] == pytest.approx(difference, abs=5e-5)


def test_any_colours_differ_as_in_scikit_image():
    random = np.random.default_rng(0)
    one, two = random.uniform([[0], [-100], [-100]], [[100], [100], [100]], (2, 3, 5000))
    two[:, :1000] = one[:, :1000] + random.normal(0, 1, (3, 1000))
    expected = deltaE_ciede2000(one.T, two.T)
    np.testing.assert_allclose(ciede2000(one, two), expected, atol=1e-6)
    assert (ciede2000(one, one) == 0).all()
