"""Checkpoints measured side by side."""
