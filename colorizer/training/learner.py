"""A network in training: its weights, their moving average, the optimizer, and one training step."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple, cast

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ..architectures.contract import Architecture
from ..data.augmentation import HINTS, augment, draw
from ..data.whims import add_whims
from ..inference.hints import simulate
from .processes import average_buffers, mean_over, synchronized
from .recipes import Recipe


class Step(NamedTuple):
    """The figures of one step, over all processes."""

    loss: float
    gradient_norm: float
    """Before clipping."""
    health: dict[str, Any]
    """Only if requested: `dead_units`, and `gradients` by part."""
    figures: dict[str, float]
    """Parts of a finish's loss."""


class Batch(NamedTuple):
    """The pictures that one process learns from in step `number`."""

    number: int
    L: Tensor
    """(B, 1, H, W) in [0, 100]."""
    ab: Tensor
    """(B, 2, H, W), Lab units."""
    hints: Tensor | None
    """(B, 3, H, W): a, b, mask."""
    labels: Tensor
    """Classes (B,)."""
    whims: Tensor
    """(B,): whether `ab` has a colour that the photograph did not have (`data.whims`)."""


class NotFinite(ArithmeticError):
    """The loss or a gradient is infinite or NaN. The weights are as they were before the step."""


class Learner:
    """Trains `network`; `averaged` is the network that is evaluated and shipped."""

    def __init__(self, network: Architecture, recipe: Recipe, accelerator: Accelerator):
        self.recipe, self.accelerator = recipe, accelerator
        network.to(accelerator.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._rests = recipe.encoder_rate == 0 and bool(network.encoder_prefix)
        if self._rests:
            for prefix in filter(None, (network.encoder_prefix, network.hint_prefix)):
                network.get_submodule(prefix).requires_grad_(False)
        self.network = cast(Architecture, synchronized(network, accelerator))
        self._average = AveragedModel(self.network, multi_avg_fn=_moving_average(recipe.ema), use_buffers=True)
        self.averaged = cast(Architecture, self._average.module)
        self._optimizer = make_optimizer(self.network, recipe)
        self._trained, self._stepper = accelerator.prepare(self.network, self._optimizer)

    def step(self, crops: Tensor, labels: Tensor, number: int, rate: float, look: bool = False) -> Step:
        """Learn from this process's part of batch `number`: uint8 crops (B, 3, H, W) and classes (B,), on its own
        device.

        look: also examine the network's health. Raises NotFinite, on every process, before any weight has changed.
        """
        recipe, accelerator, network = self.recipe, self.accelerator, self.network
        part = accelerator.process_index
        torch.manual_seed(recipe.seed * 1_000_003 + number + (part << 40))  # dropout: resumed runs must draw alike
        u = draw(recipe.seed, number, recipe.batch)[part * len(crops) : (part + 1) * len(crops)]
        L, ab = augment(
            crops,
            u,
            flip=recipe.flip,
            rotation=recipe.rotation,
            shear=recipe.shear,
            zoom=recipe.zoom,
            jitter=recipe.jitter,
            old=recipe.old,
        )
        self._observe(ab)
        truth = ab
        hints = simulate(ab, u[:, HINTS], recipe.hints) if network.takes_hints and recipe.hints else None
        if hints is not None and recipe.whims:
            ab, hints = add_whims(L, ab, hints, u[:, HINTS], recipe.hints * recipe.whims)
        whims = (ab != truth).flatten(1).any(dim=1)
        loss, figures = self._backward(Batch(number, L, ab, hints, labels, whims))
        norm = accelerator.clip_grad_norm_(network.parameters(), recipe.clip or math.inf)
        loss, norm = mean_over(accelerator, loss, float(norm))
        if not math.isfinite(loss) or (recipe.precision != "fp16" and not math.isfinite(norm)):
            raise NotFinite(f"loss {loss}, gradient {norm}")
        for group in self._optimizer.param_groups:
            group["lr"] = rate * group["factor"]
        self._stepper.step()
        health = {"dead_units": dead_units(network), "gradients": gradients(network)} if look else {}
        self._stepper.zero_grad(set_to_none=True)
        self._average.update_parameters(network)
        if look:  # on CPUs each process has batch norm statistics of its own, but all must measure the same network
            broadcast(list(self.averaged.buffers()))
        return Step(loss, norm, health, figures)

    def _observe(self, ab: Tensor) -> None:
        self.network.observe(ab)
        average_buffers(self.accelerator, self.network, self.network.observed)

    def _backward(self, batch: Batch) -> tuple[float, dict[str, float]]:
        """Compute gradients of the mean loss, piece by piece if the recipe accumulates gradients; return the loss and
        its parts."""
        L, ab, hints, labels = batch.L, batch.ab, batch.hints, batch.labels
        self._trained.train()
        if self._rests:  # its statistics too
            self.network.get_submodule(self.network.encoder_prefix).eval()
        total, parts = 0.0, self.recipe.accumulate
        for i in range(parts):
            now = slice(i * len(L) // parts, (i + 1) * len(L) // parts)
            # Processes exchange gradients once, with the last piece.
            with self.accelerator.no_sync(self._trained) if i < parts - 1 else nullcontext():
                total += self._piece(L[now], ab[now], None if hints is None else hints[now], labels[now]) / parts
        return total, {}

    def _piece(self, L: Tensor, ab: Tensor, hints: Tensor | None, labels: Tensor) -> float:
        prediction = self._trained(L.contiguous(memory_format=torch.channels_last), hints)
        loss = self.network.loss(prediction, L, ab, self.recipe.loss)
        if self.network.classifies and self.recipe.class_weight:
            loss = loss + self.recipe.class_weight * self.network.class_loss(prediction, labels)
        self.accelerator.backward(loss / self.recipe.accumulate)
        return float(loss.detach())

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Everything a run needs to continue as if it had never stopped: tensors, and values that JSON can hold."""
        tensors = {f"network.{name}": tensor for name, tensor in self.network.state_dict().items()}
        tensors |= {f"average.{name}": tensor for name, tensor in self._average.state_dict().items()}
        tensors |= moments("optimizer", self._optimizer)
        scaler = self.accelerator.scaler
        return tensors, {"scaler": scaler.state_dict() if scaler else None}

    def load_state(self, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
        """Load what `state` returned; raises RuntimeError if it belongs to another network."""
        load_moments(self._optimizer, tensors_of("optimizer", tensors))
        self.network.load_state_dict(tensors_of("network", tensors))
        self._average.load_state_dict(tensors_of("average", tensors))
        if self.accelerator.scaler and facts.get("scaler"):
            self.accelerator.scaler.load_state_dict(facts["scaler"])


def tensors_of(name: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors called `name.<rest>`, by their rest."""
    return {full.removeprefix(f"{name}."): each for full, each in tensors.items() if full.startswith(f"{name}.")}


def moments(name: str, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The state of an optimizer, as tensors called `name.<parameter>.<moment>`."""
    state = optimizer.state_dict()["state"]
    return {f"{name}.{i}.{k}": v for i, each in state.items() for k, v in each.items() if isinstance(v, Tensor)}


def load_moments(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Load the tensors that `moments` returned, called `<parameter>.<moment>`."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        number, _, moment = name.partition(".")
        state.setdefault(int(number), {})[moment] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def _moving_average(ema: float) -> Callable[..., None]:
    """An exponential moving average that never looks back over more steps than there have been, so that the initial
    weights do not dominate a short run."""

    def update(averages: Sequence[Tensor], weights: Sequence[Tensor], steps: Tensor | int) -> None:
        get_ema_multi_avg_fn(min(ema, (1 + int(steps)) / (10 + int(steps))))(averages, weights, steps)

    return update


def make_optimizer(network: Architecture, recipe: Recipe) -> torch.optim.Optimizer:
    """One parameter group for each of (encoder or not) x (decayed or not); norms and biases get no weight decay."""
    groups: dict[tuple[float, float], list[Tensor]] = {}
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        inside = bool(network.encoder_prefix) and name.startswith(network.encoder_prefix + ".")
        factor = recipe.encoder_rate if inside else 1.0
        decay = recipe.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((factor, decay), []).append(parameter)
    parameters = [{"params": p, "factor": f, "weight_decay": d} for (f, d), p in groups.items()]
    betas, momentum = {"betas": (recipe.beta1, recipe.beta2)}, {"momentum": recipe.momentum}
    kinds: dict[str, tuple[Callable[..., torch.optim.Optimizer], dict[str, Any]]] = {
        "adamw": (torch.optim.AdamW, betas), "adam": (torch.optim.Adam, betas),
        "rmsprop": (torch.optim.RMSprop, momentum), "sgd": (torch.optim.SGD, momentum),
        "adagrad": (torch.optim.Adagrad, {}), "adadelta": (torch.optim.Adadelta, {}),
    }  # fmt: skip
    kind, options = kinds[recipe.optimizer]
    return kind(parameters, lr=recipe.rate, **options)


def rate_at(step: int, steps: int, recipe: Recipe, epoch: float = 1.0) -> float:
    """The learning rate of step `step` of `steps`; an epoch has `epoch` steps. Does not include "plateau"."""
    rate = recipe.rate * min(1.0, (step + 1) / max(1, recipe.warmup))
    if recipe.schedule in ("one-cycle", "cosine"):
        lowest = 0.02 if recipe.schedule == "one-cycle" else 0.0
        return rate * (lowest + (1 - lowest) * 0.5 * (1 + math.cos(math.pi * step / steps)))
    if recipe.schedule == "steps":
        return rate * recipe.decay ** int(step / (recipe.decay_epochs * epoch))
    return rate


def dead_units(network: nn.Module) -> float:
    """Share of the units (output channels) whose weights got no gradient at all in the last step, in [0, 1].

    A ReLU that fires nowhere in the batch gets no gradient. Without batch norm, a third of the units is common from
    the first step. A growing share means that units are dying: the UAB project's runs ended at 0.4 to 0.9.
    """
    dead = total = 0
    for module in network.modules():
        weight = getattr(module, "weight", None)
        if isinstance(weight, Tensor) and weight.grad is not None and weight.ndim > 1:
            units = weight.grad.transpose(0, 1) if isinstance(module, nn.ConvTranspose2d) else weight.grad
            silent = units.flatten(1).abs().sum(dim=1) == 0
            dead, total = dead + int(silent.sum()), total + len(silent)
    return dead / max(1, total)


def gradients(network: nn.Module) -> dict[str, float]:
    """Norm of the last step's gradient for every top-level part that learns, as the optimizer saw it."""
    found = {}
    for name, part in network.named_children():
        norms = [p.grad.float().norm() for p in part.parameters() if p.grad is not None]
        if norms:
            found[name] = float(torch.stack(norms).norm())
    return found
