"""The button for a permalink."""

from .link_button import LinkButton, link_update

__all__ = ["LinkButton", "link_update"]
