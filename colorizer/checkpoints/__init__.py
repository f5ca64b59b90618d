"""Checkpoints: one .safetensors file each, with a header that describes it."""
