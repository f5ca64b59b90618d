"""Reads each file format: its header, its values, their colours; and what is left of a damaged file."""
