"""The page's handlers as plain functions, and its pieces."""

import shutil
import threading
import time
from dataclasses import replace

import gradio as gr
import numpy as np
import pytest
from conftest import colour_photo
from PIL import Image
from showing import full_size, show, suggest

from colorizer import Colorizer
from colorizer.architectures.registry import facts
from colorizer.colour.readout import Readout
from colorizer.page.session.answer import PREVIEW_SIDE, Recent
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.one_photo.handlers import Handlers
from colorizer.page.tabs.one_photo.layout import lay_out
from colorizer.page.tabs.one_photo.wording import describe_checkpoint, network_choices
from colorizer.page.widgets.files import check_exists


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


def panes_of(shown):
    """The paths of the pictures side by side, by what they show."""
    return {pane["side"]: pane["file"]["path"] for pane in shown["stage"]["panes"]}


def colour_of(shown):
    """The path of the photo in colour, as it is shown."""
    panes = panes_of(shown)
    return panes.get("hinted") or panes["predicted"]


def test_a_photo_is_shown_in_gray_in_colour_and_as_it_is(handlers, photo):
    shown = show(handlers, PhotoRequest(photo, "mobile-unet", preset="faithful"))
    expected = Colorizer.from_checkpoint("mobile-unet", folder=handlers.shelf.weights).colorize(colour_photo(300, 200))
    panes = panes_of(shown)
    assert list(panes) == ["gray", "predicted", "original"]
    assert mean_difference(panes["predicted"], expected.image) < 1  # JPEG, for the eye only
    assert mean_difference(panes["gray"], expected.grayscale.convert("RGB")) < 1
    assert mean_difference(panes["original"], colour_photo(300, 200)) < 1
    assert "Plain gray" in shown["measures"]["value"]
    sides = shown["stage"]["sides"]
    assert [sides[at]["file"]["path"] for at in ("left", "right")] == [panes["gray"], panes["predicted"]]
    assert "mobile-unet" in shown["time"]
    with gr.Blocks():
        assert set(shown) == set(handlers.cleared()) <= set(lay_out(handlers.shelf, []))


def test_a_sepia_print_is_shown_but_not_measured_against(handlers, tmp_path):
    gray = colour_photo().convert("L")
    tones = [gray.point([round(v * share) for v in range(256)]) for share in (1, 0.9, 0.75)]
    path = tmp_path / "sepia.png"
    Image.merge("RGB", tones).save(path)
    shown = show(handlers, PhotoRequest(str(path), "mobile-unet"))
    assert list(panes_of(shown)) == ["gray", "predicted", "scanned"]
    assert not shown["measures"]["visible"]
    options = shown["stage"]["sides"]["options"]
    assert "scanned" in options
    assert "original" not in options


@pytest.mark.parametrize("blue", [1, 0.96], ids=["gray", "faint"])
def test_a_black_and_white_photo_has_no_third_pane(handlers, tmp_path, blue):
    """Nor has one so faintly toned that its scan would look like the gray one."""
    path = tmp_path / "gray.png"
    gray = colour_photo().convert("L")
    Image.merge("RGB", [gray, gray, gray.point(lambda level: level * blue)]).save(path)
    shown = show(handlers, PhotoRequest(str(path), "resnet18-decoder"))
    assert list(panes_of(shown)) == ["gray", "predicted"]
    assert shown["measures"] == gr.update(value="", visible=False)


def test_what_was_ignored_in_a_file_is_told_quietly(handlers, tmp_path):
    path = tmp_path / "a [link](x) *b*.jpg"
    colour_photo(60, 40).save(path, icc_profile=b"garbage")
    said = show(handlers, PhotoRequest(str(path), "mobile-unet"))["time"]
    assert "was ignored" in said
    assert "](x)" not in said, "a name is not read as Markdown"


def test_the_containers_of_results_have_no_hidden_parts(built_page):
    """Or Gradio shows it, too, now and then: a second button for the download."""
    config = built_page.get_config_file()
    props = {component["id"]: component["props"] for component in config["components"]}

    def under(node):
        yield node
        for child in node.get("children", ()):
            yield from under(child)

    for name in ("shown", "many-outcome"):
        (container,) = [node for node in under(config["layout"]) if props.get(node["id"], {}).get("elem_id") == name]
        parts = [props[node["id"]] for node in under(container)]
        assert not [part["elem_id"] for part in parts if part.get("visible") == "hidden"]


def test_pictures_come_before_figures(handlers, photo, tmp_path):
    first, then = handlers.show_in_steps(PhotoRequest(photo, "mobile-unet"))
    assert "stage" in first
    assert "measures" in then
    colour_photo().convert("L").save(tmp_path / "gray.png")
    seen, later = handlers.show_in_steps(PhotoRequest(str(tmp_path / "gray.png"), "mobile-unet"))
    assert not seen["measures"]["visible"]  # there is nothing to measure; looks and marks come later all the same
    assert {"preset", "stage"} <= set(later)


def test_download_is_full_size_lossless_and_named_after_the_upload(handlers, tmp_path):
    path = tmp_path / "Grandma 1932.jpg"
    colour_photo(PREVIEW_SIDE + 400, 900).save(path)
    asked = PhotoRequest(str(path), "resnet18-decoder", sliders=Readout(saturation=1.3))
    assert Image.open(panes_of(show(handlers, asked))["predicted"]).width == PREVIEW_SIDE
    file = full_size(handlers, asked)
    assert file.endswith("Grandma 1932-colorized.png")
    result = handlers.shelf.colorize(str(path), "resnet18-decoder").with_readout(saturation=1.3)
    assert np.array_equal(np.asarray(Image.open(file)), np.asarray(result.image))


def test_errors_are_one_clear_sentence(handlers, tmp_path):
    bad = tmp_path / "<i>bad.jpg"
    bad.write_bytes(b"no photo")
    shown = show(handlers, PhotoRequest(str(bad), "mobile-unet"))
    assert "&lt;i&gt;bad.jpg is not a picture" in shown["question_text"]
    assert (shown["placeholder"]["visible"], shown["content"]["visible"]) == (True, False)
    assert not shown["show_partial"]["visible"]
    with pytest.raises(gr.Error, match="no checkpoint 'x'; available: mobile-unet, resnet18-decoder"):
        show(handlers, PhotoRequest(str(bad), "x"))
    with pytest.raises(gr.Error, match="no weights to colour with"):
        show(handlers, PhotoRequest(str(bad), None))


def test_messages_about_deleted_files_and_a_restarted_server(handlers, photo, tmp_path):
    gone = str(tmp_path / "gone.jpg")
    for ask in (show, full_size, suggest):
        with pytest.raises(gr.Error, match="The photo is no longer on the server"):
            ask(handlers, PhotoRequest(gone, "mobile-unet"))
    with pytest.raises(gr.Error, match="The picture to take colours from is no longer on the server"):
        show(handlers, PhotoRequest(photo, "mobile-unet", like="picture", reference=gone))
    check_exists(photo)
    check_exists(None)
    with pytest.raises(gr.Error, match="This file is no longer on the server"):
        check_exists(gone)
    restarted = PhotoRequest(None, "mobile-unet", photo_box=photo, view="versions")
    for ask in (show, full_size, suggest):
        with pytest.raises(gr.Error, match="The server has been restarted"):
            ask(handlers, restarted)


def test_choosing_a_network(handlers):
    chosen = handlers.choose_checkpoint("resnet18-decoder", view="picture")
    assert chosen["checkpoint"]["value"] == "resnet18-decoder"
    assert "student classic" in chosen["checkpoint_line"]
    assert not any(chosen[name]["visible"] for name in ("preset", "temperature", "vividness", "like_box", "raw"))
    assert chosen["fine"]["open"]  # all that is left to adjust
    assert chosen["stage"]["modes"] == [["side", "view_side"], ["compare", "view_compare"], ["picture", "view_large"]]
    assert chosen["stage"]["value"] == "picture"
    assert handlers.choose_checkpoint("resnet18-decoder", view="versions")["stage"]["value"] == "side"
    back = handlers.choose_checkpoint("mobile-unet", view="compare")
    assert all(back[name]["visible"] for name in ("preset", "temperature", "vividness", "like_box"))
    assert [name for name, _ in back["stage"]["modes"]] == ["side", "compare", "picture", "versions"]
    assert back["stage"]["value"] == "compare"


def test_the_cache_makes_a_value_once_and_drops_the_oldest():
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


def test_the_cache_keeps_to_its_budget():
    recent: Recent[int] = Recent(9, budget=10, cost=lambda value: value)
    for value in (4, 5, 3, 20):
        recent.get(value, lambda value=value: value)
    assert list(recent._values) == [20]
    recent.get(2, lambda: 2)
    assert list(recent._values) == [2]


def test_a_checkpoint_is_described_in_one_line(handlers):
    card = replace(handlers.shelf.card("mobile-unet"), title="<b>mine</b>")
    said = facts("mobile-unet").story
    assert describe_checkpoint(card) == f"&lt;b&gt;mine&lt;/b&gt; · {said}"
    for title in ("", "The flagship under the budget of the comparison"):  # what every visitor can read is the story
        assert describe_checkpoint(replace(card, title=title)) == said


@pytest.fixture
def many(kinds, tmp_path):
    """A copy of that folder, which a test may damage."""
    for path in kinds.iterdir():
        shutil.copy(path, tmp_path)
    return Shelf(tmp_path)


def test_networks_are_listed_by_quality_and_a_gray_one_is_said_to_be(many):
    assert network_choices(many.ranked()) == [
        ("namer · +2.00 dB over gray", "namer"),
        ("mobile-unet · never measured", "mobile-unet"),
        ("painter · never measured", "painter"),
        ("resnet18-decoder · never measured", "resnet18-decoder"),
    ]
    assert many.cards()[0].name == "mobile-unet"  # with which the page begins
    pale = replace(many.card("namer"), metrics={"psnr": 22.3, "gray_psnr": 21.7, "colourfulness": 4.8})
    ((label, _),) = network_choices([pale])
    assert label == "namer · +0.60 dB over gray · nearly gray"
    assert Handlers(many).choose_checkpoint("painter")["checkpoint"]["choices"] == network_choices(many.ranked())


def test_an_architecture_that_predicts_rgb_can_show_it_unchanged(many, photo):
    handlers = Handlers(many)
    kept, raw = (
        panes_of(show(handlers, PhotoRequest(photo, "painter", raw=raw)))["predicted"] for raw in (False, True)
    )
    expected = many.colorize(photo, "painter")
    assert mean_difference(kept, expected.image) < 1
    assert mean_difference(raw, expected.raw) < 1
    file = full_size(handlers, PhotoRequest(photo, "painter", raw=True))
    assert np.array_equal(np.asarray(Image.open(file)), np.asarray(expected.raw))
    assert handlers.choose_checkpoint("painter")["raw"]["visible"]
    # the box may still be ticked when another network answers
    shown = panes_of(show(handlers, PhotoRequest(photo, "namer", raw=True)))["predicted"]
    assert mean_difference(shown, many.colorize(photo, "namer").image) < 1
