"""Things that break around the page: weights, the disk, visitors who leave. docs/faults.md names these tests."""

import errno
import json
import os
import pickle
import shutil
import threading
from contextlib import nullcontext
from pathlib import Path

import gradio as gr
import httpx
import pytest
import torch
from asking import answer, ask, being_served, uploaded
from conftest import colour_photo, representing
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from showing import answer_to, full_size, show

from colorizer import CheckpointError, build
from colorizer.checkpoints.file import list_checkpoints, save_checkpoint
from colorizer.page import app_options, build_page
from colorizer.page.i18n.texts import plain_errors
from colorizer.page.session.request import PhotoFile, PhotoRequest
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.album.run import AlbumHandlers
from colorizer.page.tabs.compare.tab import CompareHandlers
from colorizer.page.tabs.models import ModelsHandlers
from colorizer.page.tabs.one_photo.export import make
from colorizer.page.tabs.one_photo.handlers import Handlers
from colorizer.page.tabs.one_photo.pictures import PREDICTED


@pytest.fixture
def shelf(tmp_path):
    """A new folder with one good checkpoint, small.safetensors."""
    folder = tmp_path / "weights"
    folder.mkdir()
    torch.manual_seed(0)
    save_checkpoint(folder / "small.safetensors", build("conv-fc", width=0.25), working_size=64)
    return Shelf(folder)


@pytest.fixture
def photo(tmp_path):
    colour_photo(120, 80).save(tmp_path / "photo.png")
    return str(tmp_path / "photo.png")


def coloured(handlers, photo):
    """The file of the coloured photo that the stage shows."""
    panes = show(handlers, PhotoRequest(photo, "small"))["stage"]["panes"]
    (path,) = [pane["file"]["path"] for pane in panes if pane["side"] == PREDICTED]
    return Path(path).read_bytes()


class Mark:
    """Creates a folder when unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def truncated(path, folder):
    path.write_bytes(path.read_bytes()[:-1000])


def pickled(path, folder):
    path.write_bytes(pickle.dumps(Mark(folder / "ran")))


def other_weights(path, folder):
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    save_file({name: value + 1 for name, value in load_file(path).items()}, path, metadata=metadata)


@pytest.mark.parametrize("damage", [truncated, pickled, other_weights])
def test_a_broken_checkpoint_gives_one_sentence(shelf, photo, damage):
    """Truncated, swapped, or a pickle: one sentence, and the page goes on."""
    path = shelf.weights / "small.safetensors"
    damage(path, shelf.weights)
    handlers = Handlers(Shelf(shelf.weights))
    with pytest.raises(gr.Error) as error:
        show(handlers, PhotoRequest(photo, "small"))
    assert "small" in error.value.message
    assert "\n" not in error.value.message
    assert str(shelf.weights) not in error.value.message
    assert not (shelf.weights / "ran").exists()
    save_checkpoint(path, build("conv-fc", width=0.25), working_size=64)
    assert coloured(handlers, photo)


def test_a_checkpoint_replaced_while_the_page_runs_is_reloaded(shelf, photo):
    handlers = Handlers(shelf)
    before = coloured(handlers, photo)
    torch.manual_seed(5)
    save_checkpoint(shelf.weights / "small.safetensors", build("conv-fc", width=0.25), working_size=64)
    after = coloured(handlers, photo)
    assert before != after
    assert after == coloured(Handlers(Shelf(shelf.weights)), photo)


def test_weights_replaced_while_being_read_are_not_cached(shelf, photo):
    old = (shelf.weights / "small.safetensors").read_bytes()
    torch.manual_seed(5)
    save_checkpoint(shelf.weights / "other.safetensors", build("conv-fc", width=0.25), working_size=64)
    load = shelf.load

    def swapped(card):
        shutil.copy(shelf.weights / "other.safetensors", shelf.weights / "small.safetensors")
        return load(card)

    shelf.load = swapped
    with pytest.raises(CheckpointError, match="small"):
        shelf.colorizer("small")
    shelf.load = load
    (shelf.weights / "small.safetensors").write_bytes(old)
    assert shelf.colorizer("small").card.sha256 == shelf.card("small").sha256


@pytest.fixture(
    params=representing(["empty", "missing", "a file", "unreadable", "unreadable file"], ["missing", "unreadable file"])
)
def no_weights(request, tmp_path, weights, monkeypatch):
    """Permissions are simulated, because root can read everything."""
    folder, scandir = tmp_path / "none", os.scandir

    def refused(path, *_, **__):
        if request.param == "unreadable" and Path(path) != folder:
            return scandir(path)
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    if request.param == "a file":
        folder.write_text("no folder")
    elif request.param != "missing":
        folder.mkdir()
    if request.param.startswith("unreadable"):
        shutil.copy(weights / "mobile-unet.safetensors", folder)
        monkeypatch.setattr("os.scandir" if request.param == "unreadable" else "safetensors.safe_open", refused)
    return folder


def test_without_weights_the_page_starts_and_says_so(no_weights, photo, tmp_path):
    """Empty, missing, not a folder, or unreadable."""
    assert [card for card in list_checkpoints(no_weights) if not card.error] == []
    handlers = Handlers(Shelf(no_weights))
    with pytest.raises(gr.Error, match="no weights"):
        show(handlers, PhotoRequest(photo, None))
    with pytest.raises(gr.Error, match=r"none|cannot"):
        show(handlers, PhotoRequest(photo, "small"))
    html = ModelsHandlers(handlers.shelf).html()
    assert str(tmp_path) not in html
    page = build_page(no_weights)
    assert "There are no weights to colour with" in json.dumps(page.get_config_file(), default=str)


@pytest.fixture
def full(monkeypatch):
    """From now on the disk is full: no file can be written to Gradio's folder."""

    def no_room(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device", os.environ["GRADIO_TEMP_DIR"])

    def fill():
        monkeypatch.setattr("tempfile.mkdtemp", no_room)
        monkeypatch.setattr("colorizer.files.atomic._create", no_room)
        monkeypatch.setattr("colorizer.page.serving.served_files._cached", no_room)  # even what is there already

    return fill


def message_of(error):
    """The sentence of a gr.Error, which must not contain a path."""
    assert os.environ["GRADIO_TEMP_DIR"] not in error.value.message
    return error.value.message


@pytest.mark.parametrize("what", ["show", "file", "compare", "album", "deck"])
def test_a_full_disk_gives_one_sentence(shelf, photo, full, what):
    """For pictures on the page, the download, the comparison, albums and exports."""
    handlers, asked = Handlers(shelf), PhotoRequest(photo, "small")
    show(handlers, asked)
    full()
    does = {
        "show": lambda: show(handlers, asked),
        "file": lambda: full_size(handlers, asked),
        "compare": lambda: list(CompareHandlers(shelf).run(PhotoFile(photo))),
        "album": lambda: list(AlbumHandlers(shelf).run(None, [photo], "small")),
    }
    with pytest.raises(gr.Error) as error, plain_errors() if what not in does else nullcontext():
        does.get(what, lambda: make(answer_to(shelf, asked), what))()
    assert "disk is full" in message_of(error)


@pytest.fixture
def served(shelf):
    with being_served(shelf, app_kwargs=app_options(shelf)) as page:
        yield page


def event(http, *target):
    """The number of a component's event, by its elem_id and the event's name."""
    config = http.get("config").json()
    ids = {part["props"].get("elem_id"): part["id"] for part in config["components"]}
    wanted = [ids[target[0]], target[1]]
    return next(each for each in config["dependencies"] if wanted in each["targets"]), config


def test_a_client_that_leaves_does_not_block_others(served, monkeypatch):
    """The client leaves while its photograph is being coloured; the next client gets an answer."""
    begun, go_on = threading.Event(), threading.Event()
    from colorizer import Colorizer

    predict = Colorizer._predict

    def slow(self, *values):
        begun.set()
        assert go_on.wait(30)
        return predict(self, *values)

    monkeypatch.setattr(Colorizer, "_predict", slow)
    with httpx.Client(base_url=served.local_url, timeout=60) as http:
        leaving, staying = uploaded(http, colour_photo(seed=1)), uploaded(http, colour_photo(seed=2))
        with http.stream("GET", f"gradio_api/call/colorize/{ask(http, leaving)}"):
            assert begun.wait(30)
        go_on.set()
        assert "event: complete" in answer(http, ask(http, staying))


def test_two_tabs_do_not_mix(served):
    """Each tab is a separate session: it cannot get the other's photograph, even if it requests it."""
    with httpx.Client(base_url=served.local_url, timeout=60) as http:
        upload, _ = event(http, "photo", "upload")
        paths = {}
        for tab in ("one", "two"):
            file = uploaded(http, colour_photo(seed=len(paths)), f"{tab}.png")
            body = {"data": [file, None, "side"], "fn_index": upload["id"], "session_hash": tab}
            assert http.post("gradio_api/run/predict", json=body).status_code == 200
            paths[tab] = file["path"]
    states = served.app.state_holder.session_data
    source = next(number for number in upload["outputs"] if states["one"][number] == paths["one"])
    assert {tab: states[tab][source] for tab in paths} == paths
    assert paths["one"] != paths["two"]
