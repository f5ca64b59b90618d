"""A run's resumable state: one .safetensors file, written atomically and verified when read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import Tensor

from ..checkpoints.file import tensors_digest, write_tensors
from ..files.atomic import remove_partial_files, write_whole
from ..files.lock import alone_in
from .recipes import Recipe

FORMAT = "colorizer-state/1"
MAY_CHANGE = {"pictures", "epochs", "early_stopping"}
"""Settings that may change when a run is resumed: they say how long it is."""
_DEFAULTS: dict[str, Any] = json.loads(json.dumps(asdict(Recipe())))
KEPT = 2
"""How many states a run's folder keeps; older ones are deleted once a new one is safely on disk."""


class StateError(ValueError):
    """A state cannot be resumed or written; the message says what to do."""


def states(out: Path) -> list[Path]:
    """The states of a run, oldest first."""
    return sorted(out.glob("state-*.safetensors"))


def write_state(out: Path, step: int, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> Path:
    """Write `<out>/state-<step>.safetensors` and delete all but the last two states.

    If the process is killed at any moment, the earlier states are still there, and this one is complete or absent.
    `facts`: values that JSON can hold. Raises StateError when the disk is full; earlier states are left untouched.
    """
    stored = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    metadata = {"format": FORMAT, **{key: json.dumps(value) for key, value in facts.items()}}
    metadata["sha256"] = _digest(stored, metadata)
    path = out / f"state-{step:09}.safetensors"
    try:
        write_tensors(path, stored, metadata)
    except OSError as error:
        raise unwritten(out, str(error)) from None
    for old in states(out)[:-KEPT]:
        old.unlink(missing_ok=True)
    return path


def write_text(path: Path, text: str) -> None:
    """Write a file of a run, whole or not at all; raises StateError when the disk is full."""
    try:
        write_whole(path, text, error=None)
    except OSError as error:
        raise unwritten(path.parent, f"{path} could not be written: {error.strerror}") from None


def unwritten(out: Path, reason: str) -> StateError:
    """A sentence for a run that cannot write: the state that it goes on from."""
    earlier = states(out)
    goes_on = f": the run goes on from {earlier[-1].name}" if earlier else ", from the beginning"
    return StateError(f"{reason}; make room and start again{goes_on}")


def read_state(out: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """Tensors and facts of the last state in `out`, or None if there is none.

    Raises StateError for a file that is cut short, damaged or written by another program.
    """
    from safetensors import SafetensorError, safe_open

    found = states(out)
    if not found:
        return None
    path = found[-1]
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no dict
    except (SafetensorError, OSError) as error:
        raise StateError(f"{path.name} is torn ({error}); {_way_out(found)}") from None
    if metadata.get("format") != FORMAT:
        raise StateError(f"{path.name} is no state of a training run; {_way_out(found)}")
    claimed = metadata.pop("sha256", "")
    if _digest(tensors, metadata) != claimed:
        raise StateError(f"{path.name} is damaged (SHA-256 differs); {_way_out(found)}")
    return tensors, {key: json.loads(value) for key, value in metadata.items() if key != "format"}


def open_folder(out: Path) -> None:
    """Make a run's folder; raises StateError if that fails."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise StateError(f"{out} is a file; name a folder with --out") from None
    except OSError as error:
        raise StateError(f"{out} cannot be made a folder ({error.strerror}); name another --out") from None
    if not os.access(out, os.W_OK):
        raise StateError(f"nothing can be written to {out}; name another --out")


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Hold a run's folder; raises StateError when another training holds it. Deletes the partial files of a training
    that was killed while it wrote."""
    with ExitStack() as held:
        try:
            held.enter_context(alone_in(out))
        except BlockingIOError:
            raise StateError(f"another training is writing to {out}; wait for it, or name another --out") from None
        remove_partial_files(out)
        yield


def refuse_changes(out: Path, kept: tuple[Any, Mapping[str, Any]] | None, now: Mapping[str, Any]) -> None:
    """Raise StateError, naming the differences, if a state belongs to another run than the one requested.

    now: some of `network`, `recipe` and `pictures`, in the form a state stores. A setting of the recipe that an older
    state does not know had its default then; one that is gone counts no more.
    """
    facts: Mapping[str, Any] = kept[1] if kept else {}
    for what, values in now.items():
        requested = {key: value for key, value in json.loads(json.dumps(values)).items() if key not in MAY_CHANGE}
        then = {key: value for key, value in facts.get(what, requested).items() if key not in MAY_CHANGE}
        if what == "recipe":
            then = {key: then.get(key, _DEFAULTS.get(key)) for key in requested}
        if changed := difference(then, requested):
            other = "other pictures" if what == "pictures" else f"another {what}"
            raise StateError(
                f"{out} holds a run with {other} ({changed}); put that back to go on, or name another --out to start "
                "anew, with --init to keep what has been learnt"
            )


def difference(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """The changes between two sets of settings, as "rate 0.001 -> 0.002, flip true -> false"; "" if nothing did."""
    return ", ".join(
        f"{key} {json.dumps(then.get(key))} -> {json.dumps(now.get(key))}"
        for key in sorted({*then, *now})
        if then.get(key) != now.get(key)
    )


def _way_out(found: list[Path]) -> str:
    if len(found) > 1:
        return f"delete it, and the run goes on from {found[-2].name}"
    return "delete it to start the run anew"


def _digest(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> str:
    """SHA-256 over facts and tensors."""
    return tensors_digest(tensors, json.dumps(sorted(metadata.items())).encode())
