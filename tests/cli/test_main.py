"""The command line, called in process on pictures and weights made here."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import files_in
from PIL import Image

from colorizer import Colorizer, Hint, open_photo
from colorizer.checkpoints.file import read_card
from colorizer.cli.parser import main
from colorizer.colour.hex import hex_to_ab
from colorizer.colour.readout import preset


@pytest.fixture
def photos(tmp_path):
    """in/a.jpg, in/deep/a.png, in/deep/broken.jpg."""
    random = np.random.default_rng(1)
    (tmp_path / "in/deep").mkdir(parents=True)
    for name in ("in/a.jpg", "in/deep/a.png"):
        small = Image.fromarray(random.integers(0, 256, (6, 9, 3), np.uint8))
        small.resize((90, 60), Image.Resampling.BICUBIC).save(tmp_path / name)
    (tmp_path / "in/deep/broken.jpg").write_bytes(b"not a photograph")
    return tmp_path


def run(*arguments) -> int:
    return main([str(argument) for argument in arguments])


def test_what_is_asked_reaches_the_network(photos, weights):
    flagship, photo = Colorizer.from_checkpoint("mobile-unet", folder=weights), open_photo(photos / "in/a.jpg")
    palette, reference = [hex_to_ab("#b05030"), hex_to_ab("#407090")], photos / "in/deep/a.png"
    hints = [Hint(20, 10, hex_to_ab("#c03020")), Hint(60.5, 40, hex_to_ab("#2040c0"))]
    for flags, asked in (
        (("--saturation", "0.5"), {"saturation": 0.5}),
        (("--hint", "20,10,#c03020", "--hint", "60.5,40,#2040c0"), {"hints": hints, **preset("natural")}),
        (("--palette", "#b05030,#407090", "--strength", "0.5"),
         {"palette": palette, "strength": 0.5, **preset("natural")}),
        (("--reference", reference), {"reference": open_photo(reference), **preset("natural")}),
        (("--reference", reference, "--hint", "20,10,#c03020", "--preset", "vivid"),
         {"reference": open_photo(reference), "hints": hints[:1], **preset("vivid")}),
    ):  # fmt: skip
        out = photos / "asked.png"
        assert run("colorize", photos / "in/a.jpg", "-o", out, "--weights", weights, "--overwrite", *flags) == 0
        expected = flagship.colorize(photo, **asked).image
        assert np.array_equal(np.asarray(Image.open(out)), np.asarray(expected))
        assert not np.array_equal(np.asarray(expected), np.asarray(flagship.colorize(photo).image))
        assert "mobile-unet" in Image.open(out).info["Description"]


PROBLEMS = {
    "colorize nowhere.jpg -o OUT": "nowhere.jpg: there is no such file",
    "colorize IN/a.jpg -o OUT --checkpoint nobody": "no checkpoint 'nobody'",
    "colorize IN/a.jpg -o OUT --temperature 0": "temperature must be a number from 0.001 to 100",
    "colorize IN -o OUT/one.png": "cannot all become one.png",
    "colorize IN/a.jpg -o OUT/one.gif": "cannot become one.gif; end it in .png, .jpg, .jpeg, .tif or .tiff",
    "colorize IN -o OUT/reel.mp4": "a photograph cannot become reel.mp4; end it in .png",
    "present IN/a.jpg -o OUT/x.mov --as film": "x.mov; end it in .mp4, or give a folder to --out",
    "colorize IN/a.jpg -o OUT --device gpu": "there is no device called 'gpu'",
    "colorize IN -o OUT/album.v2 --format jpg --bits 16": "a JPEG has 8 bits",
    "colorize IN/a.jpg -o IN/deep/a.png --resume": "is already there; add --overwrite",
    "colorize IN/a.jpg -o OUT --checkpoint resnet18-decoder --palette #c03020": "predicts one colour only",
    "colorize IN/a.jpg -o OUT --reference nowhere.jpg": "nowhere.jpg",
    "colorize IN/a.jpg -o OUT --reference IN/deep/broken.jpg": "broken.jpg is not a picture",
    "colorize IN/a.jpg -o OUT --strength 0.5": "give --reference or --palette",
    "colorize IN/a.jpg IN/deep/a.png -o OUT --hint 5,5,#c03020": "colour those with hints one at a time",
    "colorize IN/a.jpg -o OUT --hint 20,#c03020": "a hint is X,Y,#RRGGBB",
    "colorize IN/a.jpg -o OUT --hint left,5,#c03020": "a hint is X,Y,#RRGGBB",
    "colorize IN/a.jpg -o OUT --hint 20,10,red": "a colour is written as #rrggbb",
    "colorize IN/a.jpg -o OUT --palette #c03020,blue": "'blue' is not",
    "present IN/a.jpg -o IN/a.jpg/x.pptx": "cannot be made a folder",
    "present IN/*.jpg IN/deep/a.png -o OUT/x.mp4": "cannot all become x.mp4",
    "present IN/a.jpg -o OUT/talk.ppt": "talk.ppt: a deck ends in .pptx",
    "present IN/a.jpg -o OUT/x --as deck": "x must end in .pptx",
    "present IN/none -o OUT/x.pptx": "a deck needs a photograph",
    "evaluate nowhere": "nowhere is not a folder",
    "convert IN/a.jpg --layout bianchini -o IN/deep/a.png": "already there",
    "convert IN/none.pth --layout nobody -o OUT/x.safetensors": "choose one of akbokha, bianchini, eccv16",
    "convert IN/none.pth --layout bianchini -o OUT/x.safetensors": "no file none.pth",
    "card nothing": "available: ",
    "export mobile-unet -o IN/a.jpg/x.onnx": "cannot be made a folder",
    "export mobile-unet -o IN/deep/a.png": "already there",
    "export mobile-unet -o OUT/a.pb": "a.pb must end in .onnx",
}
"""The arguments of each command, and a part of its answer."""


@pytest.mark.parametrize("asked", PROBLEMS)
def test_problems_are_one_sentence_and_nothing_is_written(photos, weights, capsys, asked):
    before, folders = files_in(photos), {"IN": str(photos / "in"), "OUT": str(photos / "out")}
    command, *words = (word.replace("IN", folders["IN"]).replace("OUT", folders["OUT"]) for word in asked.split())
    given = [] if command == "convert" else ["--weights", str(weights)]
    try:
        code = main([command, *words, *given])
    except SystemExit as stopped:
        code = stopped.code
    error = capsys.readouterr().err
    assert code == (2 if "add --help" in error else 1)
    assert PROBLEMS[asked] in error
    assert "Traceback" not in error
    assert files_in(photos) == before


def test_models(weights, tmp_path, capsys):
    assert run("models", "--weights", weights) == 0
    assert re.search(r"mobile-unet: mobile-unet, 2\.\d\d M parameters", capsys.readouterr().out)
    (tmp_path / "broken.safetensors").write_bytes(b"\x00" * 100)
    assert run("models", "--weights", tmp_path) == 0
    assert "broken.safetensors is not a readable" in capsys.readouterr().out


@pytest.fixture
def evaluate(photos, weights, capsys):
    """Measures on the two photographs that can be read; figures by checkpoint, and what was said."""
    (photos / "in/deep/broken.jpg").unlink()

    def run_it(*flags):
        assert run("evaluate", photos / "in", "--weights", weights, "--json", *flags) == 0
        said = capsys.readouterr()
        return json.loads(said.out), said.err

    return run_it


def test_evaluate_compares_with_gray(evaluate, photos, weights, capsys):
    figures = evaluate("--checkpoint", "mobile-unet")[0]["mobile-unet"]
    assert figures["pictures"] == 2
    assert figures["psnr_gain"] == pytest.approx(figures["psnr"] - figures["gray_psnr"])
    assert run("evaluate", photos / "in", "--weights", weights) == 0
    table = capsys.readouterr().out
    assert "plain gray" in table
    assert "resnet18-decoder" in table


def test_evaluate_leaves_out_photos_without_colours(evaluate, photos, weights, capsys):
    Image.open(photos / "in/a.jpg").convert("L").save(photos / "in/gray.png")
    found, said = evaluate("--checkpoint", "mobile-unet")
    assert found["mobile-unet"]["pictures"] == 2
    assert "gray.png is black and white" in said
    assert run("evaluate", photos / "in/gray.png", "--weights", weights) == 1
    assert "no colour photograph" in capsys.readouterr().err


def test_evaluate_uses_presets_only_for_networks_that_support_them(evaluate):
    plain, _ = evaluate()
    assert set(plain) == {"mobile-unet", "resnet18-decoder"}
    faithful, _ = evaluate("--preset", "faithful")  # asks nothing that anybody could not answer
    assert {name: m["psnr"] for name, m in faithful.items()} == {name: m["psnr"] for name, m in plain.items()}
    vivid, said = evaluate("--preset", "vivid")
    assert set(vivid) == {"mobile-unet"}
    assert vivid["mobile-unet"]["colourfulness"] != plain["mobile-unet"]["colourfulness"]
    assert "left out: resnet18-decoder predicts one colour only" in said
    own = [word for name, value in preset("faithful").items() for word in (f"--{name}", 1 if value is None else value)]
    bolder, _ = evaluate("--preset", "vivid", *own, "--checkpoint", "mobile-unet")
    assert bolder["mobile-unet"]["psnr"] == plain["mobile-unet"]["psnr"]  # what is named apart goes first


def test_a_preset_needs_a_network_with_a_distribution(photos, weights, tmp_path, capsys):
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "only.safetensors").write_bytes((weights / "resnet18-decoder.safetensors").read_bytes())
    assert run("evaluate", photos / "in/a.jpg", "--weights", alone, "--preset", "natural") == 1
    assert "No checkpoint here predicts a distribution" in capsys.readouterr().err


def test_measured_figures_go_into_the_header(evaluate, weights, tmp_path):
    copy = tmp_path / "copy.safetensors"
    copy.write_bytes((weights / "mobile-unet.safetensors").read_bytes())
    evaluate("--checkpoint", copy, "--temperature", 0.4, "--working-size", 96, "--save")
    card = read_card(copy)
    assert (card.temperature, card.working_size, card.metrics["pictures"]) == (0.4, 96, 2)


@pytest.mark.skipif(os.name != "posix", reason="pipes are closed otherwise elsewhere")
@pytest.mark.parametrize(
    "command",
    [
        ["-m", "colorizer", "--help"],
        ["-m", "colorizer", "models"],
        pytest.param(["train.py", "mobile-unet", "--help"], marks=pytest.mark.full),
    ],
    ids=["help", "models", "train"],
)
def test_a_reader_who_has_enough_is_no_error(command):
    """As in `python train.py mobile-unet --help | head -5`."""
    gone, pipe = os.pipe()
    os.close(gone)
    with os.fdopen(pipe, "wb") as out:
        done = subprocess.run(
            [sys.executable, *command], cwd=Path(__file__).parents[2], stdout=out, stderr=subprocess.PIPE, text=True
        )
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_printed_is_utf_8_in_files_and_pipes(tmp_path):
    """Windows has another encoding for them, in which some letters are missing."""
    env = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    code = "import sys; from colorizer import __main__; __main__.main = lambda: print('\u2192 \u0444'); __main__.run()"
    with (tmp_path / "README.md").open("wb") as file:
        subprocess.run([sys.executable, "-c", code], stdout=file, env=env, check=True)
    assert (tmp_path / "README.md").read_bytes().split() == ["\u2192".encode(), "\u0444".encode()]
