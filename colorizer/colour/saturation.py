"""How strong predicted colours are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor  # without torch here, so that it need not be imported to print a help text

ALL, APART, NEUTRAL, CAST = 0.5, 1.7, 20.0, 10.0
"""How much colours grow together and apart; the chroma, in Lab units, at which they move apart by half; and the
strongest cast. The effect is about as strong as multiplying chroma."""


def saturated(ab: Tensor, factor: float | Tensor) -> Tensor:
    """Colours of one picture, weaker or stronger: (2, h, w) in Lab units -> the same shape.

    factor: 0 is gray, 1 changes nothing, and below 1 it multiplies chroma. Above, colours grow apart more than they
    grow together. Their mean is the cast that a network gives a photograph that it knows little about, and a stronger
    cast looks like sepia, so it grows less. Nearly gray places keep their colours, so that whites stay white. A mean
    stronger than `CAST` is no cast but a lawn or a sky, and skin in front of it must not turn red.
    """
    if isinstance(factor, float | int) and factor <= 1:
        return ab * factor
    factor = ab.new_ones(()) * factor
    chroma = (ab.square().sum(dim=0) + 1e-12).sqrt()  # seventy times as fast as norm, and it has a gradient at 0
    mean = ab.mean(dim=(1, 2), keepdim=True)
    cast = mean * (CAST / mean.norm().clamp(min=CAST))
    apart = (ab - cast) * (chroma / (chroma + NEUTRAL))
    return factor.clamp(max=1) * ab + (factor - 1).clamp(min=0) * (ALL * ab + APART * apart)
