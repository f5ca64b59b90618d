"""Photographs as one HTML file that needs no network."""

from .web_page import SHARE, WebPhoto, Words, write_web_page

__all__ = ["SHARE", "WebPhoto", "Words", "write_web_page"]
