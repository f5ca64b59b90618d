"""The drawer beside the stage."""

from .drawer import Corrections, Drawer

__all__ = ["Corrections", "Drawer"]
