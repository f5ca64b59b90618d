"""Everything that measures the flagship, `mobile-unet`: `python -m benchmarks.flagship PHOTOS`."""
