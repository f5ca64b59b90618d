"""Starts training: `python train.py <architecture> --data DIR`; `--help` after the name shows every setting."""

import sys

from colorizer.cli.launch import train

if __name__ == "__main__":
    sys.exit(train(program="train.py"))
