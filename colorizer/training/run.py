"""What a training run reads and writes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from .ranges import Range


@dataclass(frozen=True)
class Run:
    """What a run reads and writes; the recipe says how it learns."""

    data: tuple[str, ...]
    """Folders (any nesting), .tar or .zip files of photographs to learn from, or datasets by name, such as stl10."""
    validation: tuple[str, ...] = ()
    """Photographs to choose the best weights on; by default a share of `data` is held out."""
    out: str = ""
    """Folder for checkpoints, samples and states; by default runs/<architecture>. A state in it is continued."""
    gray_photos: tuple[str, ...] = ()
    """For a finish: black-and-white photographs, such as old ones. Nobody knows their colours. The network answers for
    hues that change within one thing, and a little to a judge with DINOv2."""
    cache: str = "runs/cache"
    """Folder for decoded pictures, which are read many times faster than JPEGs; "" decodes every time. It can be
    deleted between runs."""
    encoder: str = ""
    """Pretrained encoder: a .safetensors file with torchvision's names, or "torchvision" to download its weights."""
    judge: tuple[str, ...] = ()
    """For a finish: .safetensors files of what judges see with, DINOv2 ViT-S/14 or EfficientNet-Lites; several judges
    take turns, step by step."""
    realism: str = ""
    """Weights of an ImageNet encoder that taught nothing, such as EfficientNet-Lite0's; every validation then says how
    far coloured photographs look from true ones (KID)."""
    init: str = ""
    """A checkpoint to start from: a file, or a name in weights/. The network gets its config."""
    labelled: tuple[str, ...] = ()
    """For architectures that classify: the sources in `data` whose folders are named by class; by default all."""
    overfit: bool = False
    """Validate on the training pictures themselves: shows that learning works, not how good it is."""
    title: str = ""
    """One line for the checkpoint's card."""
    licence: str = ""
    """Terms of the weights, for the card."""
    data_note: str = ""
    """What the photographs are and their terms, for the card."""
    validate_every: Annotated[int, Range(0)] = 0
    """Pictures seen between two validations; 0 is a fifth of the run, 20,000 at most."""
    validation_pictures: Annotated[int, Range(1)] = 100
    """How many validation pictures are measured during training; the last validation measures all."""
    log_every: Annotated[int, Range(1)] = 50
    """Steps between two lines in log.jsonl and the trackers."""
    trackers: tuple[Literal["tensorboard", "wandb", "trackio"], ...] = ("tensorboard",)
    """Where figures and samples go beside log.jsonl; TensorBoard's files lie in the run's folder."""
    save_minutes: Annotated[float, Range(0)] = 5.0
    """Minutes between two resumable states; the last two are kept."""
    max_minutes: Annotated[float, Range(0)] = math.inf
    """Stop cleanly, with a state, after this time."""
    workers: Annotated[int, Range(0, 256)] = 1
    """Processes that decode or crop pictures; 0 does it in the training process."""
    compile: bool = False
    """Compile the network with torch.compile: faster steps after a first one that takes minutes."""

    def folder(self, architecture: str) -> Path:
        """The folder that the run writes to."""
        return Path(self.out or f"runs/{architecture}")
