"""Settings of the process: threads and OpenMP."""
