"""Checkpoints: one .safetensors file for each, with a header that says what it is."""
