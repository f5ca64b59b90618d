"""The formula against scikit-image's, which has its authors' own examples."""

import numpy as np
from skimage.color import deltaE_ciede2000

from colorizer.colour.ciede2000 import ciede2000


def test_any_colours_differ_as_in_scikit_image():
    random = np.random.default_rng(0)
    one, two = random.uniform([[0], [-100], [-100]], [[100], [100], [100]], (2, 3, 5000))
    two[:, :1000] = one[:, :1000] + random.normal(0, 1, (3, 1000))
    one[1:, 1000:3000], two[1:, 1000:3000] = random.normal(0, 3, (2, 2, 2000))  # near gray hues turn around quickly
    one[1:, 3000:3100] = 0
    expected = deltaE_ciede2000(one.T, two.T)
    np.testing.assert_allclose(ciede2000(one, two), expected, atol=1e-6)
    assert (ciede2000(one, one) == 0).all()
