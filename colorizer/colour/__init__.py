"""Colour: Lab, the bins of the ab plane, readouts of a distribution, and the field's measures."""
