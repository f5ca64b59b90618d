"""One .safetensors file <-> a network and its card. No pickle, strict loading, float16 on disk.

The header holds JSON strings, so `list_checkpoints` can describe a file without reading its tensors.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import PATH, CheckpointError, expect
from ..files.atomic import whole_file
from .card import FORMAT, KINDS, WEIGHTS, Card, read_header

if TYPE_CHECKING:
    from torch import Tensor

    from ..architectures.contract import Architecture

FOREIGN = (".pth", ".pt")
"""Suffixes of published weights, which `published.convert` reads."""


def save_checkpoint(path: str | Path, network: Architecture, **card: Any) -> Card:
    """Write `network` as float16 with its card (any of title, recipe, metrics, history, licence, data, commit,
    working_size, temperature). The write is atomic."""
    import torch

    path = Path(path)
    tensors = {
        name: (value.to(torch.float16) if value.is_floating_point() else value).detach().cpu().contiguous()
        for name, value in network.state_dict().items()
    }
    header = {
        "architecture": network.name,
        "config": asdict(network.config),
        "working_size": network.working_size,
        "parameters": network.parameter_count,
        **card,
        "sha256": tensors_digest(tensors),
    }
    write_tensors(path, tensors, {"format": FORMAT, **_written(header)})
    return read_card(path)


def _written(entries: Mapping[str, Any]) -> dict[str, str]:
    """Entries of a header as JSON. Raises ValueError for one that no card has."""
    if unknown := set(entries) - set(KINDS):
        raise ValueError(f"a card has no {', '.join(sorted(unknown))}; it has {', '.join(KINDS)}")
    return {key: json.dumps(value) for key, value in entries.items()}


def write_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write a .safetensors file, whole or not at all (`whole_file`).

    Raises OSError, naming the file, if it cannot be written; an earlier file then stays as it was.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    try:
        with whole_file(path, error=None) as partial:
            save_file(dict(tensors), partial, metadata=dict(metadata))
    except (OSError, SafetensorError) as error:
        size = sum(tensor.nbytes for tensor in tensors.values()) / 1e6
        raise OSError(f"{path} ({size:.0f} MB) could not be written: {error}") from None


def update_card(path: str | Path, **changes: Any) -> Card:
    """Rewrite entries of a checkpoint's header; its tensors stay the same, bit for bit. Raises CheckpointError."""
    from safetensors import safe_open
    from safetensors.torch import load_file

    path = Path(path)
    read_card(path)
    with safe_open(path, framework="np") as file:
        metadata = {**file.metadata(), **_written(changes)}
    write_tensors(path, load_file(path), metadata)
    return read_card(path)


def read_card(path: str | Path) -> Card:
    """The card of one file, read from its header only; raises CheckpointError."""
    from safetensors import SafetensorError, safe_open

    path = Path(path)
    try:
        with safe_open(path, framework="np") as file:
            metadata = file.metadata() or {}
    except FileNotFoundError:
        raise CheckpointError.of("checkpoint_gone", name=path.name) from None
    except (SafetensorError, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)  # str() of an OSError names the path
        raise CheckpointError.of("checkpoint_unreadable", name=path.name, reason=reason) from None
    if metadata.get("format") != FORMAT:
        raise CheckpointError.of("checkpoint_foreign", name=path.name, format=FORMAT)
    try:
        return Card(name=path.stem, path=path, **read_header(metadata))
    except ValueError as error:
        raise CheckpointError.of("checkpoint_header", name=path.name, reason=str(error)) from None


def list_checkpoints(folder: str | Path = WEIGHTS) -> list[Card]:
    """A card for every .safetensors file in `folder`, sorted by name. A broken file gives a Card with `.error` set.

    Headers are read once for each version of a file: the page asks for its cards many times a second.
    """
    expect(folder, PATH, "A folder is given by its path", CheckpointError)
    return [_listed(path, _version(path)) for path in sorted(Path(folder).glob("*.safetensors"))]


@lru_cache(256)
def _listed(path: Path, version: tuple[int, ...]) -> Card:
    try:
        return read_card(path)
    except CheckpointError as error:
        return Card(name=path.stem, path=path, error=str(error))


def _version(path: Path) -> tuple[int, ...]:
    """Numbers that differ once the file is another; none if it cannot be seen."""
    try:
        seen = path.stat()
    except OSError:
        return ()
    return seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns


def find_checkpoint(name: str | Path, folder: str | Path = WEIGHTS) -> Path:
    """An existing path, or the file of that name in `folder`; raises CheckpointError that lists the known names, or
    says how weights in another format are imported."""
    expect(name, PATH, "A checkpoint is given by its name or its path", CheckpointError)
    expect(folder, PATH, "A folder is given by its path", CheckpointError)
    if Path(name).suffix == ".safetensors":
        if not os.path.isfile(name):
            raise CheckpointError.of("checkpoint_no_file", name=Path(name).name)
        return Path(name)
    path = Path(folder) / f"{name}.safetensors"
    foreign = [Path(name), *(Path(folder) / f"{name}{suffix}" for suffix in ("", *FOREIGN))]
    there = os.path.isfile(path)  # False for too long a name, too
    if not there and any(each.suffix and os.path.isfile(each) for each in foreign):
        raise CheckpointError.of("checkpoint_foreign", name=Path(name).name, format=FORMAT)
    if Path(name).name != str(name) or not there:
        raise unknown_checkpoint(str(name), [card.name for card in list_checkpoints(folder)])
    return path


def unknown_checkpoint(name: str, known: Sequence[str]) -> CheckpointError:
    """The error for a name that is not among the `known` checkpoints; it lists them."""
    if not known:
        return CheckpointError.of("checkpoint_none", name=name)
    return CheckpointError.of("checkpoint_unknown", name=name, known=", ".join(known))


def load_checkpoint(path: str | Path) -> tuple[Architecture, Card]:
    """The network (float32, on the CPU, in evaluation mode) and its card. Raises CheckpointError."""
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from ..architectures.registry import build

    card = read_card(path)
    try:
        network = build(card.architecture, **card.config)
        tensors = load_file(path)
        if tensors_digest(tensors) != card.sha256:
            raise CheckpointError.of("checkpoint_damaged", name=card.path.name)
        network.load_state_dict({k: v.to(torch.float32) if v.is_floating_point() else v for k, v in tensors.items()})
    except CheckpointError:
        raise
    except (ValueError, RuntimeError, SafetensorError) as error:
        raise _misfit(card, str(error).partition("\n")[0]) from None
    except (TypeError, ArithmeticError, LookupError, MemoryError):  # raised by a constructor for an invalid config
        raise _misfit(card, f"its config is not one of {card.architecture}") from None
    return network.eval(), card


def _misfit(card: Card, reason: str) -> CheckpointError:
    kind = "checkpoint_misfit" if card.architecture else "checkpoint_fits_none"
    return CheckpointError.of(kind, name=card.path.name, architecture=card.architecture, reason=reason)


def tensors_digest(tensors: Mapping[str, Tensor], beside: bytes = b"") -> str:
    """SHA-256 over `beside`, then the tensors' names, types, shapes and bytes, in order of names."""
    digest = hashlib.sha256(beside)
    for name in sorted(tensors):
        array = tensors[name].numpy()
        digest.update(f"{name}:{array.dtype}:{array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
