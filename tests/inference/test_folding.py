"""Folded networks give the same results."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
import torch.nn.functional as F
from small_networks import example, small
from torch import nn
from torch.utils._pytree import tree_leaves

from colorizer import Colorizer, build, list_architectures
from colorizer.inference import folding
from colorizer.inference.folding import FoldedConv2d, folded, settled

pytestmark = pytest.mark.skipif(not folding.available(), reason="this PyTorch has no oneDNN")


def answers(network, *inputs: torch.Tensor) -> list[torch.Tensor]:
    with torch.inference_mode():
        return [leaf for leaf in tree_leaves(network(*inputs)) if isinstance(leaf, torch.Tensor)]


def lived_in(network):
    """A network whose batch norms have statistics, as after training."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d) and module.track_running_stats:
            nn.init.uniform_(module.running_mean, -0.5, 0.5)
            nn.init.uniform_(module.running_var, 0.5, 2)
            nn.init.uniform_(module.weight, 0.5, 2)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    return network.eval()


@pytest.mark.parametrize("name", list_architectures())
@pytest.mark.parametrize("hinted", [False, True])
def test_folding_changes_no_architectures_result(name, hinted):
    network = lived_in(small(name))
    L, ab = example(network)
    hints = torch.cat((ab, torch.ones_like(L)), dim=1) if hinted else None
    faster = folded(network)
    assert any(isinstance(module, FoldedConv2d) for module in faster.modules())
    for before, after in zip(answers(network, L, hints), answers(faster, L, hints), strict=True):
        torch.testing.assert_close(after, before, rtol=1e-4, atol=1e-4 * float(before.abs().max()))


def test_unchanged_modules_are_not_copied():
    network = small("siggraph17").eval()
    own = {tensor.data_ptr() for tensor in network.parameters()}
    copied = [p for p in folded(network).parameters() if p.data_ptr() not in own]
    assert sum(p.numel() for p in copied) < sum(p.numel() for p in network.parameters()) / 4


def test_unknown_activations_are_kept():
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Tanh(), nn.Conv2d(4, 4, 3, padding="same"), nn.ReLU()).eval()
    x = torch.randn(1, 1, 8, 8)
    torch.testing.assert_close(answers(folded(network), x), answers(network, x))


class Reflecting(nn.Conv2d):
    """A layer that a new network may have: it pads its input itself."""

    def forward(self, x):
        return super().forward(F.pad(x, (1, 1, 1, 1), mode="reflect"))


class Noted(nn.Sequential):
    """A sequence with its own `forward`."""

    def forward(self, x):
        return self[1](x) + self[0](x)


class Halved(nn.BatchNorm2d):
    """A batch norm with its own `forward`."""

    def forward(self, x):
        return super().forward(x) / 2


@pytest.mark.parametrize(
    "network",
    [
        nn.Sequential(Reflecting(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU()),
        nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 3)), nn.ReLU()),
        nn.Sequential(nn.Conv2d(3, 4, 3), Halved(4), nn.ReLU()),
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, track_running_stats=False), nn.ReLU()),
        Noted(nn.Conv2d(3, 3, 3, padding=1), nn.ReLU()),
    ],
    ids=["padding of its own", "weight norm", "batch norm of its own", "no running statistics", "order of its own"],
)
def test_custom_layers_give_the_same_result(network):
    x = torch.randn(1, 3, 8, 8)
    lived_in(network)
    torch.testing.assert_close(answers(folded(network), x), answers(network, x))


def test_a_hook_on_a_convolution_is_still_called():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()).eval()
    network[0].register_forward_hook(lambda module, inputs, output: output - 1)
    x = torch.randn(1, 3, 8, 8)
    torch.testing.assert_close(answers(folded(network), x), answers(network, x))


def test_without_the_operator_the_network_runs_unchanged(monkeypatch):
    monkeypatch.setattr(folding, "available", lambda: False)
    network = small("mobile-unet")
    for unchanged in (folded(network), Colorizer(network).network):
        assert not any(isinstance(module, FoldedConv2d) for module in unchanged.modules())
        assert all(one is other for one, other in zip(network.parameters(), unchanged.parameters(), strict=True))


def test_a_colorizer_runs_the_folded_copy_and_keeps_the_original():
    colorizer = Colorizer(small("mobile-unet"))
    assert any(isinstance(module, FoldedConv2d) for module in colorizer.network.modules())
    assert not any(isinstance(module, FoldedConv2d) for module in colorizer.architecture.modules())


def test_folding_keeps_what_a_finish_reads_in_its_own_way():
    network = lived_in(build("mobile-unet", width=0.25, finish=True, agree=True, finish_rank=2))
    with torch.no_grad():
        for change in network.finish.changes.values():
            change.up.normal_(std=0.3)
    L, _ = example(network)
    faster = folded(network)
    with torch.inference_mode():
        before, after = (network.to_ab(each(L), L, finish=1.0) for each in (network, faster))
    torch.testing.assert_close(after, before, rtol=1e-4, atol=1e-4 * float(before.abs().max()))


def test_threads_share_a_network_whose_finish_reads_in_its_own_way():
    network = settled(build("mobile-unet", width=0.25, finish=True, agree=True, finish_rank=2).eval())
    L, _ = example(network)

    def answer(_: int) -> torch.Tensor:
        with torch.inference_mode():
            return network.to_ab(network(L), L, finish=1.0)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(answer, range(24)))
    assert all(torch.equal(each, answers[0]) for each in answers)
