"""The grid of an album's coloured photos."""

from .album_view import AlbumView, photos_update

__all__ = ["AlbumView", "photos_update"]
