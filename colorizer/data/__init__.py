"""Folders and archives of pictures -> batches of crops.

A picture goes through: find (sorted) and split by hash of its name (files) -> decode, drop when near gray, keep as
uint8, once (packed) -> crop and scale (crops, or device on a GPU), in an order that follows from the seed (schedule).
What happens to a batch then, on the training device, is `colorizer.augmentation`'s affair.
"""

from .crops import Batches, Crops, batches, draws, random_boxes, random_crop
from .device import DeviceCrops, fits
from .files import (
    NEAR_GRAY,
    SUFFIXES,
    DataError,
    Picture,
    classes_of,
    digest_of_names,
    find_pictures,
    is_picture,
    mean_chroma,
    open_to_measure,
    open_training_photo,
    overlap,
    scaled_down,
    split,
)
from .packed import Packed, pack, side_for
from .schedule import Key, Schedule

__all__ = [
    "NEAR_GRAY",
    "SUFFIXES",
    "Batches",
    "Crops",
    "DataError",
    "DeviceCrops",
    "Key",
    "Packed",
    "Picture",
    "Schedule",
    "batches",
    "classes_of",
    "digest_of_names",
    "draws",
    "find_pictures",
    "fits",
    "is_picture",
    "mean_chroma",
    "open_to_measure",
    "open_training_photo",
    "overlap",
    "pack",
    "random_boxes",
    "random_crop",
    "scaled_down",
    "side_for",
    "split",
]
