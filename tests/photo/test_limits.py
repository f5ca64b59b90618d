"""Limits on the cost of a photograph, judged by its header."""

import io
import time

import numpy as np
import pytest
from depths import tiff_of
from hostile import PHOTO, encode
from PIL import Image

from benchmarks.visitors.hostile_files import many_scans, png, webp
from colorizer import PhotoError, open_photo
from colorizer.photo.limits import MAX_SCANS, MAX_SIDE, count_scans


def refused(data, **limits):
    """The kind of a refusal, which must come at once."""
    start = time.process_time()
    with pytest.raises(PhotoError) as error:
        open_photo(data, name="a", **limits)
    assert time.process_time() - start < 2
    return error.value.kind


@pytest.mark.parametrize("size", [(1, MAX_SIDE + 1), (MAX_SIDE + 1, 1), (1, 2_000_000)])
def test_a_side_has_a_limit(size):
    assert refused(png(*size)) == "photo_long"


def test_the_longest_side_is_opened():
    assert open_photo(png(MAX_SIDE, 2)).size == (MAX_SIDE, 2)


def test_a_webp_of_34_bytes_takes_no_memory():
    data = webp()
    assert len(data) == 34
    assert refused(data) == "photo_megapixels"
    lossless = b"RIFF\x1e\0\0\0WEBPVP8L\x05\0\0\0\x2f" + (16_382 | 16_382 << 14).to_bytes(4, "little") + bytes(9)
    assert refused(lossless) == "photo_megapixels"
    lossy = b"RIFF\x1e\0\0\0WEBPVP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\xff\x3f\xff\x3f" + bytes(9)
    assert refused(lossy) == "photo_megapixels"


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exact": True}])
def test_the_sides_of_webp_are_read_right(options):
    for picture in (PHOTO, PHOTO.convert("RGBA")):
        data = encode(picture, "WEBP", **options)
        pixels = PHOTO.width * PHOTO.height
        assert refused(data, max_pixels=pixels - 1) == "photo_megapixels"
        assert open_photo(data, max_pixels=pixels).size == PHOTO.size


def test_scans_have_a_limit():
    data = many_scans(64, 48, MAX_SCANS)
    assert refused(data) == "photo_scans"
    assert open_photo(many_scans(64, 48, 50)).size == (64, 48)


def test_scans_in_a_tiff_have_a_limit():
    said = {256: 64, 257: 48, 258: 8, 259: 7, 262: 1, 277: 1, 278: 48}
    assert refused(tiff_of(said, [many_scans(64, 48, MAX_SCANS)])) == "photo_damaged"
    assert open_photo(tiff_of(said, [many_scans(64, 48, 50)])).size == (64, 48)


def test_a_large_picture_has_a_lower_scan_limit():
    assert refused(many_scans(11_000, 9_000, 60)) == "photo_scans"


def scans(data):
    file = io.BytesIO(data)
    file.seek(5)
    counted = count_scans(file)
    assert file.tell() == 5
    return counted


def test_scans_are_counted():
    assert scans(encode(PHOTO, "JPEG")) == 1
    usual = scans(encode(PHOTO, "JPEG", progressive=True))
    assert 6 <= usual <= 12
    assert scans(many_scans(64, 48, 9)) == scans(many_scans(64, 48, 0)) + 9
    assert scans(many_scans(64, 48, 5000)) == MAX_SCANS + 1
    assert scans(b"\xff\xd8\xff\xda") == 1
    assert scans(b"") == 1


def test_bytes_that_only_look_like_scans_are_not_counted():
    exif = Image.Exif()
    exif[0x010E] = "\xff\xda" * 200
    assert scans(encode(PHOTO, "JPEG", progressive=True, exif=exif, comment=b"\xff\xda" * 300)) <= 12


def test_bytes_have_a_limit():
    data = encode(PHOTO, "WEBP")
    need = PHOTO.width * PHOTO.height * 16
    assert refused(data, max_bytes=need - 1) == "photo_memory"
    assert open_photo(data, max_bytes=need).size == PHOTO.size


def test_deep_pictures_are_scaled_as_a_whole(monkeypatch):
    """The range of values is the picture's, not the strip's."""
    monkeypatch.setattr("colorizer.photo.formats.rasters.STRIP_PIXELS", 50)
    values = np.linspace(-5, 20, 600, dtype=np.float32).reshape(30, 20)
    got = np.asarray(open_photo(encode(Image.fromarray(values), "TIFF")))[..., 0]
    assert np.abs(got - (values + 5) / 25 * 255).max() <= 0.51
