"""Whether a photograph looks like a negative, which is coloured wrongly as it stands.

A small network scores how much a picture looks like a positive. A picture and its reverse are compared by it, so that
contrast and exposure say nothing. `python -m benchmarks.negatives` trains it and measures how often it is right.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn

from ..colour.whole_photo import lightness
from ..runtime.threads import steady

WEIGHTS = Path(__file__).with_name("negative.safetensors")
SIDE = 96
"""Side in pixels of what the network sees; photographs are stretched to it."""
SURE = 2.0
"""How much more the reverse must look like a positive, in nats, before we say so."""
EVEN = 2.0
"""Standard deviation of L below which there is nothing to see."""


class Positiveness(nn.Module):
    """How much a picture looks like a positive: L (B, 1, SIDE, SIDE) in any unit -> logits (B,) that turn their sign
    when the picture is reversed."""

    def __init__(self) -> None:
        super().__init__()
        widths = (2, 16, 32, 64, 96, 128)
        self.layers = nn.Sequential(
            *(
                nn.Sequential(nn.Conv2d(fan_in, fan_out, 3, 2, 1, bias=False), nn.BatchNorm2d(fan_out), nn.ReLU())
                for fan_in, fan_out in pairwise(widths)
            )
        )
        self.out = nn.Linear(widths[-1], 1)

    def forward(self, L: Tensor) -> Tensor:
        deviation, mean = torch.std_mean(L, dim=(2, 3), keepdim=True)
        x = (L - mean) / deviation.clamp(min=1e-3)
        down = torch.linspace(-1, 1, x.shape[2]).to(x)[:, None].expand_as(x)  # light comes from above
        both = torch.cat((torch.cat((x, down), dim=1), torch.cat((-x, down), dim=1)))
        one, reverse = self.out(self.layers(both).mean(dim=(2, 3)))[:, 0].chunk(2)
        return one - reverse


def looks_negative(photo: Image.Image) -> bool:
    """Whether a photograph, "RGB", is probably a negative."""
    L = seen(photo)
    if L.std() < EVEN:
        return False
    with steady(), torch.inference_mode():
        return float(_network()(L)) < -SURE


def seen(photo: Image.Image) -> Tensor:
    """What the network sees of a photograph: L (1, 1, SIDE, SIDE)."""
    small = photo.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX)
    return lightness(small)[None, None]


@cache
def _network() -> Positiveness:
    from safetensors.torch import load_file

    network = Positiveness()
    network.load_state_dict({name: tensor.float() for name, tensor in load_file(WEIGHTS).items()})
    return network.eval()
