"""All kinds of files that a visitor may upload, made here, including files that are not photographs."""

import io

import numpy as np
import pillow_heif
import pytest
from conftest import colour_photo
from depths import png, tiff
from hostile import encode
from PIL import Image, ImageChops, ImageCms

from colorizer import PhotoError, open_photo, save_photo
from colorizer.photo.kinds import is_grayscale
from colorizer.photo.open import read_photo

PHOTO = colour_photo(40, 30)


def worst(photo: Image.Image, expected: Image.Image | np.ndarray) -> int:
    """Largest difference in levels."""
    return int(np.abs(np.asarray(photo).astype(int) - np.asarray(expected).astype(int)).max())


@pytest.mark.parametrize(
    ("encoded", "tolerance"),
    [
        (encode(PHOTO, "PNG"), 0),
        (encode(PHOTO, "BMP"), 0),
        (encode(PHOTO, "TIFF"), 0),
        (encode(PHOTO, "TIFF", compression="tiff_lzw"), 0),
        (encode(PHOTO, "WEBP", lossless=True), 0),
        (encode(PHOTO, "JPEG2000"), 0),
        (encode(PHOTO, "JPEG", quality=98, subsampling=0), 8),
        (encode(PHOTO, "JPEG", quality=98, subsampling=0, progressive=True), 8),
        (encode(PHOTO, "MPO", quality=98, subsampling=0), 8),
        (encode(PHOTO, "AVIF", quality=95, subsampling="4:4:4"), 20),
        (encode(PHOTO, "HEIF", quality=95, chroma=444), 20),
        (encode(PHOTO.quantize(256), "GIF"), 60),
        (encode(PHOTO, "PNG", interlace=1), 0),
    ],
)
def test_formats(encoded, tolerance):
    for source in (encoded, io.BytesIO(encoded)):
        photo = open_photo(source)
        assert photo.mode == "RGB"
        assert photo.info == {}
        assert worst(photo, PHOTO) <= tolerance


@pytest.mark.parametrize("fmt", ["GIF", "WEBP", "PNG", "AVIF", "HEIF"])
def test_one_of_several_pictures(fmt):
    frames = [Image.new("RGB", (64, 64), (shade, shade, shade)) for shade in (40, 130, 220)]
    encoded = encode(frames[0], fmt, save_all=True, append_images=frames[1:])
    for page, shade in enumerate((40, 130, 220), 1):
        opened = read_photo(encoded, name="a", page=page)
        assert abs(opened.image.getpixel((30, 30))[1] - shade) <= 3
        assert [str(note) for note in opened.notes] == [f"a: this is page {page} of 3."]
    assert abs(open_photo(encoded).getpixel((30, 30))[1] - 40) <= 3, "the first, if nobody asks for another"
    with pytest.raises(PhotoError, match=r"a has no page 4; it has 3\."):
        open_photo(encoded, name="a", page=4)
    assert read_photo(encode(frames[0], fmt)).notes == ()


def test_pages_of_a_heic_begin_with_the_picture_that_it_shows():
    several = pillow_heif.from_pillow(Image.new("RGB", (64, 64), "black"))
    several.add_from_pillow(Image.new("RGB", (64, 64), "white"))
    several.save(file := io.BytesIO(), primary_index=1)
    assert [open_photo(file.getvalue(), page=page).getpixel((9, 9))[0] > 128 for page in (1, 2)] == [True, False]


@pytest.mark.parametrize("brand", [b"msf1", b"hevc"])
def test_a_heic_that_has_only_a_film_is_not_called_damaged(brand):
    film = b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0msf1hevc\0\0\0\x10moovnotmedia\0\0\0\x28mdat" + bytes(32)
    with pytest.raises(PhotoError, match=r"a\.heic is stored in a way that is not supported"):
        open_photo(film, name="a.heic")


@pytest.mark.parametrize("inverted", [True, False])
@pytest.mark.parametrize("black", [False, True])
@pytest.mark.parametrize("share", [0.4, 1.0])
def test_cmyk(share, black, inverted):
    """Programs that are not Adobe's write ink as it is, and not its absence."""
    rgb = np.asarray(PHOTO.point(lambda level: level * share))
    key = (255 - rgb.max(axis=2, keepdims=True)) * black
    inks = Image.fromarray(np.concatenate((255 - 255.0 * rgb / (255 - key), key), axis=2).astype(np.uint8), "CMYK")
    data = encode(inks if inverted else ImageChops.invert(inks), "JPEG", quality=98)
    marker = data.index(b"\xff\xee")
    photo = open_photo(data if inverted else data[:marker] + data[marker + 16 :])
    assert np.abs(np.asarray(photo).astype(int) - rgb).mean() < 12


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("gray", [False, True])
@pytest.mark.parametrize("fmt", ["PNG", "TIFF"])
def test_what_is_transparent_all_over_is_shown_without_that(fmt, gray, deep):
    """White paper would be coloured otherwise, and not the photograph."""
    photo = np.asarray(PHOTO.convert("L"))[..., None] if gray else np.asarray(PHOTO)
    for opacity, said in ((0, ["a: what could not be read beside the picture was ignored (opacity)."]), (1, [])):
        values = np.concatenate((photo, np.zeros_like(photo[..., :1])), axis=2)
        values[3, 3, -1] = opacity
        values = values.astype(np.uint16) * 257 if deep else values
        options = {"photometric": "minisblack" if gray else "rgb", "extrasamples": ["unassalpha"]}
        data = png(values) if fmt == "PNG" else tiff(values, planarconfig="contig", **options)
        opened = read_photo(data, name="a")
        assert [str(note) for note in opened.notes] == said
        assert np.array_equal(np.asarray(opened.image)[5, 5], photo[5, 5].repeat(3 // photo.shape[2])) == bool(said)


@pytest.mark.parametrize(
    ("fmt", "dpi", "wide"),
    [("TIFF", (204, 98), "0.48"), ("PNG", (300, 150), "0.50"), ("JPEG", (100, 200), "2.00"), ("TIFF", (204, 196), "")],
)
def test_pixels_that_are_not_square_are_told_of(fmt, dpi, wide):
    (note,) = read_photo(encode(PHOTO, fmt, dpi=dpi), name="a").notes or [""]
    assert str(note) == (wide and f"a says that its pixels are {wide} times as wide as high; they are shown square. "
                         "If it looks squeezed, scale it first.")  # fmt: skip


def test_transparent_palette_and_key_colour():
    palette = Image.new("P", (4, 1), 0)
    palette.putpalette([255, 0, 0, 0, 255, 0])
    palette.putpixel((3, 0), 1)
    photo = open_photo(encode(palette, "PNG", transparency=0))
    assert photo.getpixel((0, 0)) == (255, 255, 255)
    assert photo.getpixel((3, 0)) == (0, 255, 0)
    keyed = open_photo(encode(Image.new("RGB", (2, 2), (1, 2, 3)), "PNG", transparency=(1, 2, 3)))
    assert keyed.getpixel((0, 0)) == (255, 255, 255)


def test_a_profile_that_is_srgb_or_cannot_be_used_changes_nothing():
    made = [ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes() for space in ("sRGB", "LAB")]
    for profile, away in zip((*made, b"nonsense"), (1, 0, 0), strict=True):
        assert worst(open_photo(encode(PHOTO, "PNG", icc_profile=profile)), PHOTO) <= away


def test_what_is_no_file_of_a_photograph_is_told_by_its_name_alone(tmp_path):
    (tmp_path / "text.png").write_bytes(b"hello, world")
    for name, said in (("", "is a folder"), ("no.jpg", "cannot be opened"), ("text.png", "is not a picture")):
        with pytest.raises(PhotoError, match=said) as error:
            open_photo(tmp_path / name)
        assert str(tmp_path) not in str(error.value)


def test_grayscale_or_not():
    assert is_grayscale(PHOTO.convert("L").convert("RGB"))
    noisy = open_photo(encode(PHOTO.convert("L").convert("RGB"), "JPEG", quality=60))
    assert is_grayscale(noisy)
    assert not is_grayscale(PHOTO)
    sepia = Image.merge("RGB", [PHOTO.convert("L").point([int(v * f) for v in range(256)]) for f in (1, 0.9, 0.7)])
    assert not is_grayscale(sepia)


def test_saving(tmp_path):
    save_photo(PHOTO, tmp_path / "a.png")
    assert worst(Image.open(tmp_path / "a.png"), PHOTO) == 0
    save_photo(PHOTO, tmp_path / "a.JPG")
    jpeg = Image.open(tmp_path / "a.JPG")
    assert worst(jpeg, PHOTO) <= 12
    assert jpeg.layer == [(1, 1, 1, 0), (2, 1, 1, 1), (3, 1, 1, 1)]  # no chroma subsampling
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.JPG", "a.png"]


def test_saving_fails(tmp_path):
    with pytest.raises(PhotoError, match=r"must end in \.png, \.jpg or \.tif"):
        save_photo(PHOTO, tmp_path / "a.gif")
    with pytest.raises(PhotoError, match="could not be written"):
        save_photo(PHOTO, tmp_path / "nowhere/a.png")
