"""Looks of a photograph to choose from."""

from .looks import Looks, looks_update

__all__ = ["Looks", "looks_update"]
