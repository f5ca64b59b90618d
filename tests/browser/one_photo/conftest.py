"""A photograph on the stage of the first tab."""

import pytest

from ..visit import put


@pytest.fixture
def shown(page, tmp_path):
    put(page, tmp_path)
    return page
