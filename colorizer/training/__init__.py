"""Training: any architecture, any recipe, one process or many; a resumed run gives the same weights, bit for bit.

A step is a pure function of the recipe, its number and the weights: the seed and the step's number decide which
pictures it uses, and their crops, flips, wear and hints. So a run continues from its last state as if it had never
stopped, and several processes, each with its part of every batch, see what one process would see.

`Run` says what a run reads and writes, `recipes.Recipe` says how a network learns, and `train` trains it.
"""

from .loop import train
from .recipes import Run

__all__ = ["Run", "train"]
