"""What the project says about speed, memory and colour, measured."""

import os

# As the page and the commands do; read when torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
