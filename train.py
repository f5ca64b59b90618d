"""Starts training: `python train.py <architecture> --data DIR`; `--help` after the name shows every setting."""

import sys

import colorizer.openmp  # noqa: F401
from colorizer.training_command import main

if __name__ == "__main__":
    sys.exit(main())
