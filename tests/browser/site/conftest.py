"""The site, and a browser that visits it."""

import pytest

from benchmarks.site.serving import arrive, flagship_pipeline, make_site, served
from colorizer import Colorizer


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The folder of what is made once."""
    return tmp_path_factory.mktemp("made")


@pytest.fixture(scope="session")
def pipeline():
    """The flagship's pipeline."""
    return flagship_pipeline()


@pytest.fixture(scope="session")
def whole(made, pipeline):
    """The file of the whole pipeline."""
    (made / "whole.onnx").write_bytes(pipeline.whole)
    return made / "whole.onnx"


@pytest.fixture(scope="session")
def site(made, pipeline):
    """The site, served."""
    with served(make_site(made, pipeline)) as site:
        yield site


@pytest.fixture(scope="module")
def context(browser):
    """A browser in which the site was visited."""
    context = browser.new_context(accept_downloads=True, viewport={"width": 1400, "height": 900})
    yield context
    context.close()


@pytest.fixture
def page(context, site):
    """The site, with the network loaded; nothing may go wrong in its scripts."""
    page = context.new_page()
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    arrive(page, site.url)
    yield page
    page.close()
    assert not wrong


@pytest.fixture(scope="module")
def colorizer():
    """The flagship in Python."""
    return Colorizer.from_checkpoint("mobile-unet", device="cpu")
