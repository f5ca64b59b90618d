"""The training loop: any architecture, any recipe, one process or many (accelerate), resumable.

A step is a pure function of the recipe, its number and the weights: batches, flips, jitter and hints are seeded by
the step's number, so a run continues from its last state as if it had never stopped.
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import torch
from accelerate import Accelerator
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader
from tqdm import tqdm

from .architectures import build
from .architectures._base import Architecture
from .checkpoint import Card
from .data import Crops, DataError, Picture, Schedule, find_pictures, split, to_lab
from .hints import simulate
from .recipes import Recipe
from .validation import Progress, card_writer, validate


@dataclass(frozen=True)
class Run:
    """What a run reads and writes; how it learns is the recipe's affair."""

    data: tuple[str, ...]
    """Folders (any nesting), .tar or .zip files of photographs to learn from."""
    validation: tuple[str, ...] = ()
    """Photographs to choose the best weights on; by default a share of `data` is held out."""
    out: str = ""
    """Folder for checkpoints, samples and state; by default runs/<architecture>. A state in it is continued."""
    encoder: str = ""
    """Pretrained encoder: a .safetensors file with torchvision's names, or "torchvision" to download its weights."""
    init: str = ""
    """A checkpoint file whose weights to start from."""
    title: str = ""
    """One line for the checkpoint's card."""
    licence: str = ""
    """Terms of the weights, for the card."""
    data_note: str = ""
    """What the photographs are and their terms, for the card."""
    validate_every: int = 20_000
    """Pictures seen between two validations."""
    validation_pictures: int = 100
    """How many validation pictures are looked at while training; the last validation sees all."""
    save_minutes: float = 5.0
    """Minutes between two resumable states."""
    max_minutes: float = math.inf
    """Stop cleanly, with a state, after this time."""
    workers: int = 1
    """Processes that decode pictures."""


def train(architecture: str, config: dict[str, Any], recipe: Recipe, run: Run) -> Card:
    """Train and return the card of the best weights, `<out>/best.safetensors`.

    Raises DataError for unusable data and ValueError for settings that do not fit.
    """
    torch.manual_seed(recipe.seed)
    network = build(architecture, **config)
    if any(size % network.stride for size in recipe.sizes):
        raise ValueError(f"sizes must be multiples of {network.stride} for {architecture}, not {recipe.sizes}")
    pictures, held_out = training_split(recipe, run)
    start_weights(network, run)
    network.working_size = max(recipe.sizes)  # type: ignore[misc]  # what it was trained on is what it is best at
    accelerator = Accelerator(mixed_precision=recipe.precision)
    out = Path(run.out or f"runs/{architecture}")
    out.mkdir(parents=True, exist_ok=True)

    optimizer = make_optimizer(network, recipe)
    network.to(accelerator.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(recipe.ema), use_buffers=True)
    averaged = cast(Architecture, average.module)
    progress = load_state(out, recipe, network, average, optimizer)
    trained, optimizer = accelerator.prepare(network, optimizer)

    crops = Crops(pictures, recipe.seed, recipe.smallest_crop)
    schedule = Schedule(len(crops), recipe.batch, recipe.sizes, recipe.seed, start=progress.step)
    loader = DataLoader(crops, batch_sampler=schedule, num_workers=run.workers, persistent_workers=run.workers > 0)
    steps = math.ceil(recipe.pictures / recipe.batch)
    describe = card_writer(recipe, out, title=run.title, licence=run.licence, data=run.data_note)
    started = saved = time.monotonic()
    bar = tqdm(
        total=steps,
        initial=progress.step,
        unit="step",
        dynamic_ncols=True,
        disable=not accelerator.is_main_process,
    )
    if progress.step < steps:
        for batch in loader:
            loss = train_step(accelerator, trained, network, optimizer, batch, recipe, progress.step, steps)
            average.update_parameters(network)
            progress.step += 1
            progress.loss = loss if math.isnan(progress.loss) else 0.98 * progress.loss + 0.02 * loss
            bar.update()
            bar.set_postfix(loss=f"{progress.loss:.4f}")
            seen = progress.step * recipe.batch
            if seen // run.validate_every > (seen - recipe.batch) // run.validate_every and progress.step < steps:
                validate(averaged, held_out[: run.validation_pictures], progress, recipe, describe, bar.write)
            stop = time.monotonic() - started > run.max_minutes * 60
            if stop or time.monotonic() - saved > run.save_minutes * 60:
                save_state(out, recipe, network, average, optimizer, progress)
                saved = time.monotonic()
            if stop or progress.step == steps:
                break
    save_state(out, recipe, network, average, optimizer, progress)
    if progress.step == steps:
        validate(averaged, held_out, progress, recipe, describe, bar.write, final=True)
    bar.close()
    return describe(averaged, progress, "last")


def training_split(recipe: Recipe, run: Run) -> tuple[list[Picture], list[Picture]]:
    """Pictures to learn from and pictures to validate on, disjoint by name."""
    pictures = find_pictures(run.data)
    if run.validation:
        return pictures, find_pictures(run.validation)
    pictures, held_out = split(pictures, recipe.held_out)
    if not pictures or not held_out:
        raise DataError(
            f"{len(pictures) + len(held_out)} pictures are too few to hold {recipe.held_out:.0%} back for validation; "
            "add pictures, raise held_out or name a validation set."
        )
    return pictures, held_out


def start_weights(network: Architecture, run: Run) -> None:
    """Fill the network from a checkpoint or its encoder from pretrained weights, as the run asks."""
    from safetensors.torch import load_file

    if run.init:
        from .checkpoint import load_checkpoint

        network.load_state_dict(load_checkpoint(run.init)[0].state_dict())
    if run.encoder == "torchvision":
        from .architectures._torchvision import import_torchvision

        names = {"mobile-unet": "mobilenet_v2", "resnet18-decoder": "resnet18"}
        if network.name not in names:
            raise ValueError(f"torchvision has no encoder for {network.name}; leave --encoder out")
        weights = import_torchvision().models.get_model(names[network.name], weights="DEFAULT").state_dict()
        network.load_encoder(weights)
    elif run.encoder:
        network.load_encoder(load_file(run.encoder))


def make_optimizer(network: Architecture, recipe: Recipe) -> torch.optim.Optimizer:
    """One parameter group for each of (encoder or not) x (decayed or not); norms and biases are not decayed."""
    groups: dict[tuple[float, float], list[Tensor]] = {}
    for name, parameter in network.named_parameters():
        inside = bool(network.encoder_prefix) and name.startswith(network.encoder_prefix + ".")
        factor = recipe.encoder_rate if inside else 1.0
        decay = recipe.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((factor, decay), []).append(parameter)
    parameters = [{"params": p, "factor": f, "weight_decay": d} for (f, d), p in groups.items()]
    kind = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam}[recipe.optimizer]
    return kind(parameters, lr=recipe.rate)


def rate_at(step: int, steps: int, recipe: Recipe) -> float:
    """The learning rate of step `step` of `steps`."""
    warm = min(1.0, (step + 1) / max(1, recipe.warmup))
    if recipe.schedule == "constant":
        return recipe.rate * warm
    lowest = 0.02
    return recipe.rate * warm * (lowest + (1 - lowest) * 0.5 * (1 + math.cos(math.pi * step / steps)))


def train_step(
    accelerator: Accelerator,
    trained: torch.nn.Module,
    network: Architecture,
    optimizer: torch.optim.Optimizer,
    batch: Tensor,
    recipe: Recipe,
    step: int,
    steps: int,
) -> float:
    """One batch of uint8 crops (B, 3, H, W): forward, backward, update; returns the loss."""
    trained.train()
    generator = torch.Generator().manual_seed(recipe.seed * 1_000_003 + step)
    L, ab = to_lab(batch.to(accelerator.device), generator, recipe.jitter)
    network.observe(ab)
    hints = None
    if network.takes_hints and torch.rand((), generator=generator) < recipe.hints:
        hints = simulate(ab, generator)
    for group in optimizer.param_groups:
        group["lr"] = rate_at(step, steps, recipe) * group["factor"]
    loss = network.loss(trained(L.contiguous(memory_format=torch.channels_last), hints), L, ab)
    accelerator.backward(loss)
    if recipe.clip:
        accelerator.clip_grad_norm_(network.parameters(), recipe.clip)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return float(loss.detach())


def save_state(out: Path, recipe: Recipe, network, average, optimizer, progress: Progress) -> None:
    """Write `<out>/state.pt`, whole or not at all."""
    state = {
        "recipe": json.dumps(asdict(recipe)),
        "network": network.state_dict(),
        "average": average.state_dict(),
        "optimizer": optimizer.state_dict(),
        "progress": asdict(progress),
    }
    torch.save(state, out / "state.part")
    (out / "state.part").replace(out / "state.pt")


def load_state(out: Path, recipe: Recipe, network, average, optimizer) -> Progress:
    """Continue `<out>/state.pt` if there is one; raises ValueError when it was made with another recipe."""
    if not (out / "state.pt").exists():
        return Progress()
    state = torch.load(out / "state.pt", weights_only=True)
    stored, asked = json.loads(state["recipe"]), json.loads(json.dumps(asdict(recipe)))
    changed = [key for key in asked if stored.get(key) != asked[key] and key != "pictures"]
    if changed:
        raise ValueError(
            f"{out} holds a run with another recipe ({', '.join(changed)}); name another --out to start anew"
        )
    network.load_state_dict(state["network"])
    average.load_state_dict(state["average"])
    optimizer.load_state_dict(state["optimizer"])
    return Progress(**state["progress"])
