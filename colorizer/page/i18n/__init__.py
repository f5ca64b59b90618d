"""Every word of the page, in every language."""
