"""The time and memory of photographs, networks and training."""
