"""How the files are called that are taken for pictures."""

SUFFIXES = {
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif", ".avif", ".heic",
    ".heif", ".hif", ".jp2", ".j2k", ".jpf",
}  # fmt: skip
"""How files are called that are taken for pictures, where a folder or an archive holds others too."""
