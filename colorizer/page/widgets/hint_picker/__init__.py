"""The picture in which a visitor corrects the colours of things."""

from .hint_picker import HintPicker, correction_name, picture_update, region_update, suggestions_update

__all__ = ["HintPicker", "correction_name", "picture_update", "region_update", "suggestions_update"]
