"""Photographs: from any file to an upright sRGB picture, and back to a file."""
