"""Training losses by name. All are means over pictures, so none depends on the batch size."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

REGRESSION = ("mse", "rmse", "mae", "smooth-l1")
"""Mean squared error; its root, picture by picture; mean absolute error; Huber's, quadratic below `HUBER`."""
HUBER = 0.05


def regression(kind: str, prediction: Tensor, target: Tensor) -> Tensor:
    """One of `REGRESSION` between (B, C, H, W) tensors in a network's own scale -> scalar; ValueError for others."""
    prediction = prediction.float()
    if kind == "mse":
        return F.mse_loss(prediction, target)
    if kind == "rmse":
        squares = (prediction - target).square().mean(dim=(1, 2, 3))
        return (squares + 1e-12).sqrt().mean()  # the root has infinite slope at 0
    if kind == "mae":
        return F.l1_loss(prediction, target)
    if kind == "smooth-l1":
        return F.smooth_l1_loss(prediction, target, beta=HUBER)
    raise ValueError(f"there is no regression loss {kind!r}; choose one of {', '.join(REGRESSION)}")
