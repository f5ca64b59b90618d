import pytest

from colorizer import Colorizer


@pytest.fixture(scope="session")
def colorizer(weights):
    return Colorizer.from_checkpoint("mobile-unet", folder=weights, device="cpu")
