"""EfficientNet-Lite as an encoder of the flagship."""

import pytest
import torch
import torch.nn.functional as F

from colorizer import build
from colorizer.architectures.efficientnet_lite import LITES, EfficientNetLiteEncoder, SamePadding


def weights(seed: int = 0, wider: float = 1.0, deeper: float = 1.0) -> dict[str, torch.Tensor]:
    """Tensors as a package of weights stores them, including the classifier's."""
    torch.manual_seed(seed)
    state = EfficientNetLiteEncoder(wider, deeper).state_dict()
    random = {name: t + 0.1 * torch.rand_like(t) for name, t in state.items() if t.is_floating_point()}
    return {**random, "_conv_head.weight": torch.zeros(1280, 320, 1, 1), "_fc.bias": torch.zeros(1000)}


@pytest.mark.parametrize(
    ("name", "blocks", "taps", "channels"),
    [
        ("efficientnet-lite0", 16, {2, 4, 10, 15}, (24, 40, 112, 320)),
        ("efficientnet-lite1", 21, {3, 6, 14, 20}, (24, 40, 112, 320)),
        ("efficientnet-lite2", 21, {3, 6, 14, 20}, (24, 48, 120, 352)),
    ],
)
def test_blocks_and_where_features_are_taken(name, blocks, taps, channels):
    encoder = EfficientNetLiteEncoder(*LITES[name]).eval()
    assert encoder.channels == channels
    assert len(encoder._blocks) == blocks
    assert encoder.taps == taps
    shapes = [tuple(f.shape[1:]) for f in encoder(torch.rand(1, 3, 64, 96), None)]
    assert shapes == [(c, 64 // s, 96 // s) for c, s in zip(encoder.channels, (4, 8, 16, 32), strict=True)]


@pytest.mark.parametrize(("kernel", "stride", "pad"), [(3, 2, (0, 1)), (5, 2, (1, 2)), (3, 1, (1, 1)), (5, 1, (2, 2))])
def test_padding_is_tensorflows_for_even_sides(kernel, stride, pad):
    layer = SamePadding(4, 4, kernel, stride, groups=4)
    x = torch.rand(1, 4, 8, 12)
    assert torch.equal(layer(x), F.conv2d(F.pad(x, pad * 2), layer.weight, stride=stride, groups=4))
    assert layer(x).shape[2:] == (8 // stride, 12 // stride)


@pytest.mark.parametrize("name", ["efficientnet-lite0", "efficientnet-lite1"])
def test_the_flagship_reads_by_it(name):
    network = build("mobile-unet", backbone=name).eval()
    assert sum(p.numel() for p in network.parameters()) < 5.7e6
    given = weights(1, *LITES[name])
    network.load_encoder(given)
    assert torch.equal(network.encoder._conv_stem.weight, given["_conv_stem.weight"])
    hints = torch.zeros(1, 3, 64, 64)
    hints[:, :, 20:27, 20:27] = torch.tensor([40.0, 30.0, 1.0])[:, None, None]
    L = torch.rand(1, 1, 64, 64) * 100
    for said in (None, hints):
        assert network.to_ab(network(L, said), L).shape == (1, 2, 64, 64)


def test_weights_of_another_encoder_are_refused():
    network = build("mobile-unet", backbone="efficientnet-lite1")
    with pytest.raises(ValueError, match="no efficientnet-lite1 weights"):
        network.load_encoder(weights())  # those of Lite0 are too few
    assert build("mobile-unet").encoder_name == "mobilenet_v2"
    assert network.encoder_name == ""
