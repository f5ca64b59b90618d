"""The mean of several checkpoints of one training: often better than any of them, at no cost at inference.

After Wortsman et al., "Model soups" (ICML 2022). It works for checkpoints of one training path, whose weights are still
close; averaging unrelated checkpoints gives noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import CheckpointError
from .card import Card
from .file import load_checkpoint, save_checkpoint


def average(paths: Sequence[str | Path], shares: Sequence[float], out: str | Path) -> Card:
    """Write the weighted mean of checkpoints of one architecture, with the last one's card but without its metrics.

    shares: one for each path, above 0; only their ratios matter. If the network gained a part during training, that
    part is averaged over the checkpoints that have it. The config written is that of the last checkpoint. Raises
    CheckpointError, ValueError.
    """
    if len(paths) != len(shares) or not paths:
        raise ValueError(f"give as many shares as checkpoints; these are {len(shares)} and {len(paths)}")
    if not all(share > 0 for share in shares):
        raise ValueError("shares must be above 0")
    loaded = [load_checkpoint(path) for path in paths]
    network, card = loaded[-1]
    states = [other.state_dict() for other, _ in loaded]
    for path, (other, _) in zip(paths, loaded, strict=True):
        if other.name != network.name:
            raise CheckpointError(f"{Path(path).name} is {other.name}, not {network.name}; these have no mean.")
    mean = network.state_dict()
    for name, value in mean.items():
        if not value.is_floating_point():
            continue
        have = [(state[name], share) for state, share in zip(states, shares, strict=True) if name in state]
        if any(tensor.shape != value.shape for tensor, _ in have):
            raise CheckpointError(f"{name} differs in size between these checkpoints; they have no mean.")
        mean[name] = sum(tensor * share for tensor, share in have) / sum(share for _, share in have)
    network.load_state_dict(mean)
    network.working_size = card.working_size
    kept = {key: getattr(card, key) for key in ("temperature", "title", "recipe", "licence", "data", "commit")}
    return save_checkpoint(out, network, **kept, history=list(card.history), classes=list(card.classes))
