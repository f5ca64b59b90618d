"""Duplicates are found, also in another size and quality."""

import io
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from training_sources import detailed

from colorizer.data.prepare import NEAR, Kept, difference_hash


@given(st.integers(0, 2**64 - 1), st.sets(st.integers(0, 63), max_size=6), st.lists(st.integers(0, 2**64 - 1)))
def test_near_duplicates_are_found_as_by_comparing_with_all(look, flipped, others):
    near = look
    for bit in flipped:
        near ^= 1 << bit
    kept = Kept()
    for i, other in enumerate([*others, near]):
        kept.add(f"train/{i}.jpg", str(i), other)
    expected = {i for i, other in enumerate([*others, near]) if (look ^ other).bit_count() <= NEAR}
    found = kept.similar(look)
    assert (int(Path(found).stem) in expected) if expected else found == ""


def test_difference_hash_survives_scaling_and_compression():
    photos = [detailed(i, 320, 240) for i in range(20)]
    hashes = [difference_hash(photo) for photo in photos]
    assert min((a ^ b).bit_count() for i, a in enumerate(hashes) for b in hashes[:i]) > NEAR
    for photo, expected in zip(photos, hashes, strict=True):
        file = io.BytesIO()
        photo.resize((200, 150), Image.Resampling.LANCZOS).save(file, "JPEG", quality=75)
        assert (difference_hash(Image.open(file)) ^ expected).bit_count() <= NEAR
        lighter = Image.fromarray((np.asarray(photo) * 0.9 + 20).astype(np.uint8))
        assert (difference_hash(lighter) ^ expected).bit_count() <= NEAR
