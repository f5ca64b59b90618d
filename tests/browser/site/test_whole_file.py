"""The flagship's whole pipeline as one file, without a browser: the site is cut out of it."""

import json

import numpy as np
import onnxruntime
import pytest

from colorizer.checkpoints.onnx import KEY

from .test_colours import pictures

pytestmark = pytest.mark.full
NAMES = ("astronaut", "china", "camera", "tall", "panorama", "tiny", "pixel", "odd", "noise", "large")


def test_ten_photographs_have_the_colours_of_colorizer(whole, colorizer, tmp_path):
    session = onnxruntime.InferenceSession(whole)
    card = json.loads(session.get_modelmeta().custom_metadata_map[KEY])
    given = {name: np.array(value, np.float32) for name, value in card["defaults"].items()}
    given |= {"hints": given["hints"].reshape(-1, 5), "points": given["points"].reshape(-1, 2)}
    photos = pictures(tmp_path)
    for name in NAMES:
        photo = photos[name].convert("RGB")
        (image,) = session.run(["image"], {**given, "photo": np.asarray(photo)})
        away = np.abs(image.astype(np.int16) - np.asarray(colorizer.colorize(photo).image))
        share = float((away > 1).mean())
        print(name, photo.size, f"{share:.4%}", int(away.max()))
        assert share <= 0.001, name
