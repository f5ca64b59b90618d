"""The page's handlers as plain functions, what is wired to what, and the public endpoint through its client."""

import shutil
import subprocess
import sys
import threading
import time

import gradio as gr
import numpy as np
import pytest
from conftest import colour_photo
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from colorizer import CheckpointError, Colorizer
from colorizer.page import build_page
from colorizer.page.components import PREVIEW_SIDE, compare_html, preview
from colorizer.page.models import Recent, Shelf
from colorizer.page.one_photo import Handlers
from colorizer.page.photo_input import PhotoInput
from colorizer.page.texts import TEXTS, text


@pytest.fixture
def handlers(weights):
    return Handlers(Shelf(weights))


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "old <b>photo.png"
    colour_photo(300, 200).save(path)
    return str(path)


def test_three_panes(handlers, photo):
    shown = handlers.show(photo, "mobile-unet", 1.0, 1.0)
    gray, colour, truth, no_truth, compare, figures, line = shown[2:9]
    expected = Colorizer.from_checkpoint("mobile-unet", folder=handlers.shelf.weights).colorize(colour_photo(300, 200))
    assert np.array_equal(np.asarray(colour), np.asarray(expected.image))
    assert np.ptp(np.asarray(gray), axis=2).max() == 0
    assert truth["visible"]
    assert not no_truth["visible"]
    assert "Plain gray" in figures["value"]
    assert 'type="range"' in compare
    assert "mobile-unet" in line
    assert len(shown) == len(handlers.cleared())


def test_a_black_and_white_photo_has_no_third_pane(handlers, tmp_path):
    path = tmp_path / "gray.jpg"
    colour_photo().convert("L").save(path)
    shown = handlers.show(str(path), "resnet18-decoder", 1.0, 1.0)
    assert not shown[4]["visible"]
    assert shown[5]["visible"]
    assert shown[7] == gr.update(value="", visible=False)


def test_sliders_run_no_network(handlers, photo, monkeypatch):
    handlers.show(photo, "mobile-unet", 1.0, 1.0)
    monkeypatch.setattr(Colorizer, "_predict", lambda *_: pytest.fail("the network ran again"))
    changed = handlers.show(photo, "mobile-unet", 0.2, 0.0)
    assert np.ptp(np.asarray(changed[3]).astype(int), axis=2).max() <= 1


def test_download_is_full_size_lossless_and_named_after_the_upload(handlers, tmp_path):
    path = tmp_path / "Grandma 1932.jpg"
    colour_photo(PREVIEW_SIDE + 400, 900).save(path)
    shown = handlers.show(str(path), "resnet18-decoder", 1.0, 1.3)
    assert shown[3].width == PREVIEW_SIDE
    file = handlers.file(str(path), "resnet18-decoder", 1.0, 1.3)["value"]
    assert file.endswith("Grandma 1932-colorized.png")
    result = handlers.shelf.colorize(str(path), "resnet18-decoder").with_saturation(1.3)
    assert np.array_equal(np.asarray(Image.open(file)), np.asarray(result.image))


def test_errors_are_one_clear_sentence(handlers, tmp_path):
    bad = tmp_path / "<i>bad.jpg"
    bad.write_bytes(b"no photo")
    with pytest.raises(gr.Error, match=r"&lt;i&gt;bad\.jpg is not a picture"):
        handlers.show(str(bad), "mobile-unet", 1.0, 1.0)
    with pytest.raises(gr.Error, match="no checkpoint 'x'; available: mobile-unet, resnet18-decoder"):
        handlers.show(str(bad), "x", 1.0, 1.0)
    with pytest.raises(gr.Error, match="no weights to colour with"):
        handlers.show(str(bad), None, 1.0, 1.0)
    with pytest.raises(gr.Error, match="cannot be opened"):
        handlers.show(str(tmp_path / "gone.jpg"), "mobile-unet", 1.0, 1.0)


def test_formats_that_browsers_cannot_show_get_a_preview(handlers, tmp_path, photo):
    tiff = tmp_path / "scan.tif"
    Image.fromarray(np.linspace(0, 65535, 600).astype(np.uint16).reshape(20, 30)).save(tiff)
    path, shown = handlers.take(str(tiff))
    assert path == str(tiff)
    assert shown.size == (30, 20)
    assert handlers.take(photo)[0] == photo
    assert not isinstance(handlers.take(photo)[1], Image.Image)
    (tmp_path / "bad.heic").write_bytes(b"")
    assert not isinstance(handlers.take(str(tmp_path / "bad.heic"))[1], Image.Image)


def test_choosing_an_architecture(handlers):
    checkpoints, line, about, temperature = handlers.architecture_chosen("resnet18-decoder")
    assert checkpoints["value"] == "resnet18-decoder"
    assert "student classic" in line
    assert "0.95 M parameters" in about
    assert not temperature["visible"]
    assert handlers.architecture_chosen("mobile-unet")[3]["visible"]


def test_a_shelf_says_what_is_broken(tmp_path, weights):
    shutil.copy(weights / "mobile-unet.safetensors", tmp_path / "ours.safetensors")
    (tmp_path / "bad.safetensors").write_bytes(b"x")
    shelf = Shelf(tmp_path)
    assert [card.name for card in shelf.cards()] == ["ours"]
    assert [card.name for card in shelf.broken()] == ["bad"]
    with pytest.raises(CheckpointError, match="available: ours"):
        shelf.colorizer("bad")
    build_page(shelf)
    build_page(Shelf(tmp_path / "nowhere"))


def test_recent_makes_once_and_forgets_the_oldest():
    recent: Recent[object] = Recent(2)
    made = []

    def make(key):
        made.append(key)
        time.sleep(0.02)
        return object()

    threads = [threading.Thread(target=recent.get, args=("a", lambda: make("a"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == ["a"]
    recent.get("b", lambda: make("b"))
    recent.get("a", lambda: make("a"))
    recent.get("c", lambda: make("c"))
    recent.get("a", lambda: make("a"))
    recent.get("b", lambda: make("b"))
    assert made == ["a", "b", "c", "b"]
    with pytest.raises(ZeroDivisionError):
        recent.get("d", lambda: 1 / 0)
    assert recent.get("d", lambda: "fine") == "fine"


def test_texts():
    for language, table in TEXTS.items():
        assert set(table) == set(TEXTS["en"]), language
    assert "3.00 s" in text("time", total=3, network=1, checkpoint="x", width=1, height=1)


def test_pieces():
    assert preview(colour_photo(2800, 1400)).size == (1400, 700)
    small = colour_photo()
    assert preview(small) is small
    page = compare_html(small, small)
    assert page.count("alt=") == 2
    assert "aria-label" in page
    with gr.Blocks():
        assert PhotoInput().preprocess(None) is None


def test_the_page_needs_no_torch_to_be_built():
    code = "import sys; from colorizer.page import build_page; from colorizer.page.models import Shelf\n"
    code += "build_page(Shelf('weights')); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.fixture(scope="module")
def client(weights):
    page = build_page(Shelf(weights))
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, max_file_size="80mb")
    yield Client(url, verbose=False)
    page.close()


def test_only_colorize_is_public(client):
    info = client.view_api(return_format="dict")
    assert list(info["named_endpoints"]) == ["/colorize"]
    assert info["unnamed_endpoints"] == {}
    names = [p["parameter_name"] for p in info["named_endpoints"]["/colorize"]["parameters"]]
    assert names == ["photo", "checkpoint", "temperature", "saturation"]


def test_colorize_endpoint(client, weights, tmp_path):
    colour_photo(2000, 1000).save(tmp_path / "wide.png")
    file, report = client.predict(
        photo=handle_file(tmp_path / "wide.png"), checkpoint="mobile-unet", saturation=0.5, api_name="/colorize"
    )
    expected = Colorizer.from_checkpoint("mobile-unet", folder=weights).colorize(
        colour_photo(2000, 1000), saturation=0.5
    )
    assert np.array_equal(np.asarray(Image.open(file)), np.asarray(expected.image))
    assert file.endswith("wide-colorized.png")
    assert report["checkpoint"] == "mobile-unet"
    assert report["seconds"] > 0
    assert {"psnr", "gray_psnr"} <= set(report["metrics"])


def test_endpoint_errors_are_told_and_the_server_goes_on(client, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"no photo")
    colour_photo().convert("L").save(tmp_path / "good.png")
    bad, good = (handle_file(tmp_path / name) for name in ("bad.jpg", "good.png"))
    for arguments, sentence in (
        ({"photo": bad, "checkpoint": "mobile-unet"}, "not a picture"),
        ({"photo": good, "checkpoint": "../x"}, "no checkpoint"),
        ({"photo": good, "checkpoint": "resnet18-decoder", "temperature": 0.5}, "has no temperature"),
        ({"photo": good, "checkpoint": "mobile-unet", "temperature": -1}, "temperature must be above 0"),
    ):
        with pytest.raises(AppError, match=sentence):
            client.predict(**arguments, api_name="/colorize")
    _, report = client.predict(photo=good, checkpoint="resnet18-decoder", api_name="/colorize")
    assert report["metrics"] is None
