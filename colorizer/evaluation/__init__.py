"""Compares checkpoints."""
