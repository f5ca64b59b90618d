"""Folders and archives of pictures -> batches of crops.

A picture goes through: find (sorted) and split by hash of its name (files) -> decode, drop when near gray, keep as
uint8, once (packed) -> crop and scale (crops, or device on a GPU), in an order that follows from the seed (schedule).
What happens to a batch then, on the training device, is `colorizer.data.augmentation`'s affair.
"""
