"""The visitor's photographs, at the foot of all tabs."""

from .filmstrip import Filmstrip, film_update

__all__ = ["Filmstrip", "film_update"]
