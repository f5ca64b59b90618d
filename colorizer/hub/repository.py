"""Loads a Colorizer from the Hugging Face Hub and uploads it, by huggingface_hub's own conventions.

A repository or a folder holds `model.safetensors`, an ordinary checkpoint of this project; `config.json`, by which the
Hub counts downloads; and `README.md`, a model card made from the checkpoint's header.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
from huggingface_hub import ModelCard, ModelHubMixin, constants, hf_hub_download
from huggingface_hub.errors import (
    GatedRepoError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from ..checkpoints.card import FORMAT
from ..checkpoints.file import load_checkpoint, save_checkpoint
from ..errors import CheckpointError
from ..files.atomic import write_whole
from .model_card import LIBRARY, model_card

if TYPE_CHECKING:
    from ..inference.colorizer import Colorizer

T = TypeVar("T", bound="Colorizer")

MODEL, CONFIG = constants.SAFETENSORS_SINGLE_FILE, constants.CONFIG_NAME
"""model.safetensors and config.json."""
REPOSITORY = re.compile(r"\w[\w.-]*/\w[\w.-]*(?<!\.safetensors)")
TROUBLE = (httpx.HTTPError, HFValidationError, OSError)
"""Errors that huggingface_hub may raise."""


def from_pretrained(cls: type[T], pretrained_model_name_or_path: str | Path, *, device: str, **options: Any) -> T:
    """Implements `Colorizer.from_pretrained`; `cls` is the class to instantiate."""
    given = str(pretrained_model_name_or_path)
    folder = Path(given)
    if os.path.isdir(folder):
        name, file = folder.resolve().name, folder / MODEL
        if not file.is_file():
            raise CheckpointError(f"The folder {name} holds no {MODEL}; name one that Colorizer.save_pretrained wrote.")
    elif isinstance(pretrained_model_name_or_path, Path) or not REPOSITORY.fullmatch(given):
        raise CheckpointError(
            f"There is no folder {given}, and a repository on the Hub is written owner/name; for a file, or a name "
            "in weights/, there is Colorizer.from_checkpoint."
        )
    else:
        name, file = given, _download(given, options)
    network, card = load_checkpoint(file)
    return cls(network, card=replace(card, name=name), device=device)


class Repository(ModelHubMixin):
    """A Colorizer as huggingface_hub expects it: saves it to a folder or uploads it."""

    # The checkpoint's header holds everything; without this the mixin also stores the constructor's arguments.
    _hub_mixin_config: dict[str, Any] = {}  # noqa: RUF012

    def __init__(self, colorizer: Colorizer):
        self.colorizer = colorizer

    def _save_pretrained(self, save_directory: Path) -> None:
        """Write the checkpoint, with tensors and header as they were read, and config.json."""
        card = self.colorizer.card
        same = ("temperature", "title", "recipe", "metrics", "history", "licence", "data", "classes", "commit")
        entries = {name: getattr(card, name) for name in same}
        entries["working_size"] = self.colorizer.working_size
        saved = save_checkpoint(save_directory / MODEL, self.colorizer.architecture, **entries)
        config = {
            "library_name": LIBRARY,
            "format": FORMAT,
            "architecture": saved.architecture,
            "config": dict(saved.config),
            "working_size": saved.working_size,
        }
        write_whole(save_directory / CONFIG, json.dumps(config, indent=2) + "\n")

    def generate_model_card(self, *args: Any, repo_id: str = "", **kwargs: Any) -> ModelCard:
        """The README.md to publish with the weights. repo_id: "owner/name", if known."""
        network = self.colorizer.architecture
        card = replace(
            self.colorizer.card,
            architecture=network.name,
            config=asdict(network.config),
            parameters=network.parameter_count,
            working_size=self.colorizer.working_size,
        )
        return model_card(card, repo_id)

    def push_to_hub(self, repo_id: str, **options: Any) -> str:
        """Implements `Colorizer.push_to_hub`."""
        words = {"repo_id": repo_id, **(options.pop("model_card_kwargs", None) or {})}
        try:
            return super().push_to_hub(repo_id, model_card_kwargs=words, **options)
        except TROUBLE as error:
            raise _plainly(error, repo_id) from None


def _download(repo_id: str, options: dict[str, Any]) -> Path:
    """Download a repository's checkpoint to huggingface_hub's cache; raises CheckpointError."""
    try:
        file = hf_hub_download(repo_id, MODEL, library_name=LIBRARY, **options)
        with suppress(RemoteEntryNotFoundError, LocalEntryNotFoundError):
            # Requested only because the Hub counts downloads by it.
            hf_hub_download(repo_id, CONFIG, library_name=LIBRARY, **options)
    except TROUBLE as error:
        raise _plainly(error, repo_id) from None
    return Path(file)


def _plainly(error: Exception, repo_id: str) -> CheckpointError:
    """One sentence that says what went wrong with the Hub and what to do."""
    said = {
        GatedRepoError: "asks for permission first; get it on its page, then log in by `hf auth login`",
        RepositoryNotFoundError: "is not on the Hub, or not for you; check the name, or log in by `hf auth login`",
        RevisionNotFoundError: "has no such revision; leave it out for the newest",
        RemoteEntryNotFoundError: f"holds no {MODEL}, so it is no Colorizer's",
    }
    for kind, sentence in said.items():
        if isinstance(error, kind):
            return CheckpointError(f"{repo_id} {sentence}.")
    offline = constants.HF_HUB_OFFLINE and isinstance(error, LocalEntryNotFoundError)
    if offline or isinstance(error, OfflineModeIsEnabled):
        return CheckpointError(
            f"HF_HUB_OFFLINE forbids to ask the Hub for {repo_id}, and this computer's cache lacks it; unset it, or "
            "name a folder."
        )
    if isinstance(error, LocalEntryNotFoundError):
        return CheckpointError(f"The Hub could not be reached, and this computer's cache has no {repo_id}.")
    if getattr(getattr(error, "response", None), "status_code", 0) in (401, 403):
        return CheckpointError(f"The Hub does not let you into {repo_id}; log in by `hf auth login`.")
    reason = " ".join(str(error).split()) or "for a reason that it does not tell"
    return CheckpointError(f"The Hub did not answer as it should for {repo_id}: {reason[:300]}")
