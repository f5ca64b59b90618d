"""The page's own components, with their scripts and style sheets beside them; one with many has a folder."""
