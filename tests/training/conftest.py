import pytest
from conftest import write_photos


@pytest.fixture(scope="session")
def photos(tmp_path_factory):
    """A folder of photographs to learn from, which no test changes."""
    return write_photos(tmp_path_factory.mktemp("photos"), 16, 48, 40)


@pytest.fixture(autouse=True)
def small(small_measures):
    """Validations measure small pictures."""
