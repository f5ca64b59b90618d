"""What the tests of this tab share."""

import shutil

import pytest
import torch

from colorizer import build
from colorizer.checkpoints.file import save_checkpoint

from ..visit import serve


@pytest.fixture(scope="module")
def several_networks(weights, tmp_path_factory):
    """The address of a page over networks with and without a distribution, with and without hints."""
    folder = tmp_path_factory.mktemp("kinds")
    shutil.copy(weights / "resnet18-decoder.safetensors", folder)
    torch.manual_seed(0)
    flagship = build("mobile-unet", width=0.5)
    flagship.prior = torch.softmax(-flagship.centres.norm(dim=1) / 20, dim=0)  # so that vividness means something
    save_checkpoint(folder / "mobile-unet.safetensors", flagship, working_size=64)
    save_checkpoint(folder / "doubts.safetensors", build("eccv16", width=0.125), working_size=64)
    save_checkpoint(folder / "hints.safetensors", build("siggraph17", width=0.125), working_size=64)
    with serve(folder, tmp_path_factory.mktemp("elsewhere")) as address:
        yield address
