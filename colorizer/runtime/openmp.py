"""Sets how PyTorch's threads wait for each other. Programs import this before torch, which reads it on import.

Threads that spin while they wait keep the cores from each other: on a busy machine a photo then takes over ten times as
long. Spinning for a few microseconds does no harm. A network's threads wait for each other at every layer, and with
this short spin they take half as long as if they slept at once.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # only GNU's library knows it, and prefers it to the other
