"""The tab that says how colours come about."""
