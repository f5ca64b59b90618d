"""How one frame of a film goes over into the next, by optical flow.

Source: Kroeger et al., "Fast Optical Flow using Dense Inverse Search" (ECCV 2016), OpenCV's implementation.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

APART = 1.0
"""Pixels between where a place went and where it is found to come from, at which the flow hardly holds any more."""
UNLIKE = 0.5
"""Difference of brightness, in standard deviations of the frame, at which the flow hardly holds any more."""
CUT = 0.2
"""Mean hold below which two frames belong to different shots."""


class Motion(NamedTuple):
    """From one frame to the next."""

    back: Tensor
    """For each pixel of the later frame, where it was: float32 (2, H, W), x and y in pixels."""
    back_holds: Tensor
    """How far that can be trusted: float32 (1, H, W) in [0, 1]."""
    ahead: Tensor
    """For each pixel of the earlier frame, where it goes."""
    ahead_holds: Tensor

    @property
    def cut(self) -> bool:
        """Whether a shot ends between them."""
        return float(self.back_holds.mean() + self.ahead_holds.mean()) < 2 * CUT


def motion(before: Tensor, after: Tensor) -> Motion:
    """The motion between two frames: L (H, W) of both."""
    one, two = normal(before), normal(after)
    first, second = (((x * 40 + 128).clamp(0, 255)).to(torch.uint8).numpy() for x in (one, two))
    back, ahead = (torch.from_numpy(_flow(*pair)).permute(2, 0, 1) for pair in ((second, first), (first, second)))
    return Motion(back, _holds(back, ahead, two, one), ahead, _holds(ahead, back, one, two))


def normal(L: Tensor) -> Tensor:
    """L with mean 0 and deviation 1: old film flickers, and a fade is no motion."""
    return (L - L.mean()) / L.std().clamp(min=2.0)


def carried(maps: Tensor, flow: Tensor) -> Tensor:
    """Maps (C, h, w) of one frame as the other frame sees them. flow: (2, H, W), for each pixel of the other frame
    where it is in this one, at any resolution."""
    pixel = 2 / torch.tensor([flow.shape[2], flow.shape[1]])[:, None, None]
    return sampled(maps, places(maps) + at(flow, maps) * pixel)


def at(maps: Tensor, like: Tensor) -> Tensor:
    """Maps (C, h, w) at the resolution of others."""
    return maps if maps.shape[1:] == like.shape[1:] else F.interpolate(maps[None], like.shape[1:], mode="area")[0]


def places(like: Tensor) -> Tensor:
    """x and y of each place of (C, h, w), from -1 to 1: (2, h, w)."""
    y, x = ((torch.arange(side) * 2 + 1) / side - 1 for side in like.shape[1:])
    return torch.stack((*reversed(torch.meshgrid(y, x, indexing="ij")),))


def sampled(maps: Tensor, where: Tensor) -> Tensor:
    """Maps (C, h, w) at `places` (2, h, w)."""
    grid = where.permute(1, 2, 0)[None]
    return F.grid_sample(maps[None], grid, padding_mode="border", align_corners=False)[0]


def around(maps: Tensor) -> Tensor:
    """The mean of the 5 x 5 places around each of (C, h, w), with nothing beyond the edges."""
    return F.avg_pool2d(F.avg_pool2d(maps, (5, 1), 1, (2, 0)), (1, 5), 1, (0, 2))


def _holds(flow: Tensor, reverse: Tensor, here: Tensor, there: Tensor) -> Tensor:
    """How far a flow holds: going there and back ends at the start, and both places look alike."""
    seen = carried(torch.cat((reverse, there[None])), flow)
    apart = (flow + seen[:2]).square().sum(dim=0) / APART**2
    unlike = ((here - seen[2:]) / UNLIKE).square()
    return torch.exp(-apart - around(unlike))


def _flow(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    import cv2

    cv2.setNumThreads(1)  # the network has its own
    # A new one each time: what an old one has seen changes its next answer a little, and a film that goes on after a
    # stop would differ.
    return cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST).calc(one, other, None)  # type: ignore[call-overload]
