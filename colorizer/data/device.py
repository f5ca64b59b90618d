"""Packed pictures kept entirely on the training device, and crops cut there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from .crops import draws, labels_of, random_boxes
from .files import Picture
from .packed import Packed
from .schedule import Key

_PIXELS = 1 << 24
"""How many pixels are processed at a time: about 300 MB as float32, with their positions."""


def fits(packed: Packed, device: torch.device | str, share: float = 0.5) -> bool:
    """Whether the pictures take at most `share` of the free memory of a CUDA device; False for other devices."""
    device = torch.device(device)
    return device.type == "cuda" and packed.nbytes <= share * torch.cuda.mem_get_info(device)[0]


class DeviceCrops:
    """Makes the same crops of packed pictures as `Crops`, up to rounding, on the device instead of the CPU.

    One flat uint8 tensor holds every picture. A crop is the product of its box's pixels with two weight matrices, so
    that any reduction is antialiased as in Pillow.
    """

    def __init__(
        self,
        packed: Packed,
        device: torch.device | str,
        seed: int = 0,
        smallest: float = 0.5,
        labels: Mapping[Picture, int] | None = None,
    ):
        self.seed, self.smallest, self.device = seed, smallest, torch.device(device)
        self.sizes = packed.shapes[:, ::-1]
        self.starts = np.concatenate(([0], packed.shapes.prod(axis=1).cumsum()[:-1]))
        self.labels = labels_of(packed.pictures, labels or {}).to(self.device)
        self.pixels = torch.empty((packed.nbytes // 3, 3), dtype=torch.uint8, device=self.device)
        filled = 0
        for pixels in packed.shard_pixels():
            rows = torch.from_numpy(pixels.reshape(-1, 3))
            self.pixels[filled : filled + len(rows)] = rows.to(self.device)
            filled += len(rows)

    def __len__(self) -> int:
        return len(self.sizes)

    def batch(self, keys: Sequence[Key]) -> tuple[Tensor, Tensor]:
        """Crops uint8 (B, 3, size, size) and classes int64 (B,) of the keys, which all have one size."""
        size = keys[0][2]
        indices = np.array([index for _, index, _ in keys])
        boxes = random_boxes(self.sizes[indices], self.smallest, draws(self.seed, keys))
        crops = torch.empty((len(keys), size, size, 3), dtype=torch.uint8, device=self.device)
        for part in _even(_windows(boxes, self.sizes[indices], size)[1]):
            crops[part] = self._cut(indices[part], boxes[part], size)
        return crops.permute(0, 3, 1, 2), self.labels[torch.from_numpy(indices).to(self.device)]

    def _cut(self, indices: np.ndarray, boxes: np.ndarray, size: int) -> Tensor:
        """uint8 (B, size, size, 3)."""
        sizes = self.sizes[indices]
        first, lengths = _windows(boxes, sizes, size)
        columns, rows = lengths.max(axis=0).tolist()
        corner, extent, start, edges = (
            torch.from_numpy(np.ascontiguousarray(a)).to(self.device)
            for a in (first, sizes, self.starts[indices, None, None], boxes.astype(np.float32))
        )
        across = corner[:, :1] + torch.arange(columns, device=self.device)
        down = corner[:, 1:] + torch.arange(rows, device=self.device)
        # Positions outside the picture get weight 0; their pixels are read from somewhere inside.
        row = down.minimum(extent[:, 1:] - 1)[:, :, None] * extent[:, :1, None]
        pixels = self.pixels[start + row + across.minimum(extent[:, :1] - 1)[:, None]].float()
        vertical = _weights(edges[:, 1::2], down, extent[:, 1:], size)
        horizontal = _weights(edges[:, ::2], across, extent[:, :1], size)
        stripes = torch.bmm(vertical, pixels.flatten(2)).unflatten(2, (columns, 3))
        result = torch.einsum("byxc,bsx->bysc", stripes, horizontal)
        return result.round().clamp(0, 255).to(torch.uint8)


def _windows(boxes: np.ndarray, sizes: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """First column and row of each box's pixels, and how many columns and rows: int64 (B, 2) each, (x, y)."""
    reach = np.maximum(1, (boxes[:, 2:] - boxes[:, :2]) / size)
    first = np.floor(boxes[:, :2] - reach).clip(0).astype(np.int64)
    last = np.minimum(np.ceil(boxes[:, 2:] + reach), sizes).astype(np.int64)
    return first, last - first


def _even(lengths: np.ndarray) -> Iterator[np.ndarray]:
    """Positions in groups of at most _PIXELS pixels, each padded to the group's largest (or of a single picture)."""
    order = np.argsort(lengths.prod(axis=1), kind="stable")
    start, widest = 0, np.zeros(2, np.int64)
    for end, position in enumerate(order):
        widest = np.maximum(widest, lengths[position])
        if end > start and (end - start + 1) * widest.prod() > _PIXELS:
            yield order[start:end]
            start, widest = end, lengths[position]
    yield order[start:]


def _weights(edges: Tensor, places: Tensor, length: Tensor, size: int) -> Tensor:
    """The weight of each position for each pixel of a crop, float32 (B, size, N): Pillow's bilinear filter.

    edges (B, 2): of the box. places (B, N): columns or rows of the picture, of `length` (B, 1).
    """
    scale = (edges[:, 1:] - edges[:, :1]) / size
    centres = edges[:, :1] + (torch.arange(size, device=edges.device) + 0.5) * scale
    distances = (places[:, None] + 0.5 - centres[:, :, None]).abs() / scale.clamp(min=1)[:, :, None]
    weights = (1 - distances).clamp(min=0) * (places < length)[:, None]
    return weights / weights.sum(dim=2, keepdim=True)
