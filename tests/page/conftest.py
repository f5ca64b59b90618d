"""The page as it is launched, and a stranger who speaks plain HTTP with it."""

import httpx
import pytest

from colorizer.page import app_options, build_page
from colorizer.page.gradio_server import WITHOUT_KNOCKING
from colorizer.page.session.shelf import Shelf

META = {"_type": "gradio.FileData"}
WITH_FILES = {"file", "uploadbutton", "gallery", "html", "image", "downloadbutton", "state"}
"""Kinds of inputs in which `given` puts a file."""


def given(part, file):
    """The value of an input, with a forged file wherever there can be one."""
    if part["type"] in ("file", "uploadbutton"):
        return [file]
    if part["type"] == "gallery":
        return [{"image": file, "caption": None}]
    if part["type"] == "html":
        return [file]
    if part["type"] in ("image", "downloadbutton", "state"):
        return file
    return part["props"].get("value")


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory):
    """A folder for the uploads and results of all pages."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def cache(shared_cache):
    """That folder, while a module uses this fixture."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(shared_cache))
        yield shared_cache


@pytest.fixture(scope="session")
def built_page(weights, tmp_path_factory):
    """A page without examples that nobody serves, for tests of what is on it."""
    return build_page(weights, tmp_path_factory.mktemp("examples"))


@pytest.fixture(scope="module")
def launched(shared_page, cache):
    """The page, started elsewhere than in the repository."""
    return shared_page


@pytest.fixture(scope="session")
def shared_page(weights, shared_cache, tmp_path_factory):
    """The page of all modules that do not change it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(shared_cache))
        shelf = Shelf(weights)
        page = build_page(shelf)
        assert not page.api_open
        page.api_open = True  # but for one test: here every event is asked directly, which is the quickest
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        page.launch(
            prevent_thread_lock=True,
            quiet=True,
            show_error=False,
            max_file_size="1mb",
            run_history=False,
            app_kwargs=app_options(shelf),
            **WITHOUT_KNOCKING,
        )
    yield page
    page.close()


@pytest.fixture(scope="module")
def stranger(launched):
    """Who asks it."""
    with httpx.Client(base_url=launched.local_url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def events(stranger):
    """The server's functions for the page, private or not: for each event its number and the kinds of its inputs."""
    config = stranger.get("config").json()
    parts = {part["id"]: part for part in config["components"]}
    events = [each for each in config["dependencies"] if each["backend_fn"]]  # others are the browser's alone
    return [(each["id"], [parts[part] for part in each["inputs"]]) for each in events]


@pytest.fixture
def upload(stranger):
    """Uploads a file; returns the path that it got in the cache."""

    def uploaded(name: str, content: bytes) -> str:
        (path,) = stranger.post("gradio_api/upload", files={"files": (name, content)}).json()
        return path

    return uploaded
