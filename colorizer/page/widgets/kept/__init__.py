"""The photographs that the visitor's browser keeps."""

from .kept import Kept, kept_update

__all__ = ["Kept", "kept_update"]
