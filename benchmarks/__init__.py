"""Measures what the project claims about speed, memory and colour: `python -m benchmarks NAME [--write]`."""

from colorizer.runtime import openmp  # noqa: F401 - like the page and the commands
