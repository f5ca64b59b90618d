"""The page's own components. One with a script or a style sheet has a folder, whose `__init__` is the component.

Each component has a file of its own, because Gradio writes a stub (.pyi) beside every file that subclasses one.
"""
