"""Every system by name. A file in `networks` registers itself: `resnet18_decoder.py` is "resnet18-decoder"."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import UserError

if TYPE_CHECKING:
    from .contract import Architecture

NETWORKS = Path(__file__).parent / "networks"


def list_architectures() -> list[str]:
    """Names in kebab-case, sorted. Reads only file names; imports no network."""
    files = NETWORKS.glob("[!_]*.py")
    return sorted(file.stem.replace("_", "-") for file in files)


def architecture_class(name: str) -> type[Architecture]:
    """The class for a name; raises ValueError that lists the known names."""
    if str(name) not in list_architectures():
        raise UserError(f"there is no architecture {name!r}; choose one of {', '.join(list_architectures())}")
    module = import_module(f"{__package__}.networks.{name.replace('-', '_')}")
    return module.ARCHITECTURE


def build(name: str, **config) -> Architecture:
    """A network with random weights. `config`: fields of its Config. Never downloads anything."""
    cls = architecture_class(name)
    try:
        settings = cls.Config(**config)
    except TypeError as error:
        raise UserError(f"{name} does not take this config: {error}") from error
    return cls(settings)


class Facts(NamedTuple):
    """The facts about an architecture that are known before torch is imported."""

    name: str
    family: str
    line: str
    """The first sentence of its docstring."""
    story: str
    """The first paragraph of its docstring: two sentences."""
    takes_hints: bool
    has_distribution: bool
    predicts_rgb: bool
    classifies: bool
    origin: str = ""
    """Author and year, or "" if it is ours."""
    has_finish: bool = False
    """Known of a checkpoint only: see `Card.facts`."""


@lru_cache
def facts(name: str) -> Facts:
    """Read an architecture's class attributes and docstring from its source, without importing it.

    The page uses these facts while torch is still loading. Raises ValueError for an unknown name.
    """
    if str(name) not in list_architectures():
        raise UserError(f"there is no architecture {name!r}; choose one of {', '.join(list_architectures())}")
    tree = ast.parse((NETWORKS / f"{name.replace('-', '_')}.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        values: dict[str, Any] = {}
        for statement in node.body:
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
                values |= {
                    target.id: statement.value.value for target in statement.targets if isinstance(target, ast.Name)
                }
        if values.get("name") == name:
            story = " ".join((ast.get_docstring(node) or "").partition("\n\n")[0].split())
            line = re.split(r"(?<=[.!?]) ", story)[0]
            bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
            flags = {flag: bool(values.get(flag, False)) for flag in ("takes_hints", "classifies")}
            flags["has_distribution"] = bool(values.get("has_distribution", "BinDistribution" in bases))
            flags["predicts_rgb"] = bool(values.get("predicts_rgb", "RgbRegression" in bases))
            origin = str(values.get("origin", ""))
            return Facts(name, str(values.get("family", "")), line, story, **flags, origin=origin)
    raise ValueError(f"{name.replace('-', '_')}.py has no class whose name is {name!r}")
