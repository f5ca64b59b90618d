"""The input for a few colours."""

from .palette import Palette

__all__ = ["Palette"]
