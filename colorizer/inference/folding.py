"""Networks rearranged for a processor: the same answer, up to the last bits, in less time.

Batch norms disappear into the convolutions before them, activations are done while a result is still in the core's
registers, and pictures lie in memory pixel by pixel (channels_last), as the processor's convolutions like them. It is
what `torch.compile` does with convolutions, by the same operator, but needs no compiler, which those who colour
photographs on a laptop do not have.

The operator could also keep weights in an order of its own. That gains little, and costs far more than it gains for
pictures of another size than the one the order was made for, so weights stay as they are.
"""

from __future__ import annotations

import copy
from typing import TypeGuard, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import fuse_conv_bn_eval

from ..architectures.layers import PadRightBelow

Network = TypeVar("Network", bound=nn.Module)
Layer = TypeVar("Layer", bound=nn.Module)

_ACTIVATIONS: dict[type[nn.Module], tuple[str, list[float]]] = {
    nn.ReLU: ("relu", []),
    nn.ReLU6: ("hardtanh", [0.0, 6.0]),
}
"""What oneDNN can do to a result before it is written, and its parameters."""


def available() -> bool:
    """Whether this build of PyTorch has oneDNN, and in it the operator that `torch.compile` uses for convolutions."""
    return torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_convolution_pointwise")


def folded(network: Network) -> Network:
    """A copy of a network in evaluation mode, for inference in float32 on the CPU; the network itself where oneDNN
    is not there. Whatever need not change is shared with `network`."""
    if not available():
        return network
    shared = {id(tensor): tensor for tensor in (*network.parameters(), *network.buffers())}
    result = copy.deepcopy(network, shared)
    with torch.no_grad():
        for module in list(result.modules()):
            _fold(module)
    return result


class FoldedConv2d(nn.Module):
    """A convolution and the activation after it, if any, in one."""

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
    """Replace the convolutions among a module's children; where children run one after another, with what follows."""
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
    """Whether a module is a convolution that oneDNN computes as it is, or one that `_centred` makes into such a one."""
    if not _as_pytorch_has_it(module, nn.Conv2d, PadRightBelow):
        return False
    return not isinstance(module.padding, str) and module.padding_mode == "zeros"


def _as_pytorch_has_it(module: nn.Module | None, *kinds: type[Layer]) -> TypeGuard[Layer]:
    """Whether a module is of one of these types exactly, and nothing was hooked to it. A subclass may have a `forward`
    of its own, such as a convolution that pads by itself or whose weights are normalized: it stays as it is."""
    if type(module) not in kinds or module is None:
        return False
    return not (module._forward_hooks or module._forward_pre_hooks or "forward" in vars(module))


def _centred(conv: PadRightBelow) -> nn.Conv2d:
    """The same with padding on all sides, as oneDNN has it: zeros are added to the kernel instead of the picture."""
    same = nn.Conv2d(conv.in_channels, conv.out_channels, 4, 2, 1, groups=conv.groups, bias=conv.bias is not None)
    same.weight = nn.Parameter(F.pad(conv.weight, (1, 0, 1, 0)))
    same.bias = conv.bias
    return same
