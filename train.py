"""Starts training: `python train.py <architecture> --data DIR`; `--help` after the name shows every setting."""

import os
import sys

# Read when torch is imported. Threads that spin while they wait take the cores from whatever else is running, unless
# they do it very briefly.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

from colorizer.training_command import main

if __name__ == "__main__":
    sys.exit(main())
