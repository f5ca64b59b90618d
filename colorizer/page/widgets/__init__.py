"""The page's own components, each with its script and its style sheet beside it."""
