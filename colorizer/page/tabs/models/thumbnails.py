"""A small picture in each checkpoint's colours, made beforehand: the tab shows them without loading a network."""

from __future__ import annotations

from pathlib import Path

from colorizer.checkpoints.card import Card

PICTURES = Path(__file__).parent / "pictures"
"""`python -m benchmarks model_pictures` makes them."""


def thumbnail(card: Card) -> Path | None:
    """The picture of exactly these weights, named after their SHA-256; None if none was made."""
    path = PICTURES / f"{card.sha256[:16]}.webp"
    return path if card.sha256 and path.is_file() else None


def address(card: Card) -> str:
    """The picture's address, relative to the page; "" if there is none."""
    path = thumbnail(card)
    return f"gradio_api/file={path.as_posix()}" if path else ""
