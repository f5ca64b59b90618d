"""How the process computes: threads and OpenMP."""
