"""The Compare tab's work as plain functions: one photograph through every checkpoint."""

import re
from pathlib import Path

import gradio as gr
import pytest
from conftest import colour_photo
from PIL import Image

from colorizer import Colorizer, save_photo
from colorizer.colour.metrics import compare
from colorizer.page.i18n.texts import speaking, text, translated
from colorizer.page.session.request import PhotoFile, PhotoRequest
from colorizer.page.tabs.compare.tab import SIDE, CompareHandlers
from colorizer.photo.form import Form
from colorizer.photo.picture import at_most

from .test_page import many, mean_difference, photo  # noqa: F401  # fixtures

NAMES = ("namer", "mobile-unet", "painter", "resnet18-decoder")
"""Checkpoints, those with the highest PSNR over gray first."""


@pytest.fixture(autouse=True)
def no_picture_is_nearly_gray(monkeypatch):
    """Those of untrained networks may be or not."""
    monkeypatch.setattr("colorizer.colour.metrics.NEARLY_GRAY", 0.0)


def last(shelf, path, only=None):
    """Gallery, status and download when all is done."""
    *_, updates = CompareHandlers(shelf).run(PhotoFile(str(path)), only=only)
    return updates["grid"], updates["status"], updates["download"]


def damage(path):
    """Change a checkpoint's weights, so that its SHA-256 no longer fits."""
    from safetensors import safe_open
    from safetensors.torch import load_file, save_file

    with safe_open(path, "np") as file:
        metadata = file.metadata()
    tensors = load_file(path)
    save_file({name: value + 1 for name, value in tensors.items()}, path, metadata)


def test_checkpoints_are_ordered_by_quality(many, photo):  # noqa: F811
    steps = list(CompareHandlers(many).run(PhotoFile(photo)))
    gallery, status, download = (steps[-1][name] for name in ("grid", "status", "download"))
    captions = [caption.split("\n") for _, caption in gallery]
    assert [lines[0] for lines in captions] == [
        "Grayscale", "Original", "namer", "mobile-unet", "painter", "resnet18-decoder",
    ]  # fmt: skip
    assert captions[2][1] == "Iizuka et al. 2016"
    assert captions[3][1] == "ours"
    assert [len(step["grid"]) for step in steps] == [0, 3, 4, 5, 6]  # they come one by one
    for i, (step, name) in enumerate(zip(steps, NAMES, strict=False)):
        assert f"{i + 1} of 4: {name} …" in step["status"]
        assert f'<progress value="{i}" max="4">' in step["status"]
        assert step["download"] == gr.update(value=None, interactive=False), "the old sheet is gone"
    assert "Checkpoints: 4," in status
    assert download["value"].endswith("-compared.png")
    assert Image.open(download["value"]).width > 1000
    expected = many.colorizer("namer").colorize(Image.open(photo))
    assert mean_difference(gallery[2][0], expected.image) < 1


def test_the_best_on_this_photo_is_marked(many, photo):  # noqa: F811
    gallery, status, _ = last(many, photo)
    truth = Image.open(photo)
    psnr = {name: compare(many.colorize(photo, name).image, truth)["psnr"] for name in NAMES}
    best = max(psnr, key=psnr.get)
    marked = [caption.split("\n")[0] for _, caption in gallery if text("compare_best_mark") in caption]
    assert marked == [best]
    gray = compare(truth, truth)["gray_psnr"]
    assert text("compare_best", name=best, psnr=psnr[best], gain=psnr[best] - gray) in status
    lines = [caption.split("\n")[2] for _, caption in gallery[2:]]
    gains = [float(re.search(r"[+−][\d.]+", line)[0].replace("−", "-")) for line in lines]
    assert gains == pytest.approx([psnr[name] - gray for name in NAMES], abs=0.011)
    with speaking("it"):
        assert "PSNR" in status.again()
        assert status.again() != status
        captions = [caption for _, caption in translated(gallery)]
    assert captions[0].startswith("Scala di grigi")
    assert "qui " in captions[3]


def rows_of(table):
    """The cells of the table's rows, by what the first one says."""
    rows = re.findall(r'<tr><th scope="row"[^>]*>(.*?)</th>(.*?)</tr>', table)
    return {name: re.findall(r"<td(?: data-value=\"([^\"]*)\")?>", cells) for name, cells in rows}


def test_the_table_measures_each_network_on_this_photo_beside_its_own_gray(many, photo):  # noqa: F811
    *_, updates = CompareHandlers(many).run(PhotoFile(photo), only=["namer", "resnet18-decoder"])
    rows, truth = rows_of(updates["table"]), Image.open(photo)
    assert len(updates["grid"]) == 4  # gray and the original, and the two that were asked for
    assert list(rows) == ["namer", "resnet18-decoder", "Grayscale", "Original"]
    values = compare(many.colorize(photo, "namer").image, truth)
    expected = [values["psnr"] - values["gray_psnr"], *(values[key] for key in ("delta_e", "auc", "colourfulness"))]
    assert [float(value) for value in rows["namer"]] == pytest.approx([*expected, 2.0], abs=0.02)
    assert rows["resnet18-decoder"][-1] == ""  # never measured on others
    assert float(rows["Grayscale"][0]) == 0
    assert rows["Original"][:3] == ["", "", ""]
    with speaking("de"):
        assert list(rows_of(updates["table"].again())) == ["namer", "resnet18-decoder", "Graustufen", "Original"]
    assert float(rows["Original"][3]) == pytest.approx(compare(truth, truth)["true_colourfulness"])


def test_without_an_original_the_table_has_no_gain_and_says_what_is_nearly_gray(many, photo, tmp_path, monkeypatch):  # noqa: F811
    colour_photo().convert("L").save(tmp_path / "bw.jpg")
    monkeypatch.setattr("colorizer.colour.metrics.NEARLY_GRAY", 200.0)
    *_, updates = CompareHandlers(many).run(PhotoFile(str(tmp_path / "bw.jpg")), only=["namer"])
    rows = rows_of(updates["table"])
    assert list(rows) == ["namer <small>(nearly gray)</small>", "Grayscale"]
    assert [len(cells) for cells in rows.values()] == [2, 2]  # its colourfulness, and what was measured on others
    assert [caption for _, caption in updates["grid"]] == ["Grayscale", "namer\nIizuka et al. 2016\nnearly gray"]
    assert "nothing tells which network comes closest" in updates["table"]


def test_two_taps_put_two_pictures_beside_each_other(many, photo):  # noqa: F811
    handlers = CompareHandlers(many)
    *_, done = handlers.run(PhotoFile(photo))
    files = done["files"]
    assert list(files) == ["gray", "original", *(f"system:{name}" for name in NAMES)]

    def sides(update):
        return {at: update["sides"][at]["side"] for at in ("left", "right")}

    first = handlers.beside(files, {})
    assert sides(first) == {"left": "original", "right": "system:namer"}
    assert first["sides"]["left"]["file"]["path"] == files["original"]
    once = handlers.tapped(files, {}, 4)
    twice = handlers.tapped(files, once, 3)
    assert twice == {"left": "system:painter", "right": "system:mobile-unet"}
    assert sides(handlers.beside(files, twice)) == twice
    assert handlers.tapped(files, twice, 3) == handlers.tapped(files, twice, 99) == twice
    assert sides(handlers.beside(files, {"left": "system:gone", "right": "gray"})) == {
        "left": "original", "right": "gray"
    }  # fmt: skip
    assert handlers.beside({}, twice) == {"sides": {}}


@pytest.mark.parametrize("how", ["levels", "damaged"])
def test_the_first_tabs_photo_is_compared_as_it_is_read_there(many, photo, tmp_path, how):  # noqa: F811
    torn = tmp_path / "torn.png"
    torn.write_bytes(Path(photo).read_bytes()[:-20_000])
    first = {"path": photo, "partial": None, "levels": True}
    if how == "damaged":
        first = {"path": str(torn), "partial": str(torn), "levels": False}
    handlers, request = CompareHandlers(many), PhotoRequest.from_values(**first)
    file, shown = handlers.take_over(None, request).values()
    assert (file, shown) == (
        PhotoFile(first["path"], Form(partial=how == "damaged", levels=how == "levels")),
        first["path"],
    )
    assert handlers.take_over(PhotoFile("own.png"), request) == {}
    *_, updates = handlers.run(file)
    assert list(updates["files"])[:2] == ["gray", "scanned" if how == "levels" else "original"]
    gray = many.run("namer", at_most(many.open(file).photo, SIDE)).grayscale.convert("RGB")
    assert mean_difference(updates["files"]["gray"], gray) < 1


def test_a_large_photo_is_compared_small(many, tmp_path):  # noqa: F811
    colour_photo(SIDE * 2, SIDE).save(tmp_path / "large.jpg")
    gallery = last(many, tmp_path / "large.jpg", ["namer"])[0]
    assert {Image.open(path).size for path, _ in gallery} == {(SIDE, SIDE // 2)}


def test_a_checkpoint_that_fails_does_not_stop_the_others(many, photo, monkeypatch):  # noqa: F811
    damage(many.weights / "painter.safetensors")
    (many.weights / "<b>.safetensors").write_bytes(b"x")
    colorize = Colorizer.colorize

    def too_little_memory(self, *arguments):
        if self.name == "mobile-unet":
            raise RuntimeError("not enough memory: you tried\nmore")
        return colorize(self, *arguments)

    monkeypatch.setattr(Colorizer, "colorize", too_little_memory)
    gallery, status, download = last(many, photo)
    assert [caption.split("\n")[0] for _, caption in gallery] == ["Grayscale", "Original", "namer", "resnet18-decoder"]
    assert status.startswith("Checkpoints: 2,")
    assert "painter.safetensors are damaged" in status
    assert "mobile-unet: not enough memory: you tried" in status
    assert "&lt;b&gt;.safetensors is not a readable" in status
    assert download["interactive"]


def test_when_nothing_works_there_is_no_sheet(many, photo):  # noqa: F811
    for path in many.weights.glob("*.safetensors"):
        damage(path)
    gallery, status, download = last(many, photo)
    assert gallery == []
    assert status.count("damaged") == 4
    assert download == gr.update(value=None, interactive=False)
    for path in many.weights.glob("*.safetensors"):
        path.unlink()
    assert last(many, photo)[:2] == ([], text("no_checkpoints"))


def test_a_photo_is_needed(many, tmp_path):  # noqa: F811
    with pytest.raises(gr.Error, match="Add a photograph first"):
        list(CompareHandlers(many).run(None))
    (tmp_path / "bad.jpg").write_bytes(b"no photo")
    with pytest.raises(gr.Error, match="not a picture"):
        last(many, tmp_path / "bad.jpg")
    with pytest.raises(gr.Error, match="The photo is no longer on the server"):
        last(many, tmp_path / "gone.jpg")


def test_what_was_coloured_here_is_no_original_to_compare_with(many, tmp_path):  # noqa: F811
    save_photo(colour_photo(300, 200), tmp_path / "a.jpg", checkpoint="alpha")
    captions = [caption for _, caption in last(many, tmp_path / "a.jpg", ["namer"])[0]]
    assert captions[:2] == ["Grayscale", "Coloured by Colorizer earlier"]
    assert not [caption for caption in captions if "this photo" in caption or text("compare_best_mark") in caption]
