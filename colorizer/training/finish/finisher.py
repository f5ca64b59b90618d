"""A network that finishes: it learns colours that judges take for true, and the judges learn with it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

import torch
import torch.nn.functional as F
from accelerate import Accelerator
from torch import Tensor, nn

from ...architectures.contract import Architecture
from ...colour.readout import Readout, preset
from ..learner import Batch, Learner, NotFinite, load_moments, moments, tensors_of
from ..recipes import FINISH_LOOK, Recipe
from .judge import Judge, Taps
from .losses import adversarial_loss, chroma_of, judge_loss, patchiness, perceptual_loss, spoil

RISE = 300
"""Steps over which the weight of the judges rises, once the network listens to them."""
PIXELS = 1 / 20
"""Weight of the mean absolute difference of ab, in Lab units. It only keeps colours from drifting."""


class Finisher(Learner):
    """Trains the part of a network at its `finish_prefix`, or all of it, against judges that take turns. Batch norm
    keeps its statistics, and the calibrated answers of a network with such a part never change. Raises ValueError where
    there is more than one process."""

    def __init__(self, network: Architecture, recipe: Recipe, accelerator: Accelerator, judges: Sequence[Judge]):
        if accelerator.num_processes > 1:
            raise ValueError("a finish runs in one process; start train.py without torchrun")
        if network.has_finish:
            network.requires_grad_(False)
            network.get_submodule(network.finish_prefix).requires_grad_(True)
        super().__init__(network, recipe, accelerator)
        self.judges = nn.ModuleList(judges).to(accelerator.device)
        self._judging = torch.optim.Adam(self.judges.parameters(), recipe.judge_rate, betas=(0.0, 0.99))
        self._look = Readout(**preset(FINISH_LOOK))

    def _observe(self, ab: Tensor) -> None:
        """The prior belongs to the calibrated answers."""

    def _backward(self, batch: Batch) -> tuple[float, dict[str, float]]:
        """One step of a judge, then gradients of the network. Until the judges have had their steps alone, these come
        from the other losses only. Pictures with a whim are not true, so no judge sees them."""
        recipe, usual = self.recipe, ~batch.whims
        judge = cast(Judge, self.judges[batch.number % len(self.judges)])
        self._trained.eval()
        ab = self._colours(batch)
        spoiled = spoil(batch.ab)
        with self.accelerator.autocast():
            with torch.no_grad():
                seen = judge.taps(batch.L.repeat(3, 1, 1, 1), torch.cat((batch.ab, 0 * batch.ab, spoiled)))
                true, gray, patched = (list(taps) for taps in zip(*(tap.chunk(3) for tap in seen), strict=True))
            coloured = judge.taps(batch.L, ab)
        figures = {
            "perceptual": perceptual_loss(coloured, true),
            "patchiness": patchiness(ab, batch.ab),
            "chroma": chroma_of(ab).mean() / chroma_of(batch.ab).mean(),
        }
        total = recipe.perceptual * figures["perceptual"] + recipe.patchiness * figures["patchiness"]
        total = total + PIXELS * (ab - batch.ab).abs().mean()
        if usual.any():
            true, gray, patched, coloured = ([tap[usual] for tap in taps] for taps in (true, gray, patched, coloured))
            figures["judge"] = self._teach(judge, gray, true, coloured, patched)
            judge.requires_grad_(False)
            with self.accelerator.autocast():
                figures["adversarial"] = adversarial_loss(judge(coloured, gray))
            judge.requires_grad_(True)
            risen = min(1.0, max(0.0, (batch.number - recipe.judge_alone) / RISE))
            total = total + recipe.adversarial * risen * figures["adversarial"]
        self.accelerator.backward(total)
        return float(total.detach()), {k: float(v.detach()) for k, v in figures.items()}

    def _colours(self, batch: Batch) -> Tensor:
        """ab (B, 2, H, W), Lab units, as `FINISH_LOOK` shows them."""
        network, L = self.network, batch.L.contiguous(memory_format=torch.channels_last)
        questions = self._look.answered_by(network).questions(network.centres) if network.has_distribution else {}
        with self.accelerator.autocast():  # ends of the network that are computed later count as well
            prediction = self._trained(L, batch.hints)
            network.ready(prediction, questions.get("finish", 0.0))
        ab = network.to_ab(prediction, L, **questions).float()
        ab = F.interpolate(ab, L.shape[2:], mode="bilinear", align_corners=False) if ab.shape[2:] != L.shape[2:] else ab
        return torch.stack([self._look.strengthened(each) for each in ab]) if network.has_distribution else ab

    def _teach(self, judge: Judge, gray: Taps, true: Taps, coloured: Taps, spoiled: Taps) -> Tensor:
        """One step of a judge, which should find the first true and the others not; returns its loss. Raises NotFinite
        before any weight has changed."""
        coloured = [tap.detach() for tap in coloured]
        with self.accelerator.autocast():
            loss = judge_loss(*(judge(taps, gray) for taps in (true, coloured, spoiled)))
        if not math.isfinite(float(loss.detach())):
            raise NotFinite(f"loss of the judge {float(loss.detach())}")
        self._judging.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(judge.parameters(), 5.0)
        self._judging.step()
        return loss

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Network and judges, and both optimizers."""
        tensors, facts = super().state()
        tensors |= {f"judge.{name}": tensor for name, tensor in self.judges.state_dict().items()}
        return {**tensors, **moments("judging", self._judging)}, facts

    def load_state(self, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
        """Load what `state` returned; raises RuntimeError if it belongs to another network."""
        self.judges.load_state_dict(tensors_of("judge", tensors))
        load_moments(self._judging, tensors_of("judging", tensors))
        super().load_state(tensors, facts)
