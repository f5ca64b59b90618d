"""The site that colours in the visitor's own browser."""
