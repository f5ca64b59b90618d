"""The tab for one photo through several networks."""
