"""Starts training: `python train.py <architecture> --data DIR`; `--help` after the name shows every setting."""

import sys

from colorizer.cli.train import main

if __name__ == "__main__":
    sys.exit(main())
