"""The content of the stage before there is a photo."""

from .first_sight import PICTURES, SIZE, first_sight

__all__ = ["PICTURES", "SIZE", "first_sight"]
