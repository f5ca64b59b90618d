"""Opens photographs from any file as upright sRGB pictures, and saves results."""
