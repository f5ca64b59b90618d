"""A disk that fills up while a file is written, for every kind of file: one sentence, and no half file is left.

Played by the kernel's limit for the size of a file, which stops Pillow, python-pptx, safetensors, ONNX and ffmpeg alike
in the middle of writing.
"""

import shutil

import pytest
import torch
from conftest import colour_photo, files_in, filling, representing
from small_networks import small

from colorizer import build
from colorizer.checkpoints.file import save_checkpoint
from colorizer.checkpoints.published import LAYOUTS
from colorizer.cli.parser import main
from colorizer.errors import PhotoError
from colorizer.figures.film import wipe_video
from colorizer.figures.slide import Exhibit


def noise(path, width=700, height=500):
    """A photograph that compresses badly."""
    colour_photo(width, height).effect_spread(9).save(path)
    return str(path)


def test_the_end_of_a_film(tmp_path, monkeypatch):
    """ffmpeg writes the last bytes when the file is closed."""
    monkeypatch.setattr("colorizer.figures.film.SIZE", (320, 180))
    shown, film = Exhibit("", [("", colour_photo(90, 60, seed=i)) for i in (0, 1)]), tmp_path / "film.mp4"
    wipe_video(shown, film)
    whole = film.stat().st_size
    film.unlink()
    for missing in (1, 2000):
        with pytest.raises(PhotoError, match=r"film.mp4 could not be written"), filling(whole - missing):
            wipe_video(shown, film)
        assert files_in(tmp_path) == {}


COMMANDS = {
    "picture": "colorize {photo} -o {out}/a.png --checkpoint {weights}/mobile-unet.safetensors",
    "deck": "present {photo} -o {out}/a.pptx --checkpoint {weights}/mobile-unet.safetensors",
    "page": "present {photo} -o {out}/a.html --checkpoint {weights}/mobile-unet.safetensors",
    "film": "present {photo} -o {out}/a.mp4 --checkpoint {weights}/mobile-unet.safetensors",
    "slide": "present {photo} -o {out}/a.png --checkpoint {weights}/mobile-unet.safetensors",
    "sheet": "present {photo} {photo} -o {out}/a.png --as sheet --checkpoint {weights}/mobile-unet.safetensors",
    "onnx": "export {weights}/small.safetensors -o {out}/a.onnx",
    "checkpoint": "convert {weights}/published.pth --layout bianchini -o {out}/a.safetensors",
}
"""Those that write a file, by what it is."""


@pytest.fixture(scope="module")
def folder(weights, tmp_path_factory):
    """Checkpoints, a small one that is exported quickly, and weights as others publish them."""
    own = tmp_path_factory.mktemp("own")
    shutil.copy(weights / "mobile-unet.safetensors", own)
    save_checkpoint(own / "small.safetensors", small("alpha"))
    layout = LAYOUTS["bianchini"]
    torch.save(build(layout.architecture, **layout.config).state_dict(), own / "published.pth")
    return own


@pytest.mark.parametrize("what", representing(COMMANDS, ["picture", "deck", "page", "checkpoint"]))
def test_commands(folder, tmp_path, capsys, what):
    out = tmp_path / "out"
    out.mkdir()
    photo = noise(tmp_path / "a.png")
    command = [word.format(photo=photo, out=out, weights=folder) for word in COMMANDS[what].split()]
    with filling():
        assert main(command) == 1
    said = capsys.readouterr().err.strip().splitlines()
    assert any("could not be written" in line for line in said), said
    assert "Traceback" not in "".join(said)
    assert files_in(out) == {}
