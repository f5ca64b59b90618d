"""Colours many photographs: on the page, from the command line, on many machines."""
