"""What a browser keeps of a photo, and what comes back from it."""

import json

from hypothesis import given
from hypothesis import strategies as st

from colorizer.colour.readout import Readout
from colorizer.page.app import EXAMPLES
from colorizer.page.session.kept import kept, key_of, request_of
from colorizer.page.session.request import PhotoRequest
from colorizer.photo.form import Form

PATH, OTHER = (str(EXAMPLES / name) for name in ("coffee.jpg", "camera.jpg"))
REQUEST = PhotoRequest(
    path=PATH,
    checkpoint="mobile-unet",
    preset="own",
    sliders=Readout(temperature=0.4, vividness=0.2, saturation=1.4, finish=0.5, strength=0.9),
    like="palette",
    palette=("#b5653a", "#4f7a94"),
    points=({"x": 0.2, "y": 0.4, "color": "#d01818", "path": [[0.3, 0.4]], "note": "her dress"},),
    view="picture",
    form=Form(invert=True, levels=True, partial=True, format="tif", bits=16),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def test_what_a_browser_kept_comes_back_as_it_was():
    found = request_of({"key": key_of(PATH), "request": json.loads(json.dumps(kept(REQUEST)))}, PATH)
    assert found is not None
    assert (found.path, kept(found)) == (PATH, kept(REQUEST))


def test_what_was_kept_of_another_photo_is_left_alone():
    assert request_of({"key": key_of(PATH), "request": kept(REQUEST)}, OTHER) is None


@given(st.sampled_from(sorted(kept(REQUEST))), JSON)
def test_what_comes_from_a_browser_never_breaks_the_page(part, value):
    found = request_of({"key": key_of(PATH), "request": {**kept(REQUEST), part: value}}, PATH)
    assert found is None or isinstance(found, PhotoRequest)
