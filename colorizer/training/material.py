"""The pictures a run learns from: finding, splitting and decoding them, and making batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from accelerate import Accelerator
from torch import Tensor

from ..architectures.registry import architecture_class
from ..data.crops import Crops, Schedule, batches
from ..data.files import (
    DataError,
    Picture,
    classes_of,
    digest_of_names,
    find_pictures,
    folders_of,
    open_to_measure,
    overlap,
    split,
)
from ..data.packed import Packed, pack, side_for
from .recipes import Recipe, Run


@dataclass(frozen=True)
class Material:
    """The pictures to learn from and to validate on."""

    pictures: list[Picture]
    """Training pictures; once they are packed, only the usable ones."""
    held_out: list[Picture]
    classes: list[str]
    """Class names, for architectures that classify."""
    labels: dict[Picture, int]
    packed: Packed | None = None
    """The pictures, decoded."""

    def digest(self) -> dict[str, Any]:
        """Digests of the pictures, which decide their order; a resumed run must find the same ones."""
        content = self.packed.folder.stem if self.packed else digest_of_names(self.pictures)
        return {"count": len(self.pictures), "content": content}

    def decoded(self, recipe: Recipe, run: Run, accelerator: Accelerator, say: Callable[[str], None]) -> Material:
        """The same material, packed, unless the run has no cache. Raises DataError."""
        if not run.cache:
            return self
        with accelerator.local_main_process_first():  # one process of each machine decodes, the others read
            packed = pack(self.pictures, side_for(recipe.sizes, recipe.smallest_crop), Path(run.cache), say)
        return replace(self, pictures=list(packed.pictures), packed=packed)

    def batches(self, step: int, recipe: Recipe, run: Run, accelerator: Accelerator) -> Iterator[tuple[Tensor, Tensor]]:
        """This process's part of every batch from `step` on, on its device: uint8 crops (B, 3, H, W), classes (B,)."""
        part, parts = accelerator.process_index, accelerator.num_processes
        schedule = Schedule(
            len(self.pictures), recipe.batch, recipe.sizes, recipe.seed, step, rank=part, world=parts,
            groups=folders_of(self.pictures), balance=recipe.balance,
        )  # fmt: skip
        crops = Crops(self.packed or self.pictures, recipe.seed, recipe.smallest_crop, labels=self.labels)
        return batches(crops, schedule, run.workers, accelerator.device)


def find_material(architecture: str, recipe: Recipe, run: Run) -> Material:
    """Find and split the pictures without decoding them. Raises DataError."""
    pictures, held_out = training_split(recipe, run)
    # Pictures held out of the data include gray ones; a validation set that the run names may have only gray ones.
    if run.validation and not any(open_to_measure([picture], 16)[0] for picture in held_out[: run.validation_pictures]):
        raise DataError("None of the validation pictures is a readable colour photograph; name others.")
    classes: list[str] = []
    labels: dict[Picture, int] = {}
    if architecture_class(architecture).classifies and recipe.class_weight:
        classes, labels = classes_of(find_pictures(run.labelled) if run.labelled else pictures)
        if len(classes) < 2 or not any(picture in labels for picture in pictures):
            raise DataError(
                f"{architecture} learns to name classes: put pictures into folders named by class (written the same "
                "way in --data and --labelled), or give --class-weight 0 to teach it colours alone."
            )
    return Material(pictures, held_out, classes, labels)


def training_split(recipe: Recipe, run: Run) -> tuple[list[Picture], list[Picture]]:
    """Training pictures and validation pictures, disjoint by name."""
    pictures = find_pictures(run.data)
    if run.overfit:
        return pictures, pictures
    if run.validation:
        held_out = find_pictures(run.validation)
        both = overlap(pictures, held_out)
        if both:
            raise DataError(
                f"{len(both)} of the {len(held_out)} validation pictures are in the training data too, {both[0].name} "
                "for one; take them out of either, or say --overfit if that is what you want to see."
            )
        return pictures, held_out
    pictures, held_out = split(pictures, recipe.held_out)
    copies = set(overlap(pictures, held_out))  # the same picture under another name
    pictures, held_out = pictures + [p for p in held_out if p in copies], [p for p in held_out if p not in copies]
    if not pictures or not held_out:
        raise DataError(
            f"Too few pictures ({len(pictures) + len(held_out)}) to hold {recipe.held_out:.0%} back for validation; "
            "add pictures, raise --held-out or name a validation set (--validation)."
        )
    return pictures, held_out
