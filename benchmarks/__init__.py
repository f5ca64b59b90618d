"""What the project says about speed, memory and colour, measured."""

from colorizer.runtime import openmp  # noqa: F401 - as the page and the commands do
