"""The stage of the Show tab."""

from .show_stage import KEYS, SHORTCUTS, WORDS, ShowStage, failure_update, list_update, photo_update

__all__ = ["KEYS", "SHORTCUTS", "WORDS", "ShowStage", "failure_update", "list_update", "photo_update"]
