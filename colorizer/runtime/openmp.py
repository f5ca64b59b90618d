"""How PyTorch's threads wait for each other, for whole programs: import this before torch, which reads it then.

Threads that spin while they wait take the cores from each other: on a busy machine a photo then takes over ten times as
long. Doing it for some microseconds takes nothing from anybody, and a network's threads, which wait for each other at
every layer, take half as long as if they slept at once.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # GNU's library alone knows it, and heeds it before the other
