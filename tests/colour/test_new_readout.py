"""A new control needs a field of `Readout`, its effect, and its texts: everything else follows."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import colour_photo

import colorizer
from colorizer import build
from colorizer.checkpoints.file import save_checkpoint

FIELD = '''
    warmth: float = control(0.0, "adds to a and b", highest=40.0, step=1.0)
    """Lab units."""

    def __post_init__'''

SCRIPT = """
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


@pytest.mark.full
def test_a_new_control_is_defined_in_one_place(tmp_path):
    package = tmp_path / "colorizer"
    shutil.copytree(Path(colorizer.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
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
    run = subprocess.run([sys.executable, "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
