"""Tests that every architecture must pass, and some for single ones."""

import re

import pytest
import torch
import torch.nn.functional as F
from conftest import colour_photo, representing
from small_networks import example, small

from colorizer import Colorizer, Hint, build, list_architectures
from colorizer.architectures.layers import HUBER, REGRESSION, regression
from colorizer.architectures.registry import architecture_class, facts
from colorizer.architectures.torchvision_import import import_torchvision
from colorizer.inference.reach import hints_for_network

PARAMETERS = [
    ("resnet18-decoder", {}, 954_722),
    ("resnet18-decoder", {"variant": "sigmoid"}, 954_530),
    ("conv-fc", {}, 7_482_976),
    ("conv-fc", {"width": 0.5}, 2_659_888),
    ("conv-fc", {"width": 0.5, "hidden": 2048}, 10_525_744),
    ("alpha", {}, 32_202),
    ("beta", {}, 3_892_194),
    ("fusion", {}, 6_541_202),
    ("conv-autoencoder", {}, 5_762),
    ("inception-skip", {}, 35_707_530),
    ("inception-skip", {"bridge": "reshape"}, 35_707_530),
    ("eccv16", {}, pytest.approx(32.24e6, rel=1e-3)),
    ("siggraph17", {}, pytest.approx(34.19e6, rel=1e-3)),
]
"""Counts printed by the projects themselves, read from their checkpoints, or said in the papers."""


def only(flag: str) -> list[str]:
    """Architectures that a test is about."""
    return [name for name in list_architectures() if getattr(facts(name), flag)]


@pytest.fixture(params=list_architectures())
def network(request):
    return small(request.param)


def test_contract(network):
    assert network.family in ("ours", "projects", "papers")
    assert network.working_size % network.stride == 0
    assert network.losses
    L, ab = example(network)
    inputs = [L] if network.fixed_size else [L, L.transpose(2, 3), L[:, :, : network.stride, : network.stride]]
    for x in inputs:
        network.eval()
        colours = network.to_ab(network(x), x)
        assert colours.shape[:2] == (2, 2)
        assert colours.dtype == torch.float32
        assert torch.isfinite(colours).all()
        assert colours.abs().max() < 400
        # one picture's colours do not depend on the others in its batch
        assert torch.allclose(network.to_ab(network(x[:1]), x[:1]), colours[:1], atol=1e-2)
    network.train()
    for kind in ("", *network.losses):
        loss = network.loss(network(L), L, ab, kind)
        assert loss.ndim == 0
        assert torch.isfinite(loss)


def whole_loss(network, L, ab, hints=None):
    prediction = network(L, hints)
    loss = network.loss(prediction, L, ab)
    if network.classifies:
        loss = loss + network.class_loss(prediction, torch.tensor([0, 1]))
    return loss


def test_every_parameter_learns(network):
    L, ab = example(network)
    hints = torch.cat((ab, torch.ones_like(L)), dim=1) if network.takes_hints else None
    whole_loss(network, L, ab, hints).backward()
    learning = {name: p for name, p in network.named_parameters() if p.requires_grad}
    assert not [name for name, p in learning.items() if p.grad is None or not p.grad.abs().sum() > 0]
    frozen = set(dict(network.named_parameters())) - set(learning)
    assert all(name.startswith(network.encoder_prefix + ".") for name in frozen)
    assert bool(frozen) == network.needs_encoder


@pytest.mark.parametrize("name", representing(list_architectures(), ["mobile-unet", "eccv16", "fusion"]))
def test_one_batch_is_learnt(name):
    """Overfitting one batch: within 30 steps the loss falls well below what the best constant colour could reach."""
    network = small(name)
    L, ab = example(network)
    optimizer = torch.optim.Adam([p for p in network.parameters() if p.requires_grad], 2e-3)
    losses = []
    while not losses or losses[-1] >= 0.9 * losses[0]:
        assert len(losses) < 30, losses
        loss = network.loss(network(L), L, ab)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())


@pytest.mark.parametrize("name", ["fusion", "inception-skip"])
def test_frozen_parts_stay_as_they_are(name):
    network = small(name)
    frozen = getattr(network, network.encoder_prefix)
    before = {name: value.clone() for name, value in frozen.state_dict().items()}
    L, ab = example(network)
    network.train()
    optimizer = torch.optim.Adam([p for p in network.parameters() if p.requires_grad], 1e-2)
    whole_loss(network, L, ab).backward()
    optimizer.step()
    assert all(torch.equal(before[name], value) for name, value in frozen.state_dict().items())
    assert not frozen.training


@pytest.mark.parametrize("name", only("classifies"))
def test_classes_are_probabilities(name):
    network = small(name)
    L, _ = example(network)
    network.eval()
    prediction = network(L)
    p = network.to_classes(prediction)
    assert p.shape == (2, network.config.classes)
    assert torch.allclose(p.sum(dim=1), torch.ones(2))
    unknown = network.class_loss(prediction, torch.tensor([-1, -1]))
    assert unknown == 0
    one = network.class_loss(prediction, torch.tensor([-1, 2]))
    # The mean over the batch, known or not: so the parts of a batch on several processes add up to the whole.
    assert one.item() == pytest.approx(-p[1, 2].log().item() / 2, abs=1e-4)


@pytest.mark.parametrize("name", only("predicts_rgb"))
def test_rgb_is_painted_where_it_stands(name):
    """The mistake for which a project gave up its U-Net: rows, columns and channels were mixed up."""
    network = small(name)
    picture = torch.rand(1, 3, 4, 6)
    assert torch.equal(network.to_rgb(picture), picture)
    ab = network.to_ab(picture, torch.zeros(1, 1, 4, 6))
    from colorizer.colour.lab import rgb_to_lab

    assert torch.allclose(ab[0, :, 1, 5], rgb_to_lab(picture[0, :, 1:2, 5:6])[1:, 0, 0], atol=1e-3)
    lab = rgb_to_lab(picture)
    assert network.loss(picture, lab[:, :1], lab[:, 1:]) < 1e-8


@pytest.mark.parametrize("name", only("takes_hints"))
def test_hints_are_read_where_they_are_taken(name):
    network = small(name)
    L, ab = example(network)
    network.eval()
    hints = torch.cat((ab, torch.ones_like(L)), dim=1)
    told, untold, silent = (network.to_ab(network(L, h), L) for h in (hints, None, torch.zeros_like(hints)))
    assert not torch.allclose(told, untold)
    assert torch.equal(silent, untold)


@pytest.mark.parametrize("name", only("takes_hints"))
def test_a_weaker_hint_is_nearer_to_the_networks_own_colour(name):
    network = small(name).eval()
    L, _ = example(network, batch=1)
    own = network.to_ab(network(L), L)[0].mean(dim=(1, 2))  # untrained, it says about the same everywhere
    for strength in (0.25, 0.5):
        hint = Hint(10, 5, (80.0, -40.0), reach="picture", strength=strength)
        (told,) = hints_for_network(network, network(L), L, [hint], (1.0,), L.shape[2:])
        wanted = own + strength * (torch.tensor(hint.ab) - own)
        assert told.ab == pytest.approx(wanted.tolist(), abs=3), name
    network.working_size = 64
    colours = Colorizer(network).colorize(colour_photo(64, 48), [hint, hint._replace(x=5.0, reach=None)]).low_ab
    assert torch.isfinite(colours).all()


def test_facts_are_those_of_the_class(network):
    seen = facts(network.name)
    cls = architecture_class(network.name)
    assert (seen.name, seen.family, seen.origin) == (network.name, cls.family, cls.origin)
    assert bool(seen.origin) == (seen.family != "ours")
    for flag in ("takes_hints", "has_distribution", "predicts_rgb", "classifies"):
        assert getattr(seen, flag) == getattr(cls, flag)
    assert len(re.findall(r"[.!?](?: |$)", seen.story)) == 2, "a story is two sentences"


@pytest.fixture
def unset(monkeypatch):
    """Parameters keep whatever values their memory has, which takes no time."""
    for name in ("kaiming_uniform_", "kaiming_normal_", "xavier_uniform_", "trunc_normal_", "normal_", "uniform_"):
        monkeypatch.setattr(torch.nn.init, name, lambda tensor, *_, **named: tensor)


@pytest.mark.parametrize(("name", "config", "count"), PARAMETERS)
def test_parameter_counts(unset, name, config, count):
    assert build(name, **config).parameter_count == count


def test_inception_skip_with_its_frozen_part_is_the_published_size(unset):
    network = build("inception-skip")
    moving = sum(b.numel() for name, b in network.backbone.named_buffers() if "num_batches" not in name)
    resnet = sum(p.numel() for p in network.backbone.parameters()) + moving
    keras_biases = sum(m.out_channels for m in network.backbone.modules() if isinstance(m, torch.nn.Conv2d))
    # Keras counts moving statistics, and its ResNet-50 has biases that batch norm makes idle
    assert network.parameter_count + resnet + keras_biases == 59_295_242


def test_published_bridge_scatters_and_ours_does_not():
    ours = build("inception-skip", width=0.25, classes=3, backbone="mobilenet-v2").eval()
    told = torch.rand(1, 128)
    spread = ours._spread(told, 1, torch.zeros(1, 1, 14, 14))
    assert torch.equal(spread, spread[:, :, :1, :1].expand_as(spread))
    published = build("inception-skip", classes=3, backbone="mobilenet-v2", bridge="reshape")
    assert published.fixed_size
    scattered = published._spread(torch.rand(1, 512), 1, torch.zeros(1, 1, 14, 14))
    assert scattered.shape == (1, 128, 14, 14)
    assert torch.equal(scattered[..., :4], scattered[..., 4:8])  # a period of four pixels
    assert not torch.equal(scattered[..., 0], scattered[..., 1])
    with pytest.raises(ValueError, match="224 x 224"):
        published(torch.zeros(1, 1, 64, 64))


def test_published_autoencoder_cannot_say_green():
    network = build("conv-autoencoder", size=64, head="sigmoid").eval()
    L = torch.rand(1, 1, 64, 64) * 100
    assert network.to_ab(network(L), L).min() >= 0
    with pytest.raises(ValueError, match="12 n"):
        build("conv-autoencoder", size=60)


def test_siggraph_stages_teach_what_they_should():
    for stage, trunk_by_colours, trunk_by_classes in (
        ("joint", True, True), ("classification", False, True), ("regression", True, False)
    ):  # fmt: skip
        network = build("siggraph17", width=0.125, stage=stage)
        L, _ = example(network)
        for part, reaches in (("ab", trunk_by_colours), ("bins", trunk_by_classes)):
            network.zero_grad(set_to_none=True)
            getattr(network(L), part).square().sum().backward()
            assert (network.model4[0].weight.grad is not None) == reaches, (stage, part)


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
    from colorizer.architectures.networks.mobile_unet import pool_hints

    hints = torch.zeros(1, 3, 8, 8)
    hints[0, :, 1, 2] = torch.tensor([30.0, -20.0, 1.0])
    pooled = pool_hints(hints, 4)
    assert pooled[0, :, 0, 0].tolist() == pytest.approx([30, -20, 1], abs=1e-3)
    assert pooled[0, :, 1:, :].abs().sum() == 0


def test_gray_input_is_the_published_one():
    network = build("resnet18-decoder", input="gray", target="unit", upsample="nearest").eval()
    seen = []
    network.midlevel_resnet.register_forward_pre_hook(lambda _, x: seen.append(x[0]))
    from colorizer.colour.whole_photo import lightness

    levels = torch.arange(256, dtype=torch.uint8).reshape(16, 16)
    L = lightness(levels[..., None].expand(-1, -1, 3).numpy())[None, None]
    network(L)
    assert torch.allclose(seen[0][0, 0] * 255, levels.float(), atol=0.1)


def test_by_hand():
    prediction = torch.tensor([0.0, 0.0, 3.0, 0.0]).reshape(2, 1, 1, 2)
    target = torch.tensor([1.0, 1.0, 0.0, 0.0]).reshape(2, 1, 1, 2)
    assert regression("mse", prediction, target) == pytest.approx((1 + 1 + 9) / 4)
    assert regression("mae", prediction, target) == pytest.approx((1 + 1 + 3) / 4)
    assert regression("rmse", prediction, target) == pytest.approx((1 + 4.5**0.5) / 2)  # picture by picture
    h = HUBER
    assert regression("smooth-l1", prediction, target) == pytest.approx((2 * (1 - h / 2) + 3 - h / 2) / 4)
    with pytest.raises(ValueError, match="choose one of mse, rmse, mae, smooth-l1"):
        regression("l7", prediction, target)


@pytest.mark.parametrize("kind", REGRESSION)
def test_means_do_not_depend_on_the_batch(kind):
    generator = torch.Generator().manual_seed(0)
    a, b = torch.rand(2, 4, 2, 5, 5, generator=generator)
    one = regression(kind, a, b)
    assert torch.allclose(regression(kind, a.repeat(3, 1, 1, 1), b.repeat(3, 1, 1, 1)), one)
    assert regression(kind, b, b) == pytest.approx(0, abs=1e-5)
    b.requires_grad = True
    regression(kind, b, b.detach()).backward()
    assert torch.isfinite(b.grad).all()
