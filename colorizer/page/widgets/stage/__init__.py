"""The stage: a photograph's pictures side by side, with a divider, or one of them large."""

from .pair import Pair
from .stage import SYSTEM, Stage, panes_update, sides_update

__all__ = ["SYSTEM", "Pair", "Stage", "panes_update", "sides_update"]
