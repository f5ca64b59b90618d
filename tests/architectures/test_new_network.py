"""A new network is one file: it is trained, measured and shown without a change anywhere else."""

import shutil
import subprocess
import sys
from pathlib import Path

from conftest import write_photos

import colorizer

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

SCRIPT = """
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


def test_a_new_network_is_one_file(tmp_path):
    package = Path(colorizer.__file__).parent
    # With what is compiled already, but not what another process compiles at this moment.
    shutil.copytree(package, tmp_path / "colorizer", ignore=shutil.ignore_patterns("*.pyc.*"))
    (tmp_path / "colorizer" / "architectures" / "networks" / "mirror.py").write_text(NETWORK)
    (tmp_path / "photos").mkdir()
    write_photos(tmp_path / "photos", 12, 48, 40)
    run = subprocess.run([sys.executable, "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "last" in run.stdout.partition("plain gray")[0]
