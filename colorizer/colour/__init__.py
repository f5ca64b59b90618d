"""Colour: Lab, the bins of the ab plane, what a distribution can be asked, and the field's measures."""
