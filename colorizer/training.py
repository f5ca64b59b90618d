"""The training loop: any architecture, any recipe, resumable.

A step is a pure function of the recipe, its number and the weights: batches, flips, jitter and hints are seeded by
the step's number, so a run continues from its last state as if it had never stopped.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import torch
from accelerate import Accelerator
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader
from tqdm import tqdm

from .architectures import architecture_class, build
from .architectures._base import Architecture
from .checkpoint import Card
from .data import Crops, DataError, Picture, Schedule, classes_of, find_pictures, overlap, split, to_lab, warp
from .datasets import resolve
from .hints import simulate
from .recipes import Recipe
from .validation import Progress, card_writer, validate


@dataclass(frozen=True)
class Run:
    """What a run reads and writes; how it learns is the recipe's affair."""

    data: tuple[str, ...]
    """Folders (any nesting), .tar or .zip files of photographs to learn from, or datasets by name, such as stl10."""
    validation: tuple[str, ...] = ()
    """Photographs to choose the best weights on; by default a share of `data` is held out."""
    out: str = ""
    """Folder for checkpoints, samples and state; by default runs/<architecture>. A state in it is continued."""
    encoder: str = ""
    """Pretrained encoder: a .safetensors file with torchvision's names, or "torchvision" to download its weights."""
    init: str = ""
    """A checkpoint file whose weights to start from."""
    labelled: tuple[str, ...] = ()
    """Those of `data` whose folders are named by class, for architectures that classify; by default all."""
    overfit: bool = False
    """Validate on the training pictures themselves: shows that learning works, not how good it is."""
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
    pictures, held_out = training_split(recipe, run)
    classes: list[str] = []
    labels: dict[Picture, int] = {}
    if architecture_class(architecture).classifies and recipe.class_weight:
        classes, labels = classes_of(find_pictures(resolve(run.labelled)) if run.labelled else pictures)
        if len(classes) < 2 or not any(picture in labels for picture in pictures):
            raise DataError(
                f"{architecture} learns to name classes: put pictures into folders named by class (written the same "
                "way in --data and --labelled), or give --class-weight 0 to teach it colours alone."
            )
        config = {**config, "classes": len(classes)}
    network = build(architecture, **config)
    check_fit(network, recipe, run)
    start_weights(network, run)
    network.working_size = max(recipe.sizes)  # what it was trained on is what it is best at
    accelerator = Accelerator(mixed_precision=recipe.precision)
    out = Path(run.out or f"runs/{architecture}")
    out.mkdir(parents=True, exist_ok=True)

    optimizer = make_optimizer(network, recipe)
    network.to(accelerator.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(recipe.ema), use_buffers=True)
    averaged = cast(Architecture, average.module)
    progress = load_state(out, recipe, network, average, optimizer)
    trained, optimizer = accelerator.prepare(network, optimizer)

    crops = Crops(pictures, recipe.seed, recipe.smallest_crop, labels=labels)
    schedule = Schedule(len(crops), recipe.batch, recipe.sizes, recipe.seed, start=progress.step)
    loader = DataLoader(crops, batch_sampler=schedule, num_workers=run.workers, persistent_workers=run.workers > 0)
    epoch = len(crops) / recipe.batch
    steps = math.ceil(recipe.epochs * epoch) if recipe.epochs else math.ceil(recipe.pictures / recipe.batch)
    describe = card_writer(recipe, out, title=run.title, licence=run.licence, data=run.data_note, classes=classes)
    started = saved = time.monotonic()
    bar = tqdm(
        total=steps,
        initial=progress.step,
        unit="step",
        dynamic_ncols=True,
        disable=not accelerator.is_main_process,
    )
    if progress.step < steps:
        for batch in _plainly(loader):
            rate = rate_at(progress.step, steps, recipe, epoch) * progress.rate_factor
            seen = (progress.step + 1) * recipe.batch
            due = seen // run.validate_every > (seen - recipe.batch) // run.validate_every or progress.step + 1 == steps
            loss = train_step(accelerator, trained, network, optimizer, batch, recipe, progress.step, rate)
            if due:
                progress.dead_units = dead_units(network)
            optimizer.zero_grad(set_to_none=True)
            average.update_parameters(network)
            progress.step += 1
            progress.loss = loss if math.isnan(progress.loss) else 0.98 * progress.loss + 0.02 * loss
            bar.update()
            bar.set_postfix(loss=f"{progress.loss:.4f}")
            if due and progress.step < steps:
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
        save_state(out, recipe, network, average, optimizer, progress)  # a longer run knows what was best so far
    bar.close()
    return describe(averaged, progress, "last")


def _plainly(loader: Iterable[Any]) -> Iterator[Any]:
    """The batches; what a worker process has to say about the data without the traceback it wraps it in."""
    try:
        yield from loader
    except DataError as error:
        raise DataError(str(error).strip().splitlines()[-1].rpartition("DataError: ")[2]) from None


def training_split(recipe: Recipe, run: Run) -> tuple[list[Picture], list[Picture]]:
    """Pictures to learn from and pictures to validate on, disjoint by name."""
    pictures = find_pictures(resolve(run.data))
    if run.overfit:
        return pictures, pictures
    if run.validation:
        held_out = find_pictures(resolve(run.validation))
        both = overlap(pictures, held_out)
        if both:
            raise DataError(
                f"{len(both)} of the {len(held_out)} validation pictures are in the training data too, {both[0].name} "
                "for one; take them out of either, or say --overfit if that is what you want to see."
            )
        return pictures, held_out
    pictures, held_out = split(pictures, recipe.held_out)
    copies = set(overlap(pictures, held_out))  # under another name
    pictures, held_out = pictures + [p for p in held_out if p in copies], [p for p in held_out if p not in copies]
    if not pictures or not held_out:
        raise DataError(
            f"{len(pictures) + len(held_out)} pictures are too few to hold {recipe.held_out:.0%} back for validation; "
            "add pictures, raise held_out or name a validation set."
        )
    return pictures, held_out


def check_fit(network: Architecture, recipe: Recipe, run: Run) -> None:
    """Raise ValueError for a recipe that cannot train this network, or only with a mistake others made before."""
    name = network.name
    if network.fixed_size and set(recipe.sizes) != {network.working_size}:
        raise ValueError(f"{name} takes pictures of {network.working_size} pixels only; give --sizes accordingly")
    if any(size % network.stride for size in recipe.sizes):
        raise ValueError(f"sizes must be multiples of {network.stride} for {name}, not {recipe.sizes}")
    if recipe.loss and recipe.loss not in network.losses:
        raise ValueError(
            f"{name} cannot be trained with the loss {recipe.loss!r}; it takes {', '.join(network.losses)}"
        )
    norms = (module for module in network.modules() if isinstance(module, torch.nn.modules.batchnorm._BatchNorm))
    if recipe.batch == 1 and any(norm.weight.requires_grad for norm in norms):
        raise ValueError(f"{name} has batch norm, which needs more than one picture; give --batch 2 or more")
    if network.needs_encoder and not (run.encoder or run.init):
        source = "torchvision" if network.encoder_name else "weights/fusion-narrow.safetensors, which holds them"
        raise ValueError(
            f"{name} listens to a frozen ImageNet network, which would say nothing but noise without its weights; give "
            f"--encoder {source}"
        )


def start_weights(network: Architecture, run: Run) -> None:
    """Fill the network from a checkpoint or its encoder from pretrained weights, as the run asks."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if run.init:
        from .checkpoint import load_checkpoint

        try:
            network.load_state_dict(load_checkpoint(run.init)[0].state_dict())
        except RuntimeError:
            raise ValueError(
                f"the weights in {Path(run.init).name} are of another architecture or config; start from others"
            ) from None
    if run.encoder == "torchvision":
        from .architectures._torchvision import import_torchvision

        if not network.encoder_name:
            raise ValueError(f"torchvision has no encoder for {network.name}; leave --encoder out")
        network.load_encoder(
            import_torchvision().models.get_model(network.encoder_name, weights="DEFAULT").state_dict()
        )
    elif run.encoder:
        try:
            tensors = load_file(run.encoder)
        except SafetensorError as error:
            raise ValueError(f"{Path(run.encoder).name} is not a readable .safetensors file ({error})") from None
        network.load_encoder(_encoder_in(tensors))


def _encoder_in(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The encoder in a file of tensors, under torchvision's names: our own checkpoints keep theirs under a prefix."""
    for prefix in ("encoder.", "classifier.", "backbone."):
        inside = {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
        if any(name.startswith("features.") for name in inside):
            return inside
    return tensors


def make_optimizer(network: Architecture, recipe: Recipe) -> torch.optim.Optimizer:
    """One parameter group for each of (encoder or not) x (decayed or not); norms and biases are not decayed."""
    groups: dict[tuple[float, float], list[Tensor]] = {}
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        inside = bool(network.encoder_prefix) and name.startswith(network.encoder_prefix + ".")
        factor = recipe.encoder_rate if inside else 1.0
        decay = recipe.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((factor, decay), []).append(parameter)
    parameters = [{"params": p, "factor": f, "weight_decay": d} for (f, d), p in groups.items()]
    if recipe.optimizer == "adamw":
        return torch.optim.AdamW(parameters, lr=recipe.rate, betas=(0.9, recipe.beta2))
    if recipe.optimizer == "adam":
        return torch.optim.Adam(parameters, lr=recipe.rate, betas=(0.9, recipe.beta2))
    if recipe.optimizer == "rmsprop":
        return torch.optim.RMSprop(parameters, lr=recipe.rate, momentum=recipe.momentum)
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(parameters, lr=recipe.rate, momentum=recipe.momentum)
    return {"adagrad": torch.optim.Adagrad, "adadelta": torch.optim.Adadelta}[recipe.optimizer](
        parameters, lr=recipe.rate
    )


def rate_at(step: int, steps: int, recipe: Recipe, epoch: float = 1.0) -> float:
    """The learning rate of step `step` of `steps`; an epoch has `epoch` steps. "plateau" is applied on top of it."""
    rate = recipe.rate * min(1.0, (step + 1) / max(1, recipe.warmup))
    if recipe.schedule in ("one-cycle", "cosine"):
        lowest = 0.02 if recipe.schedule == "one-cycle" else 0.0
        return rate * (lowest + (1 - lowest) * 0.5 * (1 + math.cos(math.pi * step / steps)))
    if recipe.schedule == "steps":
        return rate * recipe.decay ** int(step / (recipe.decay_epochs * epoch))
    return rate


def train_step(
    accelerator: Accelerator,
    trained: torch.nn.Module,
    network: Architecture,
    optimizer: torch.optim.Optimizer,
    batch: Sequence[Tensor],
    recipe: Recipe,
    step: int,
    rate: float,
) -> float:
    """One batch of uint8 crops (B, 3, H, W) and classes (B,): forward, backward, update; returns the loss.

    Gradients are left for whoever wants to look at them.
    """
    trained.train()
    generator = torch.Generator().manual_seed(recipe.seed * 1_000_003 + step)
    pictures, labels = (part.to(accelerator.device) for part in batch)
    pictures = warp(pictures, generator, recipe.rotation, recipe.shear, recipe.zoom)
    L, ab = to_lab(pictures, generator, recipe.jitter, recipe.flip)
    network.observe(ab)
    hints = None
    if network.takes_hints and torch.rand((), generator=generator) < recipe.hints:
        hints = simulate(ab, generator)
    for group in optimizer.param_groups:
        group["lr"] = rate * group["factor"]
    prediction = trained(L.contiguous(memory_format=torch.channels_last), hints)
    loss = network.loss(prediction, L, ab, recipe.loss)
    if network.classifies and recipe.class_weight:
        loss = loss + recipe.class_weight * network.class_loss(prediction, labels)
    accelerator.backward(loss)
    if recipe.clip:
        accelerator.clip_grad_norm_(network.parameters(), recipe.clip)
    optimizer.step()
    return float(loss.detach())


def dead_units(network: Architecture) -> float:
    """Share of the units (output channels) whose weights got no gradient at all in the last step, in [0, 1].

    A ReLU that fires nowhere in the batch looks so. A third is common from the first step where no batch norm keeps
    units alive; what tells of dying is a share that grows, as in the UAB project's runs, which ended at 0.4 to 0.9.
    """
    dead = total = 0
    for module in network.modules():
        weight = getattr(module, "weight", None)
        if isinstance(weight, Tensor) and weight.grad is not None and weight.ndim > 1:
            units = weight.grad.transpose(0, 1) if isinstance(module, torch.nn.ConvTranspose2d) else weight.grad
            silent = units.flatten(1).abs().sum(dim=1) == 0
            dead, total = dead + int(silent.sum()), total + len(silent)
    return dead / max(1, total)


def save_state(out: Path, recipe: Recipe, network, average, optimizer, progress: Progress) -> None:
    """Write `<out>/state.pt`, whole or not at all."""
    state = {
        "recipe": json.dumps(asdict(recipe)),
        "network_is": json.dumps([network.name, asdict(network.config)]),
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
    if json.loads(state["network_is"]) != json.loads(json.dumps([network.name, asdict(network.config)])):
        raise ValueError(
            f"{out} holds a run of another architecture, config or number of classes; name another --out to start anew"
        )
    stored, asked = json.loads(state["recipe"]), json.loads(json.dumps(asdict(recipe)))
    changed = [key for key in asked if stored.get(key) != asked[key] and key not in ("pictures", "epochs")]
    if changed:
        raise ValueError(
            f"{out} holds a run with another recipe ({', '.join(changed)}); name another --out to start anew"
        )
    network.load_state_dict(state["network"])
    average.load_state_dict(state["average"])
    optimizer.load_state_dict(state["optimizer"])
    return Progress(**state["progress"])
