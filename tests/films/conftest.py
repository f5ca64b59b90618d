import pytest

from colorizer import Colorizer
from colorizer.films import colour, steady


@pytest.fixture(scope="session")
def colorizer(weights):
    return Colorizer.from_checkpoint("mobile-unet", folder=weights, device="cpu")


@pytest.fixture
def pieces_of(monkeypatch):
    """A function that sets how many frames a piece of a film has."""

    def set_to(frames):
        monkeypatch.setattr(colour, "FRAMES", frames)
        monkeypatch.setattr(steady, "CHUNK", frames)

    return set_to
