"""One contract for every architecture, and what is particular to some."""

import subprocess
import sys

import pytest
import torch
import torch.nn.functional as F

from colorizer import build, list_architectures
from colorizer.architectures import architecture_class, facts
from colorizer.architectures._torchvision import import_torchvision

PARAMETERS = {
    ("resnet18-decoder", ()): 954_722,
    ("resnet18-decoder", (("variant", "sigmoid"),)): 954_530,
}


@pytest.fixture(params=list_architectures())
def network(request):
    torch.manual_seed(0)
    return build(request.param)


def example(network, batch: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    height, width = 2 * network.stride, 3 * network.stride
    L = torch.rand(batch, 1, height, width, generator=generator) * 100
    ab = F.interpolate(torch.randn(batch, 2, 3, 3, generator=generator) * 30, (height, width), mode="bilinear")
    return L, ab


def test_contract(network):
    assert network.family in ("ours", "projects", "papers")
    assert network.working_size % network.stride == 0
    L, ab = example(network)
    for x in (L, L.transpose(2, 3), L[:, :, : network.stride, : network.stride]):
        network.eval()
        colours = network.to_ab(network(x), x)
        assert colours.shape[:2] == (2, 2)
        assert colours.dtype == torch.float32
        assert torch.isfinite(colours).all()
        assert colours.abs().max() < 400
        # one picture's colours do not depend on the others in its batch
        assert torch.allclose(network.to_ab(network(x[:1]), x[:1]), colours[:1], atol=1e-2)
    network.train()
    loss = network.loss(network(L), L, ab)
    assert loss.ndim == 0
    assert torch.isfinite(loss)


def test_every_parameter_learns(network):
    L, ab = example(network)
    hints = torch.cat((ab, torch.ones_like(L)), dim=1) if network.takes_hints else None
    network.loss(network(L, hints), L, ab).backward()
    idle = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert not idle


def test_one_batch_is_learnt(network):
    L, ab = example(network)
    optimizer = torch.optim.Adam(network.parameters(), 2e-3)
    losses = []
    for _ in range(25):
        loss = network.loss(network(L), L, ab)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]


def test_hints_are_read_where_they_are_taken(network):
    L, ab = example(network)
    if not network.takes_hints:
        pytest.skip("takes no hints")
    network.eval()
    hints = torch.cat((ab, torch.ones_like(L)), dim=1)
    assert not torch.allclose(network(L, hints), network(L))
    assert torch.equal(network(L, torch.zeros_like(hints)), network(L))


def test_facts_need_no_torch(network):
    seen = facts(network.name)
    cls = architecture_class(network.name)
    assert seen == (network.name, cls.family, cls.__doc__.splitlines()[0], cls.takes_hints, cls.has_distribution)
    assert seen.line.endswith(".")
    code = "import sys; from colorizer.architectures import *; from colorizer.architectures import facts\n"
    code += f"facts({network.name!r}); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(("key", "count"), PARAMETERS.items())
def test_parameter_counts(key, count):
    name, config = key
    assert build(name, **dict(config)).parameter_count == count


def test_flagship_is_small():
    assert build("mobile-unet").parameter_count < 4_000_000


def test_unknown_names_and_configs_are_said():
    with pytest.raises(ValueError, match=r"choose one of .*mobile-unet"):
        build("nothing")
    with pytest.raises(ValueError, match="mobile-unet does not take this config"):
        build("mobile-unet", depth=3)
    with pytest.raises(ValueError, match="choose one of"):
        facts("nothing")


def test_pretrained_encoders_fit():
    models = import_torchvision().models
    torch.manual_seed(0)
    resnet = models.resnet18(weights=None).eval()
    ours = build("resnet18-decoder").eval()
    ours.load_encoder(resnet.state_dict())
    gray = torch.rand(1, 1, 64, 64)
    x = gray.expand(-1, 3, -1, -1)
    for child in list(resnet.children())[:6]:
        x = child(x)
    assert torch.allclose(ours.midlevel_resnet(gray), x, atol=1e-4)

    mobile = models.mobilenet_v2(weights=None).eval()
    flagship = build("mobile-unet").eval()
    flagship.load_encoder(mobile.state_dict())
    # stride 1 layers are torchvision's; stride 2 pads right and below only, as the weights were trained
    stem, theirs = flagship.encoder.features[0], mobile.features[0]
    picture = torch.rand(1, 3, 32, 32)
    expected = theirs[2](theirs[1](F.conv2d(F.pad(picture, (0, 1, 0, 1)), theirs[0].weight, stride=2)))
    assert torch.allclose(stem(picture), expected, atol=1e-5)
    block = torch.rand(1, 24, 16, 16)
    assert torch.allclose(flagship.encoder.features[3](block), mobile.features[3](block), atol=1e-5)
    with pytest.raises(ValueError, match="no mobilenet_v2 weights"):
        flagship.load_encoder(resnet.state_dict())
    with pytest.raises(ValueError, match="no resnet18 weights"):
        ours.load_encoder(mobile.state_dict())


def test_bounded_hints_reach_every_scale():
    from colorizer.architectures.mobile_unet import pool_hints

    hints = torch.zeros(1, 3, 8, 8)
    hints[0, :, 1, 2] = torch.tensor([30.0, -20.0, 1.0])
    pooled = pool_hints(hints, 4)
    assert pooled[0, :, 0, 0].tolist() == pytest.approx([30, -20, 1], abs=1e-3)
    assert pooled[0, :, 1:, :].abs().sum() == 0


def test_gray_input_is_the_published_one():
    network = build("resnet18-decoder", input="gray", target="unit", upsample="nearest").eval()
    seen = []
    network.midlevel_resnet.register_forward_pre_hook(lambda _, x: seen.append(x[0]))
    from colorizer.lab import lightness

    levels = torch.arange(256, dtype=torch.uint8).reshape(16, 16)
    L = lightness(levels[..., None].expand(-1, -1, 3).numpy())[None, None]
    network(L)
    assert torch.allclose(seen[0][0, 0] * 255, levels.float(), atol=0.1)
