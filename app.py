"""Starts the page."""

from colorizer.page import launch

if __name__ == "__main__":
    launch()
