"""A page whose endpoints programs ask."""

import pytest

from colorizer.page import build_page
from colorizer.page.gradio_server import WITHOUT_KNOCKING


@pytest.fixture(scope="session")
def page(weights):
    page = build_page(weights)
    page.launch(prevent_thread_lock=True, quiet=True, max_file_size="80mb", **WITHOUT_KNOCKING)
    yield page
    page.close()
