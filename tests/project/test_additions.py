"""A new network is one file, a new language a file and a row, a new control a field, its effect and its texts: the
rest follows, without a change anywhere else."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import colour_photo, write_photos

import colorizer
from colorizer import build
from colorizer.checkpoints.file import save_checkpoint

NETWORK = '''
"""mirror: two convolutions, the first of which pads by itself."""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import nn

from ..contract import AbRegression


class Reflecting(nn.Conv2d):
    """A 3x3 convolution that goes on beyond the border as in a mirror."""

    def forward(self, x):
        return super().forward(F.pad(x, (1, 1, 1, 1), mode="reflect"))


class Mirror(AbRegression):
    """A network that nobody has heard of. It was made in a test."""

    @dataclass(frozen=True)
    class Config:
        channels: int = 4
        """Between the two convolutions."""

    name = "mirror"
    family = "ours"
    stride = 4
    working_size = 32

    def __init__(self, config):
        super().__init__(config)
        self.layers = nn.Sequential(
            Reflecting(1, config.channels, 3), nn.BatchNorm2d(config.channels), nn.ReLU(),
            nn.Conv2d(config.channels, 2, 3, padding=1), nn.Tanh(),
        )

    def forward(self, L, hints=None):
        return self.layers(L / 100)


ARCHITECTURE = Mirror
'''

USE_NETWORK = """
from colorizer.cli import parser, train
from colorizer.colour import metrics
from colorizer.page.app import build_page
from colorizer.page.i18n.texts import speaking
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.models import ModelsHandlers
from colorizer.training import validation

metrics.PROTOCOL_SIDE = validation.PROTOCOL_SIDE = 32
quick = "--pictures 12 --batch 4 --sizes 32 --held-out 0.25 --workers 0 --warmup 1 --channels 5"
assert train.main(["mirror", "--data", "photos", "--out", "weights", "--cache", "", *quick.split()]) == 0
assert parser.main(["evaluate", "photos", "--limit", "2", "--checkpoint", "weights/last.safetensors"]) == 0
shown = str(build_page("weights", "none").get_config_file())
assert "mirror" in shown and "A network that nobody has heard of. It was made in a test." in shown
with speaking("it"):
    assert "A network that nobody has heard of. It was made in a test." in ModelsHandlers(Shelf("weights")).html()
"""

USE_LANGUAGE = """
from colorizer.page.i18n.language import language_choice
from colorizer.page.i18n.texts import number, preferred, speaking, text
from colorizer.site import assets
from colorizer.site.write import index

with speaking("eo"):
    said = [str(text("language")), str(text("row_hints", count=2)), number(1234.5, ",.1f")]
assert said == ["Lingvo", "2 korektoj", "1\u00a0234,5"], said
assert preferred("eo-EO, en;q=0.5") == "eo"
assert ["Esperanto", "eo"] in map(list, language_choice().choices)
assert assets.sentences("language")["eo"]["language"] == "Lingvo"
assert '<option value="eo"' in index([])
"""

FIELD = '''
    warmth: float = control(0.0, "adds to a and b", highest=40.0, step=1.0)
    """Lab units."""

    def __post_init__'''

USE_CONTROL = """
import contextlib, io
from pathlib import Path
import numpy as np
from gradio_client import Client, handle_file
from colorizer import Colorizer, open_photo
from colorizer.cli.parser import main
from colorizer.colour.readout import Readout
from colorizer.page.api.endpoints import Endpoints
from colorizer.page.app import build_page
from colorizer.page.gradio_server import WITHOUT_KNOCKING
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.one_photo.export import notes_of

def alike(image, other):
    # Another number of threads adds in another order, which can round a sample to the next level.
    return np.abs(np.asarray(image, int) - np.asarray(other, int)).max() <= 1

page, shelf, photo = build_page("weights", "none"), Shelf("weights"), open_photo("a.png")
warmer = Colorizer.from_checkpoint("weights/plain.safetensors").colorize(photo, warmth=20)
assert abs((warmer.low_ab - warmer.with_readout(warmth=0).low_ab).mean() - 20) < 1e-3

(slider,) = [c["props"] for c in page.get_config_file()["components"] if c["props"].get("elem_id") == "warmth"]
assert (slider["label"], slider["info"]) == ("Warmth", "0 leaves colours as they are.")
assert (slider["minimum"], slider["maximum"], slider["step"], slider["value"]) == (0, 40, 1, 0)

asked = PhotoRequest("a.png", "plain", preset="own", sliders=Readout(warmth=20))
answer = shelf.answer(asked.asked())
assert alike(answer.result.image, warmer.image)
assert "Warmth 20" in notes_of(answer)

with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.suppress(SystemExit):
    main(["colorize", "--help"])
assert "--warmth X" in said.getvalue() and "adds to a and b; 0 to 40" in said.getvalue()
assert main("colorize a.png -o b.png --checkpoint weights/plain.safetensors --warmth 20".split()) == 0
assert alike(open_photo("b.png"), warmer.image)

*_, last = page.get_api_info()["named_endpoints"]["/colorize"]["parameters"]  # after those that have their positions
assert (last["parameter_name"], last["parameter_default"]) == ("warmth", 0.0)
assert "adds to a and b; from 0 to 40" in Endpoints.colorize.__doc__
_, address, _ = page.launch(prevent_thread_lock=True, quiet=True, **WITHOUT_KNOCKING)
file, _ = Client(address, verbose=False).predict(photo=handle_file("a.png"), warmth=20, api_name="/colorize")
assert alike(open_photo(file), warmer.image)
"""


@pytest.fixture
def package(tmp_path):
    """A copy of the package, to be added to."""
    # With what is compiled already, but not what another process compiles at this moment.
    return shutil.copytree(
        Path(colorizer.__file__).parent, tmp_path / "colorizer", ignore=shutil.ignore_patterns("*.pyc.*")
    )


def run(script: str, folder: Path) -> str:
    """The output of a script with the package in a folder, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_network_is_one_file_and_a_language_a_file_and_a_row(package, tmp_path):
    (package / "architectures" / "networks" / "mirror.py").write_text(NETWORK)
    words = package / "page" / "i18n"
    table = (words / "languages.json").read_text(encoding="utf-8")
    row = '"eo": {"name": "Esperanto", "point": ",", "thousands": "\\u00a0", "from": 4, "plural": "one"}'
    (words / "languages.json").write_text(table.replace("\n}", f",\n  {row}\n}}"), encoding="utf-8")
    said = {"all": {"language": "Lingvo", "row_hints": "{count:one # korekto|other # korektoj}"}}
    (words / "eo.json").write_text(json.dumps(said), encoding="utf-8")
    (tmp_path / "photos").mkdir()
    write_photos(tmp_path / "photos", 12, 48, 40)
    assert "last" in run(USE_NETWORK + USE_LANGUAGE, tmp_path).partition("plain gray")[0]


@pytest.mark.full
def test_a_control_is_a_field_its_effect_and_its_texts(package, tmp_path):
    readout = package / "colour" / "readout.py"
    source = readout.read_text().replace("\n    def __post_init__", FIELD, 1)
    readout.write_text(source.replace("saturated(ab, self.saturation)", "saturated(ab, self.saturation) + self.warmth"))
    sentences = package / "page" / "i18n" / "en.json"
    groups = json.loads(sentences.read_text())
    groups["toy"] = {"warmth": "Warmth", "warmth_info": "0 leaves colours as they are."}
    sentences.write_text(json.dumps(groups))
    (tmp_path / "weights").mkdir()
    save_checkpoint(tmp_path / "weights" / "plain.safetensors", build("alpha"), working_size=64)
    colour_photo().save(tmp_path / "a.png")
    run(USE_CONTROL, tmp_path)
