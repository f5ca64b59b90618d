"""Triptychs and contact sheets, and slides, films, decks and web pages to present them."""
