"""The page's own components. One with a script or a style sheet has a folder.

Each component has a file of its own, because Gradio writes a stub (.pyi) beside every file that subclasses one.
"""
