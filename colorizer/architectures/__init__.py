"""Every system, one file each. Dropping a file in registers it: `resnet18_decoder.py` is "resnet18-decoder"."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._base import Architecture


def list_architectures() -> list[str]:
    """Names in kebab-case, sorted. Reads file names only; imports no network."""
    files = Path(__file__).parent.glob("[!_]*.py")
    return sorted(file.stem.replace("_", "-") for file in files)


def architecture_class(name: str) -> type[Architecture]:
    """The class behind a name; raises ValueError that lists the names there are."""
    if name not in list_architectures():
        raise ValueError(f"there is no architecture {name!r}; choose one of {', '.join(list_architectures())}")
    module = import_module(f"{__name__}.{name.replace('-', '_')}")
    return module.ARCHITECTURE


def build(name: str, **config) -> Architecture:
    """A network with random weights. `config` are the fields of its Config; nothing is ever downloaded."""
    cls = architecture_class(name)
    try:
        settings = cls.Config(**config)
    except TypeError as error:
        raise ValueError(f"{name} does not take this config: {error}") from error
    return cls(settings)
