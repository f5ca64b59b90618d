"""Rearranges networks for a CPU: the same result, up to the last bits, in less time.

Batch norms are folded into the convolutions before them, activations are computed while a result is still in the
core's registers, and pictures are stored pixel by pixel (channels_last), which suits the CPU's convolutions.
`torch.compile` does the same with convolutions, by the same operator, but it needs a compiler, which people who colour
photographs on a laptop do not have.

The operator could also keep weights in its own layout. That gains little, and it costs far more than it gains for
pictures of another size than the layout was made for, so weights keep their layout.
"""

from __future__ import annotations

from typing import TypeGuard, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import fuse_conv_bn_eval

from ..architectures.contract import Architecture
from ..architectures.layers import PadRightBelow, sharing_copy

Network = TypeVar("Network", bound=nn.Module)
Layer = TypeVar("Layer", bound=nn.Module)

_ACTIVATIONS: dict[type[nn.Module], tuple[str, list[float]]] = {
    nn.ReLU: ("relu", []),
    nn.ReLU6: ("hardtanh", [0.0, 6.0]),
}
"""Activations that oneDNN can fuse into a convolution, with their parameters."""


def available() -> bool:
    """Whether this build of PyTorch has oneDNN and the operator that `torch.compile` uses for convolutions."""
    return torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_convolution_pointwise")


def settled(network: Network) -> Network:
    """A copy of a network whose weights no longer change, which several threads may use at once on any device
    (`Architecture.settle`). It shares all tensors with `network`."""
    result = sharing_copy(network)
    if isinstance(result, Architecture):
        with torch.no_grad():
            result.settle()
    return result


def folded(network: Network) -> Network:
    """A folded copy of a network in evaluation mode, for inference in float32 on the CPU; only `settled` if oneDNN is
    missing. Unchanged modules are shared with `network`."""
    result = settled(network)
    if not available():
        return result
    with torch.no_grad():
        for module in list(result.modules()):
            _fold(module)
    return result


class FoldedConv2d(nn.Module):
    """A convolution fused with the activation after it, if any."""

    def __init__(self, conv: nn.Conv2d, activation: nn.Module | None = None):
        super().__init__()
        if isinstance(conv, PadRightBelow):
            conv = _centred(conv)
        self.weight, self.bias, self.groups = conv.weight, conv.bias, conv.groups
        self.shape = tuple(list(sides) for sides in (conv.padding, conv.stride, conv.dilation))
        self.activation, self.scalars = _ACTIVATIONS[type(activation)] if activation else ("none", [])

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) in any memory format -> (B, C', H', W') in channels_last."""
        x = x.contiguous(memory_format=torch.channels_last)
        return torch.ops.mkldnn._convolution_pointwise(
            x, self.weight, self.bias, *self.shape, self.groups, self.activation, self.scalars, ""
        )


def _fold(parent: nn.Module) -> None:
    """Replace the convolutions among a module's children; in a sequence, fold the layers that follow into them."""
    names = list(parent._modules)
    in_turn = type(parent).forward is nn.Sequential.forward
    for place, name in enumerate(names):
        conv = parent._modules[name]
        if not _convolution(conv):
            continue
        following = iter(names[place + 1 :] if in_turn else ())
        then = next(following, "")
        norm = parent._modules.get(then)
        if _as_pytorch_has_it(norm, nn.BatchNorm2d) and norm.running_mean is not None:
            conv = fuse_conv_bn_eval(conv, norm)
            conv.weight.data = conv.weight.contiguous(memory_format=torch.channels_last)
            parent._modules[then] = nn.Identity()
            then = next(following, "")
        activation = parent._modules.get(then)
        if _as_pytorch_has_it(activation, *_ACTIVATIONS):
            parent._modules[then] = nn.Identity()
        else:
            activation = None
        parent._modules[name] = FoldedConv2d(conv, activation)


def _convolution(module: nn.Module | None) -> TypeGuard[nn.Conv2d]:
    """Whether a module is a convolution that oneDNN can compute, directly or after `_centred` has converted it."""
    if not _as_pytorch_has_it(module, nn.Conv2d, PadRightBelow):
        return False
    return not isinstance(module.padding, str) and module.padding_mode == "zeros"


def _as_pytorch_has_it(module: nn.Module | None, *kinds: type[Layer]) -> TypeGuard[Layer]:
    """Whether a module has exactly one of these types and no hooks. A subclass may have its own `forward`, such as a
    convolution with its own padding or with normalized weights, so subclasses stay as they are."""
    if type(module) not in kinds or module is None:
        return False
    return not (module._forward_hooks or module._forward_pre_hooks or "forward" in vars(module))


def _centred(conv: PadRightBelow) -> nn.Conv2d:
    """The same convolution with padding on all sides, as oneDNN needs: the kernel gets zeros instead of the picture."""
    same = nn.Conv2d(conv.in_channels, conv.out_channels, 4, 2, 1, groups=conv.groups, bias=conv.bias is not None)
    same.weight = nn.Parameter(F.pad(conv.weight, (1, 0, 1, 0)))
    same.bias = conv.bias
    return same
