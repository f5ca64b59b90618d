"""The page's handlers as plain functions, and its pieces."""

import shutil
import subprocess
import sys
import threading
import time
from dataclasses import replace

import gradio as gr
import numpy as np
import pytest
from conftest import colour_photo
from PIL import Image

from colorizer import CheckpointError, Colorizer, build, list_architectures
from colorizer.architectures.registry import facts
from colorizer.checkpoints.file import save_checkpoint
from colorizer.colour.readout import Readout
from colorizer.page import build_page
from colorizer.page.serving.served_files import PREVIEW_SIDE, preview, shown_file
from colorizer.page.session.recent import Recent
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.one_photo.choices import about, architecture_choices, describe
from colorizer.page.tabs.one_photo.handlers import Handlers
from colorizer.page.tabs.one_photo.tab import SHOWN
from colorizer.page.widgets.divider import Compare
from colorizer.page.widgets.download import check_it_is_there
from colorizer.page.widgets.photo_input import PhotoInput


@pytest.fixture
def handlers(weights):
    return Handlers(Shelf(weights))


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "old <b>photo.png"
    colour_photo(300, 200).save(path)
    return str(path)


def mean_difference(path, picture):
    return np.abs(np.asarray(Image.open(path)).astype(int) - np.asarray(picture)).mean()


def test_three_panes(handlers, photo):
    shown = handlers.show(PhotoRequest(photo, "mobile-unet", preset="faithful"))
    expected = Colorizer.from_checkpoint("mobile-unet", folder=handlers.shelf.weights).colorize(colour_photo(300, 200))
    assert mean_difference(shown["colour"], expected.image) < 1  # JPEG, for the eye only
    assert mean_difference(shown["gray"], expected.grayscale.convert("RGB")) < 1
    assert mean_difference(shown["truth"]["value"], colour_photo(300, 200)) < 1
    assert shown["truth"]["visible"]
    assert not shown["no_truth"]["visible"]
    assert "Plain gray" in shown["figures"]["value"]
    sides = shown["compare"]["shown"]
    assert [sides[at]["file"]["path"] for at in ("left", "right")] == [shown["gray"], shown["colour"]]
    assert "mobile-unet" in shown["time"]
    assert set(shown) == set(handlers.cleared()) == set(SHOWN)


def test_a_sepia_print_is_shown_but_not_measured_against(handlers, tmp_path):
    gray = colour_photo().convert("L")
    tones = [gray.point([round(v * share) for v in range(256)]) for share in (1, 0.9, 0.75)]
    path = tmp_path / "sepia.png"
    Image.merge("RGB", tones).save(path)
    shown = handlers.show(PhotoRequest(str(path), "mobile-unet"))
    assert shown["truth"]["visible"]
    assert not shown["figures"]["visible"]


def test_a_black_and_white_photo_has_no_third_pane(handlers, tmp_path):
    path = tmp_path / "gray.jpg"
    colour_photo().convert("L").save(path)
    shown = handlers.show(PhotoRequest(str(path), "resnet18-decoder"))
    assert not shown["truth"]["visible"]
    assert shown["no_truth"]["visible"]
    assert shown["figures"] == gr.update(value="", visible=False)


def test_nothing_is_hidden_where_an_answer_shows_what_it_lies_in(handlers, tmp_path):
    """Or Gradio shows it, too, now and then: a second button for the download."""
    config = build_page(handlers.shelf, tmp_path).get_config_file()
    props = {component["id"]: component["props"] for component in config["components"]}

    def under(node):
        yield node
        for child in node.get("children", ()):
            yield from under(child)

    for name in ("shown", "many-outcome"):
        (container,) = [node for node in under(config["layout"]) if props.get(node["id"], {}).get("elem_id") == name]
        parts = [props[node["id"]] for node in under(container)]
        assert not [part["elem_id"] for part in parts if part["visible"] == "hidden"]


def test_what_follows_has_the_panes_too(handlers, photo, tmp_path):
    """Or they stay empty now and then, in a browser that has much to do."""
    first, then = handlers.coming(PhotoRequest(photo, "mobile-unet"))
    assert (then["gray"], then["colour"]) == (first["gray"], first["colour"])
    assert then["truth"]["value"] == first["truth"]["value"]
    colour_photo().convert("L").save(tmp_path / "gray.png")
    assert len(list(handlers.coming(PhotoRequest(str(tmp_path / "gray.png"), "mobile-unet")))) == 1


def test_download_is_full_size_lossless_and_named_after_the_upload(handlers, tmp_path):
    path = tmp_path / "Grandma 1932.jpg"
    colour_photo(PREVIEW_SIDE + 400, 900).save(path)
    asked = PhotoRequest(str(path), "resnet18-decoder", sliders=Readout(saturation=1.3))
    assert Image.open(handlers.show(asked)["colour"]).width == PREVIEW_SIDE
    file = handlers.file(asked)["file"]
    assert file.endswith("Grandma 1932-colorized.png")
    result = handlers.shelf.colorize(str(path), "resnet18-decoder").with_saturation(1.3)
    assert np.array_equal(np.asarray(Image.open(file)), np.asarray(result.image))


def test_errors_are_one_clear_sentence(handlers, tmp_path):
    bad = tmp_path / "<i>bad.jpg"
    bad.write_bytes(b"no photo")
    with pytest.raises(gr.Error, match=r"&lt;i&gt;bad\.jpg is not a picture"):
        handlers.show(PhotoRequest(str(bad), "mobile-unet"))
    with pytest.raises(gr.Error, match="no checkpoint 'x'; available: mobile-unet, resnet18-decoder"):
        handlers.show(PhotoRequest(str(bad), "x"))
    with pytest.raises(gr.Error, match="no weights to colour with"):
        handlers.show(PhotoRequest(str(bad), None))


def test_files_that_were_cleaned_away_and_a_restart_are_told(handlers, photo, tmp_path):
    gone = str(tmp_path / "gone.jpg")
    for ask in (handlers.show, handlers.file, lambda asked: handlers.offer(asked, {"x": 0.5, "y": 0.5, "n": 1})):
        with pytest.raises(gr.Error, match="The photo is no longer on the server"):
            ask(PhotoRequest(gone, "mobile-unet"))
    with pytest.raises(gr.Error, match="The picture to take colours from is no longer on the server"):
        handlers.show(PhotoRequest(photo, "mobile-unet", like="picture", reference=gone))
    check_it_is_there(photo)
    check_it_is_there(None)
    with pytest.raises(gr.Error, match="This file is no longer on the server"):
        check_it_is_there(gone)
    restarted = PhotoRequest(None, "mobile-unet", shown=photo, view="versions")
    for ask in (handlers.show, handlers.versions, lambda asked: handlers.offer(asked, {"x": 0.5, "y": 0.5, "n": 1})):
        with pytest.raises(gr.Error, match="The server has been restarted"):
            ask(restarted)


def test_choosing_an_architecture(handlers):
    chosen = handlers.architecture_chosen("resnet18-decoder", view="picture")
    assert chosen["checkpoint"]["value"] == "resnet18-decoder"
    assert "student classic" in chosen["architecture_line"]
    assert "0.95 M parameters" in chosen["checkpoint_line"]
    assert "one colour per pixel" in chosen["architecture_line"]
    assert not any(chosen[name]["visible"] for name in ("preset", "temperature", "vividness", "like_box", "raw"))
    assert chosen["fine"]["open"]  # all that is left to adjust
    assert [name for _, name in chosen["view"]["choices"]] == ["compare"]
    assert chosen["view"]["value"] == "compare"
    back = handlers.architecture_chosen("mobile-unet", view="compare")
    assert all(back[name]["visible"] for name in ("preset", "temperature", "vividness", "like_box"))
    assert [name for _, name in back["view"]["choices"]] == ["picture", "compare", "versions"]
    assert back["view"]["value"] == "compare"


def test_a_shelf_says_what_is_broken(tmp_path, weights):
    shutil.copy(weights / "mobile-unet.safetensors", tmp_path / "ours.safetensors")
    (tmp_path / "bad.safetensors").write_bytes(b"x")
    shelf = Shelf(tmp_path)
    assert [card.name for card in shelf.cards()] == ["ours"]
    assert [card.name for card in shelf.broken()] == ["bad"]
    with pytest.raises(CheckpointError, match="available: ours"):
        shelf.colorizer("bad")
    build_page(shelf)
    build_page(tmp_path / "nowhere")


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


def test_recent_keeps_to_its_budget():
    recent: Recent[int] = Recent(9, budget=10, cost=lambda value: value)
    for value in (4, 5, 3, 20):
        recent.get(value, lambda value=value: value)
    assert list(recent._values) == [20]
    recent.get(2, lambda: 2)
    assert list(recent._values) == [2]


def test_a_card_in_one_line(handlers):
    card = replace(handlers.shelf.card("mobile-unet"), title="<b>ours</b>")
    assert describe(card) == f"&lt;b&gt;ours&lt;/b&gt; · {card.parameters / 1e6:.2f} M parameters"
    assert "+1.50 over plain gray" in describe(replace(card, metrics={"psnr": 24.5, "gray_psnr": 23}))
    assert "gray" not in describe(replace(card, metrics={"psnr": 24.5}))


def test_pictures_for_the_browser():
    assert preview(colour_photo(2800, 1400)).size == (1400, 700)
    small = colour_photo()
    assert preview(small) is small
    assert shown_file(small, "a") == shown_file(small, "a")


def test_the_slider_has_words_for_who_cannot_see_it():
    with gr.Blocks():
        compare = Compare()
        assert PhotoInput().preprocess(None) is None
    words = compare.props["words"]
    assert all(words[name] for name in ("side_divider", "side_left", "side_right", "grayscale_alt", "predicted_alt"))
    assert compare.preprocess({"left": "gray", "right": 3, "else": "x"}) == {"left": "gray"}
    assert compare.preprocess(None) == {}


def test_the_page_needs_no_torch_to_be_built():
    code = "import sys; from colorizer.page import build_page; from colorizer.page.session.shelf import Shelf\n"
    code += "build_page(Shelf('weights')); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.fixture
def many(weights, tmp_path):
    """A folder of checkpoints that answer more than ab."""
    for name in ("mobile-unet", "resnet18-decoder"):
        shutil.copy(weights / f"{name}.safetensors", tmp_path)
    save_checkpoint(tmp_path / "painter.safetensors", build("conv-fc", width=0.25), title="paints")
    network = build("iizuka16", width=0.125, global_size=32, classes=4)
    metrics = {"psnr": 24.0, "gray_psnr": 22.0}
    save_checkpoint(
        tmp_path / "namer.safetensors", network, working_size=64, metrics=metrics, classes=["ice_floe", "b", "c", "d"]
    )
    return Shelf(tmp_path)


def test_architectures_are_listed_by_family(many):
    labels = [label for label, _ in architecture_choices(many.cards())]
    assert labels == [
        "mobile-unet · ours",
        "conv-fc · the five projects",
        "resnet18-decoder · the five projects",
        "iizuka16 · the papers",
    ]
    for name in list_architectures():
        assert facts(name).story in about(name)
        assert "Answers: " in about(name)
    assert "what the picture shows" in about("inception-skip")
    assert "its own in RGB" not in about("beta")


def test_classes_are_shown_where_an_architecture_names_them(many, photo):
    shown = Handlers(many).show(PhotoRequest(photo, "namer"))
    classes = shown["classes"]
    assert classes["visible"]
    assert classes["value"].startswith("It thinks it sees: ")
    assert classes["value"].count("%") == 3
    assert not Handlers(many).show(PhotoRequest(photo, "painter"))["classes"]["visible"]


def test_a_painter_can_show_its_own_rgb(many, photo):
    handlers = Handlers(many)
    kept, raw = (handlers.show(PhotoRequest(photo, "painter", raw=raw))["colour"] for raw in (False, True))
    expected = many.colorize(photo, "painter")
    assert mean_difference(kept, expected.image) < 1
    assert mean_difference(raw, expected.raw) < 1
    file = handlers.file(PhotoRequest(photo, "painter", raw=True))["file"]
    assert np.array_equal(np.asarray(Image.open(file)), np.asarray(expected.raw))
    assert handlers.architecture_chosen("conv-fc")["raw"]["visible"]
    # the box may still be ticked when another network answers
    shown = handlers.show(PhotoRequest(photo, "namer", raw=True))["colour"]
    assert mean_difference(shown, many.colorize(photo, "namer").image) < 1
