import pytest

from colorizer import list_architectures
from colorizer.training.protocols import PROTOCOLS, recipe_for
from colorizer.training.recipes import Recipe


@pytest.mark.parametrize("name", list_architectures())
def test_every_architecture_has_a_recipe_of_ours(name):
    recipe, config = recipe_for(name)
    assert isinstance(recipe, Recipe)
    assert not config


def test_protocols_are_for_architectures_that_exist():
    for protocol in PROTOCOLS.values():
        assert protocol.line.endswith(".")
        assert set(protocol.recipes) - {""} <= set(list_architectures())
        assert set(protocol.config) <= set(protocol.recipes)
    projects = {"alpha", "beta", "fusion", "conv-autoencoder", "conv-fc", "unet-rgb", "inception-skip", "vgg-fcn",
                "eccv16", "siggraph17", "iizuka16", "resnet18-decoder"}  # fmt: skip
    covered = set().union(*(p.recipes for name, p in PROTOCOLS.items() if name != "ours"))
    assert projects <= covered


def test_a_protocol_can_be_tried_on_another_architecture():
    assert recipe_for("unet-rgb", "bianchini")[0] == recipe_for("resnet18-decoder", "bianchini")[0]
    with pytest.raises(ValueError, match="choose one of ours"):
        recipe_for("alpha", "nobody")
