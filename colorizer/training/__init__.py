"""Training: any architecture, any recipe, one process or many, resumable to the bit.

A step is a pure function of the recipe, its number and the weights: which pictures, their crops, flips, wear and hints
all follow from the seed and the step's number. So a run continues from its last state as if it had never stopped, and
several processes, each with its part of every batch, see what one process would.

`Run` says what is read and written, `recipes.Recipe` how a network learns; `train` puts them to work.
"""

from .loop import train
from .run import Run

__all__ = ["Run", "train"]
