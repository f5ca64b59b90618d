"""Folders and archives of pictures -> batches of crops.

The steps for a picture: find (sorted) and split by hash of its name (files) -> decode once, drop if near gray, keep as
uint8 (packed) -> crop and scale, in an order that follows from the seed (crops).
`colorizer.data.augmentation` then changes batches on the training device.
"""
