"""The tab for one photo."""
