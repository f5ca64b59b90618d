"""Many photographs at once: on the page, from the command line, on many machines."""
