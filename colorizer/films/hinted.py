"""The colours that hints give to one frame of a film, carried through its shot along the motion.

Where the flow does not hold, as at the edges of things that move, a place may take over from its neighbours where it
came from, if it then looks as it did there: so the edges of things do not wear off, and what was hidden comes back.
Source: the propagation of Barnes et al., "PatchMatch" (SIGGRAPH 2009).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ..colour.lab import lab_to_rgb
from ..colour.readout import Readout
from ..inference.colorizer import Colorizer
from ..inference.hints import Hint
from .motion import UNLIKE, around, at, carried, normal, places, sampled

CHANGED = 4.0
"""Lab units by which hints change a colour so that theirs holds alone."""
HELD = 0.3
"""How far the flow must hold at a place so that it keeps its hinted colour; below, that fades."""
NEIGHBOURS = ((0, 0), (0, 3), (0, -3), (3, 0), (-3, 0))
"""A place itself, and others that are asked where they came from, by rows and columns."""


class Painted(NamedTuple):
    """The colours of a frame with hints, as another frame of its shot sees them."""

    maps: Tensor
    """The hinted frame's colours, Lab units, how far they hold in place of the film's own, and its brightness:
    (4, h, w)."""
    places: Tensor
    """Where each place is in the hinted frame, x and y from -1 to 1, and how far that can be trusted: (3, h, w)."""

    @classmethod
    def of(cls, colorizer: Colorizer, L: Tensor, hints: Sequence[Hint], readout: Readout) -> Painted:
        """On their own frame, L (H, W). hints: in pixels of a frame of that size."""
        gray = lab_to_rgb(F.pad(L[None], (0, 0, 0, 0, 0, 2))) * 255
        photo, size = Image.fromarray(gray.round().byte().permute(1, 2, 0).numpy()), (L.shape[0], L.shape[1])
        own, hinted = (colorizer.whole(photo, each, size, readout, time.perf_counter()).low_ab for each in ((), hints))
        share = ((hinted - own).norm(dim=0, keepdim=True) / CHANGED).clamp(max=1)
        start = torch.cat((places(own), torch.ones_like(share)))
        return cls(torch.cat((hinted, share, _brightness(L, own))), start)

    def moved(self, flow: Tensor, holds: Tensor, L: Tensor) -> Painted:
        """As the next frame, L (H, W), sees them, into which `flow` leads from where it `holds`."""
        here, light, best = places(self.maps), _brightness(L, self.maps), torch.zeros_like(self.places)
        came = carried(self.places, flow)
        held = (at(holds, came) / HELD).clamp(max=1)
        ways = torch.cat((came[:2] - here, came[2:] * held))
        for step in NEIGHBOURS:
            way = ways.roll(step, (1, 2))
            place = here + way[:2]
            unlike = around(sampled(self.maps[3:], place) - light) / UNLIKE
            trust = way[2:] * (torch.exp(-unlike.square()) / HELD).clamp(max=1)
            best = torch.where(trust > best[2:], torch.cat((place, trust)), best)
        return self._replace(places=best)

    def faded(self, share: float) -> Painted:
        """With a share of the trust."""
        return self._replace(places=torch.cat((self.places[:2], self.places[2:] * share)))

    def on(self, ab: Tensor) -> Tensor:
        """The colours of a frame with these on them: ab (2, h, w), Lab units."""
        maps = sampled(self.maps[:3], self.places[:2])
        return torch.lerp(ab, maps[:2], maps[2:] * self.places[2:])


def _brightness(L: Tensor, like: Tensor) -> Tensor:
    """The brightness of a frame, at the resolution of (C, h, w): (1, h, w)."""
    return at(normal(L)[None], like)
