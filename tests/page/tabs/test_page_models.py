"""The Models tab's words about checkpoints, as plain functions."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest
from PIL import Image

from colorizer import CheckpointError, build
from colorizer.checkpoints.card import WEIGHTS, Card
from colorizer.checkpoints.file import list_checkpoints, save_checkpoint, update_card
from colorizer.page.i18n.texts import speaking
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.models import PICTURES, ModelsHandlers, learning_curve, thumbnail
from colorizer.page.tabs.one_photo.handlers import Handlers

METRICS = {
    "psnr": 24.0, "gray_psnr": 22.0, "delta_e": 10.0, "gray_delta_e": 12.0, "auc": 0.9, "gray_auc": 0.8,
    "colourfulness": 20.0, "gray_colourfulness": 0.0, "true_colourfulness": 40.0, "pictures": 7,
}  # fmt: skip
HISTORY = [
    {"pictures_seen": 1000, "psnr": 22.5, "gray_psnr": 22.0},
    {"pictures_seen": 20000, "psnr": 23.0, "gray_psnr": 22.0},
    {"pictures_seen": 30000, "psnr": 24.0, "gray_psnr": 21.0},
]


@pytest.fixture(scope="module")
def folder(weights, tmp_path_factory):
    """Two that were never measured, one that was, one whose header is hostile, and three that cannot be used."""
    folder = tmp_path_factory.mktemp("shelf")
    for path in weights.glob("*.safetensors"):
        shutil.copy(path, folder)
    small = build("conv-fc", width=0.25)
    card = {
        "title": "A good one",
        "data": "cats (CC0) Finish: with judges",
        "recipe": {"batch": 16, "rate": 1e-3, "sizes": [96, 128], "loss": ""},
    }
    save_checkpoint(folder / "good.safetensors", small, metrics=METRICS, history=HISTORY, commit="abc123", **card)
    hostile = "<img src=x onerror=alert(1)> {{value}} ${value}"
    save_checkpoint(folder / "o'<b>.safetensors", small, title=hostile, data=hostile, recipe={hostile: hostile})
    save_checkpoint(folder / "strange.safetensors", small, architecture="nothing")
    huge = save_checkpoint(folder / "huge.safetensors", small, title="x").path
    with pytest.raises(CheckpointError, match="too large"):  # it is written all the same
        update_card(huge, recipe={"batch": 10**400})
    (folder / "cut.safetensors").write_bytes((folder / "good.safetensors").read_bytes()[:2000])
    return folder


@pytest.fixture
def tab(folder):
    return ModelsHandlers(Shelf(folder))


def card_of(html: str, name: str) -> str:
    """The card of one checkpoint."""
    return next(part for part in html.split('<details class="model') if f"<h2>{name}</h2>" in part)


def test_the_best_checkpoint_comes_first_and_broken_files_last(tab):
    names = re.findall(r"<h2>(.*?)</h2>", tab.html())
    assert names[0] == "good"
    assert set(names[1:4]) == {"mobile-unet", "resnet18-decoder", "o&#39;&lt;b&gt;"}
    assert names[4:] == ["cut", "huge", "strange"]
    assert "not a readable .safetensors file" in card_of(tab.html(), "cut")
    assert "recipe holds a number that is too large" in card_of(tab.html(), "huge")
    assert "no architecture called nothing" in card_of(tab.html(), "strange")


def test_a_card_shows_the_header(tab):
    card = card_of(tab.html(), "good")
    for said in (
        "A good one",
        "a picture of its own in RGB",
        "abc123",
        "30,000",
        "96, 128",
        "0.001",
        "1.06 M",
        "(CC0). Finish:",
    ):
        assert said in card, said
    rows = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', card)
    cells = {name: re.findall(r">([\d.–]+)</td>", row) for name, row in rows}
    assert cells["This network"] == ["24.00", "10.00", "0.900", "0.50"]
    assert cells["Plain gray"] == ["22.00", "12.00", "0.800", "0.00"]
    assert "mean colour" not in card  # the file has no such figures
    assert ">loss<" not in card


def test_a_card_says_what_is_missing_in_the_header(tab):
    card = card_of(tab.html(), "mobile-unet")
    for said in ("Never measured", "holds no learning curve", "not stated", "never measured"):
        assert said in card
    assert "0.00" not in card
    overview = tab.html().partition("<tbody>")[2].partition("</tbody>")[0]
    row = next(row for row in overview.split("<tr>") if "mobile-unet" in row)
    assert row.count("–") == 4


def test_html_in_a_header_is_escaped(tab):
    html = tab.html()
    assert "<img" not in html
    assert "&lt;img src=x onerror=alert(1)&gt; {{value}} ${value}" in html
    assert not re.search(r"<[^>]*'<b>", html)


def test_the_overview_has_a_row_for_gray_if_all_were_measured_on_the_same_photos(tab, tmp_path):
    assert "Measured on 7 photographs" in tab.html().partition("<table")[0]
    assert "<tfoot>" in tab.html()
    for name, gray in (("a", 22.0), ("b", 21.0)):
        metrics = {**METRICS, "gray_psnr": gray}
        save_checkpoint(tmp_path / f"{name}.safetensors", build("conv-fc", width=0.25), metrics=metrics)
    apart = ModelsHandlers(Shelf(tmp_path))
    assert "<tfoot>" not in apart.html()
    assert re.findall(r"<h2>(.*?)</h2>", apart.html()) == ["b", "a"]


def test_a_learning_curve_has_a_sentence_and_breaks_where_the_photos_changed(tmp_path):
    card = Card("x", tmp_path, history=tuple(HISTORY))
    curve = learning_curve(card)
    assert (
        "Learning curve: 22.50 dB after 1,000 pictures, +0.50 over plain gray; "
        "24.00 dB after 30,000 pictures, +3.00 over plain gray."
    ) in curve.svg
    assert curve.broken
    line, *_ = re.findall(r'<path d="([^"]*)"[^>]*stroke: var\(--predicted\)', curve.svg)
    assert line.count("M") == 2
    alone = learning_curve(Card("x", tmp_path, history=({"pictures_seen": 5, "psnr": 20.0},)))
    assert 'aria-label="Learning curve: 20.00 dB after 5 pictures."' in alone.svg
    assert not alone.broken
    for nothing in ((), ({"loss": 3.0},), ({"pictures_seen": 5, "psnr": None},)):
        assert learning_curve(Card("x", tmp_path, history=nothing)) is None


def test_a_card_has_a_picture_of_exactly_its_weights(tab):
    ours = [card for card in list_checkpoints(WEIGHTS) if not card.error]
    assert all(thumbnail(card) for card in ours), "python -m benchmarks model_pictures makes what is missing"
    assert {path.name for path in PICTURES.iterdir()} == {thumbnail(card).name for card in ours}
    for card in ours:
        with Image.open(thumbnail(card)) as picture:
            assert picture.size == (192, 128)
        assert thumbnail(replace(card, sha256="0" * 64)) is None
    assert thumbnail(Card("nameless", Path("nameless"))) is None
    assert "<img" not in tab.html()  # of weights that are not ours there is none
    shown = ModelsHandlers(Shelf(WEIGHTS)).html()
    assert [f"file={thumbnail(card).as_posix()}" in shown for card in ours] == [True] * len(ours)


def test_the_list_is_made_again_only_if_something_changed(tab, tmp_path):
    html, made_of = tab.fill(None)
    assert "<h2>good</h2>" in html
    assert tab.fill(made_of) == (gr.skip(), gr.skip())
    with speaking("it"):
        again, other = tab.fill(made_of)
    assert other != made_of
    assert "Scarica i pesi" in again
    assert "no weights to colour with" in ModelsHandlers(Shelf(tmp_path)).html()


def test_weights_are_downloaded_by_name_only(tab, folder):
    file = tab.weights("good", 1)["file"]["weights"]
    assert Path(file["path"]).read_bytes() == (folder / "good.safetensors").read_bytes()
    assert Path(file["path"]).name == "good.safetensors"
    for name in ("../good", "cut", "good.safetensors", str(folder / "good"), None):
        with pytest.raises(gr.Error, match="no checkpoint"):
            tab.weights(name, 1)


def test_another_tab_can_choose_a_checkpoint(folder):
    chosen = Handlers(Shelf(folder)).choose_checkpoint("good", "natural", "picture")
    assert chosen["checkpoint"]["value"] == "good"
    assert "good" in dict(map(reversed, chosen["checkpoint"]["choices"]))
    assert chosen["checkpoint_line"].startswith("A good one")
    assert chosen["raw"]["visible"]
    with pytest.raises(gr.Error, match="no checkpoint 'x'"):
        Handlers(Shelf(folder)).choose_checkpoint("x")
