"""Whether coloured photographs look like true ones, to an ImageNet encoder that did not teach them.

The kernel distance (KID) compares the encoder's features of coloured photographs with those of *other* true ones, so
that a network gains nothing by copying a photograph's shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from ..architectures.efficientnet_lite import LITES, EfficientNetLiteEncoder
from ..architectures.layers import MobileNetV2Encoder, first_fitting, freeze
from ..checkpoints.published import read_tensors
from ..runtime.threads import steady

SIDE = 224
"""Side in pixels at which the encoder sees pictures."""
LEAST = 10
"""Fewest pictures from which a distance is computed."""


ENCODERS: dict[str, Callable[[], nn.Module]] = {
    **{f"EfficientNet-Lite{n}": partial(EfficientNetLiteEncoder, *LITES[f"efficientnet-lite{n}"]) for n in (2, 1, 0)},
    "MobileNetV2": MobileNetV2Encoder,
}
"""The encoders that can look; the first whose weights fit a file is used."""


class Eye:
    """A frozen encoder that looks at finished pictures."""

    def __init__(self, encoder: nn.Module, name: str, middle: float, spread: float):
        self.encoder, self.name, self._middle, self._spread = freeze(encoder), name, middle, spread

    @classmethod
    def load(cls, path: str | Path) -> Eye:
        """From the weights of EfficientNet-Lite0, 1 or 2, or of MobileNetV2 with torchvision's names: .safetensors, or
        .pth. Raises ValueError for a file that is not there, cannot be read or holds none of them."""
        found = first_fitting(ENCODERS, read_tensors(Path(path)))
        if found is None:
            raise ValueError(f"{Path(path).name} holds no weights of {', '.join(ENCODERS)}")
        name, encoder = found
        return cls(encoder, name, *((127.5, 127.5) if isinstance(encoder, MobileNetV2Encoder) else (127.0, 128.0)))

    def features(self, pictures: Iterable[Image.Image]) -> Tensor:
        """The means of the encoder's last features, for each "RGB" picture: float32 (N, C). Earlier ones give every
        network away by its colours' missing detail, however right these are."""
        rows = []
        with steady(), torch.inference_mode():
            for picture in pictures:
                small = np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC))
                values = torch.from_numpy(small.copy()).permute(2, 0, 1)[None].float()
                seen = self.encoder((values - self._middle) / self._spread, None)
                rows.append(seen[-1].mean(dim=(2, 3))[0])
        return torch.stack(rows)


def distance(found: Tensor, true: Tensor) -> float:
    """KID of the coloured pictures of every second photograph and the other photographs, and the other way round;
    found, true (N, d): features of the same photographs."""
    return (kernel_distance(found[::2], true[1::2]) + kernel_distance(found[1::2], true[::2])) / 2


def kernel_distance(x: Tensor, y: Tensor) -> float:
    """Squared maximum mean discrepancy of x (N, d) and y (M, d), unbiased, with the kernel (x·y / d + 1)³.

    Bińkowski, Sutherland, Arbel and Gretton, "Demystifying MMD GANs" (ICLR 2018). Around 0, also below, for samples of
    one distribution.
    """
    x, y = x.double(), y.double()

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a @ b.T / a.shape[1] + 1) ** 3

    def others(a: Tensor) -> Tensor:
        """Mean over pairs of two different pictures."""
        square = kernel(a, a)
        return (square.sum() - square.trace()) / (len(a) * (len(a) - 1))

    return float(others(x) + others(y) - 2 * kernel(x, y).mean())
