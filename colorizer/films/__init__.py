"""Films: read, coloured without flicker, written. `python -m benchmarks film` measures them."""
