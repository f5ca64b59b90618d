"""A scan's own metadata is in its results, put right, with where the colours come from after it."""

import io
import struct
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from conftest import colour_photo
from depths import encoded
from hostile import encode
from PIL import Image, ImageCms

from colorizer import read_photo, save_photo
from colorizer.photo import save
from colorizer.photo.exif import Entry, Exif, exif_in
from colorizer.photo.formats.icc import shape_of
from colorizer.photo.iptc import iptc_in, iptc_of, records
from colorizer.photo.metadata import Metadata, Provenance
from colorizer.photo.profiles import SPACES, profile_of

PHOTO = colour_photo(64, 40)
SUFFIXES = ("png", "jpg", "tif")
MADE = Provenance(
    "alpha",
    "ab" * 32,
    {"temperature": 0.5},
    [{"x": 3, "y": 4, "color": "#a03020", "note": "her dress was red"}],
    date="2026-11-23",
)
SAID = "Colours predicted by Colorizer, checkpoint alpha"
TITLE = "Marktplatz, Köln 1912"
XMP = f"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="uuid:1"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
 xmlns:archive="http://archive.example/terms/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
 xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 tiff:Orientation="6" archive:box="17" ext:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/print">
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{TITLE}</rdf:li></rdf:Alt></dc:description>
<dc:creator><rdf:Seq><rdf:li>Jean Müller</rdf:li></rdf:Seq></dc:creator>
<xmp:Thumbnails><rdf:Alt><rdf:li>small</rdf:li></rdf:Alt></xmp:Thumbnails>
<xmpMM:History><rdf:Seq><rdf:li stEvt:action="scanned" stEvt:softwareAgent="VueScan"/></rdf:Seq></xmpMM:History>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>""".encode()
IPTC = iptc_of([(1, 90, b"\x1b%G"), (2, 120, TITLE.encode()), (2, 25, "Köln".encode()), (2, 25, b"Markt")])


def text(words: str) -> Entry:
    return Entry(2, len(words.encode()) + 1, words.encode() + b"\0")


def exif(order: str) -> Exif:
    def numbers(kind: int, form: str, *values: int) -> Entry:
        return Entry(kind, len(values) // (2 if kind == 5 else 1), struct.pack(f"{order}{len(values)}{form}", *values))

    main = {0x010E: text(TITLE), 0x013B: text("Jean Müller"), 0x8298: text("Stadtarchiv"), 0x0131: text("VueScan 9")}
    main |= {0x0112: numbers(3, "H", 6), 0x011A: numbers(5, "I", 600, 1), 0x011B: numbers(5, "I", 600, 1)}
    main |= {0x0128: numbers(3, "H", 2), 0x0100: numbers(4, "I", 999)}
    inner = {0x9003: text("1912:05:04 10:00:00"), 0xA002: numbers(4, "I", 40), 0xA003: numbers(4, "I", 64)}
    inner |= {0xA001: numbers(3, "H", 0xFFFF), 0x927C: Entry(7, 40, bytes(40))}
    gps = {1: text("N"), 2: numbers(5, "I", 50, 1, 56, 1, 24, 1), 3: text("E"), 4: numbers(5, "I", 6, 1, 57, 1, 36, 1)}
    return Exif(order, main, inner, gps)


def scan(fmt: str, order: str = "<") -> bytes:
    """A scan that lies on its side, with everything said about it."""
    stored = PHOTO.transpose(Image.Transpose.ROTATE_90)
    block = exif(order).to_bytes()
    thumbnail = struct.pack(order + "H", 0) + bytes(4)  # a second directory, as thumbnails have
    said = save.Blocks(exif(order), XMP, IPTC, (600, 600))
    if fmt != "jpg":
        write = save.write_tiff if fmt == "tif" else save.write_png
        write(stored, scan.folder / "made", profile_of("srgb"), said)
        return (scan.folder / "made").read_bytes()
    resources = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(IPTC)) + IPTC + bytes(len(IPTC) % 2)
    extra = b"\xff\xed" + struct.pack(">H", len(resources) + 2) + resources
    return encode(
        stored, "JPEG", quality=95, exif=b"Exif\0\0" + block + thumbnail, xmp=XMP, extra=extra, dpi=(600, 600)
    )


def test_a_description_in_exif_alone_is_in_the_packet_too(tmp_path):
    """Catalogues prefer the packet's."""
    kept = Metadata(exif("<"))
    target = save_photo(PHOTO, tmp_path / "result.png", metadata=kept, provenance=MADE)
    assert f"{TITLE}\n{SAID}" in read_photo(target).metadata.xmp.decode()


@pytest.fixture(autouse=True)
def _folder(tmp_path):
    scan.folder = tmp_path


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("to", SUFFIXES)
@pytest.mark.parametrize("fmt", SUFFIXES)
def test_what_the_archive_wrote_stays(fmt, to, order, tmp_path):
    opened = read_photo(scan(fmt, order))
    assert opened.image.size == PHOTO.size
    assert opened.notes == ()
    target = save_photo(opened.image, tmp_path / f"result.{to}", metadata=opened.metadata, provenance=MADE)
    result = read_photo(target)
    assert result.image.size == PHOTO.size  # upright, and not turned again
    kept = result.metadata
    assert kept.exif.text(0x010E).decode() == f"{TITLE}\n{SAID}"
    assert kept.exif.text(0x0131).decode().startswith("VueScan 9; Colorizer ")
    assert kept.exif.text(0x013B).decode() == "Jean Müller"
    assert kept.exif.text(0x8298) == b"Stadtarchiv"
    assert struct.unpack(kept.exif.order + "H", kept.exif.main[0x0112].data) == (1,)
    assert kept.exif.exif[0x9003].data == b"1912:05:04 10:00:00\0"
    sizes = [struct.unpack(kept.exif.order + "I", kept.exif.exif[tag].data)[0] for tag in (0xA002, 0xA003)]
    assert sizes == [64, 40]
    assert kept.exif.exif[0xA001].data == struct.pack(kept.exif.order + "H", 1)
    assert 0x927C not in kept.exif.exif
    assert kept.exif.gps == exif(order).gps
    assert kept.dpi == pytest.approx((600, 600), abs=0.1)
    fields = list(records(kept.iptc))
    assert (2, 120, f"{TITLE}\n{SAID}".encode()) in fields
    assert [content for record, number, content in fields if (record, number) == (2, 25)] == ["Köln".encode(), b"Markt"]
    packet = kept.xmp.decode()
    assert packet.count("DigitalSourceType") == 1
    assert "digitalsourcetype/compositeWithTrainedAlgorithmicMedia" in packet
    assert f"{TITLE}\n{SAID}" in packet
    assert 'archive:box="17"' in packet
    assert 'tiff:Orientation="1"' in packet
    assert "Thumbnails" not in packet
    steps = packet.partition("<xmpMM:History>")[2].partition("</xmpMM:History>")[0]
    assert steps.index("scanned") < steps.index("<stEvt:action>edited")
    for words in ('"sha256": "' + "ab" * 32, '"temperature": 0.5', "her dress was red", "2026-11-23", "Colorizer 1."):
        assert words in steps


@pytest.mark.parametrize("to", SUFFIXES)
def test_nothing_is_said_if_that_is_asked(to, tmp_path):
    opened = read_photo(scan("jpg"))
    target = save_photo(opened.image, tmp_path / f"a.{to}", metadata=opened.metadata, provenance=MADE, strip=True)
    data = target.read_bytes()
    for words in (b"Colorizer", b"Stadtarchiv", b"alpha", b"xmp", b"Markt"):
        assert words not in data
    assert Image.open(target).info["icc_profile"] == profile_of("srgb")


@pytest.mark.parametrize("big", [False, True])
def test_tiff_of_16_bits_and_bigtiff(big, tmp_path, monkeypatch):
    import tifffile

    monkeypatch.setattr(save, "_MOST_TIFF", 0 if big else 10**9)
    monkeypatch.setattr(save, "_STRIP_BYTES", 1000)
    pixels = np.random.default_rng(2).integers(0, 65536, (40, 64, 3)).astype(np.uint16)
    opened = read_photo(scan("jpg", ">"))
    target = save_photo(pixels, tmp_path / "a.tif", metadata=opened.metadata, provenance=MADE)
    with tifffile.TiffFile(target) as file:
        assert (file.is_bigtiff, file.byteorder) == (big, ">")
        page = file.pages[0]
        assert (page.dtype, page.shape, page.compression, page.predictor) == (np.uint16, (40, 64, 3), 8, 2)
        assert np.array_equal(page.asarray(), pixels)
    kept = read_photo(target).metadata
    assert kept.exif.gps == exif(">").gps
    assert kept.exif.exif[0x9003].data == b"1912:05:04 10:00:00\0"


def test_png_of_16_bits(tmp_path):
    pixels = np.random.default_rng(2).integers(0, 65536, (700, 900, 3)).astype(np.uint16)
    got = read_photo(save_photo(pixels, tmp_path / "a.png"), deep=True)
    assert np.abs(np.asarray(got.image) - pixels / 257).max() <= 0.51
    light = (pixels / 65535) @ np.array([0.2, 0.7, 0.1])
    assert np.corrcoef(got.gray.ravel(), light.ravel())[0, 1] > 0.95


@pytest.mark.parametrize("space", SPACES)
def test_profiles_are_what_they_say(space):
    profile = ImageCms.ImageCmsProfile(io.BytesIO(profile_of(space)))
    assert ImageCms.getProfileDescription(profile).strip() == SPACES[space]
    shape = shape_of(profile_of(space), 3)
    assert shape.is_srgb() == (space == "srgb")
    white = shape.linear(np.ones((1, 1, 3)))
    assert np.abs(white - 1).max() < 1e-3
    # Little CMS sees the same colours as the curves and the matrix say.
    values = np.random.default_rng(3).integers(0, 256, (20, 20, 3)).astype(np.uint8)
    transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), "RGB", "RGB")
    theirs = np.asarray(ImageCms.applyTransform(Image.fromarray(values), transform)).astype(int)
    light = shape.linear(values / 255)
    assert np.abs(encoded(light) * 255 - theirs).max() <= 2.5


@pytest.mark.parametrize(
    "packet", [b"<x:xmp garbage", b"\xff\xfe\0x", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"<a/>"]
)
def test_xmp_that_cannot_be_read_is_ignored_with_a_word(packet, tmp_path):
    opened = read_photo(encode(PHOTO, "JPEG", xmp=packet), name="a.jpg")
    assert [str(note) for note in opened.notes] == [
        "a.jpg: what could not be read beside the picture was ignored (XMP)."
    ]
    target = save_photo(opened.image, tmp_path / "b.jpg", metadata=opened.metadata)
    ET.fromstring(read_photo(target).metadata.xmp.decode().partition("?>")[2].rpartition("<?")[0])


def test_what_is_too_long_for_a_jpeg_is_left_out(tmp_path):
    long = Exif("<", {0x010E: text("a title")}, {0x9286: Entry(7, 70_000, bytes(70_000))})
    target = save_photo(PHOTO, tmp_path / "a.jpg", metadata=Metadata(long), provenance=MADE)
    kept = read_photo(target).metadata
    assert kept.exif.text(0x010E).decode() == f"a title\n{SAID}"
    assert kept.exif.exif == {}
    target = save_photo(PHOTO, tmp_path / "a.tif", metadata=Metadata(long), provenance=MADE)
    assert len(read_photo(target).metadata.exif.exif[0x9286].data) == 70_000


def test_exif_is_the_same_after_writing_and_reading():
    for order in "<>":
        again, sound = exif_in(b"Exif\0\0" + exif(order).to_bytes())
        assert sound
        without = {tag: entry for tag, entry in exif(order).main.items() if tag != 0x0100}
        assert again == Exif(order, without, exif(order).exif, exif(order).gps)
    block = exif("<").to_bytes()
    for end in range(0, len(block), 3):
        exif_in(block[:end])  # whatever is there


def test_iptc_is_found_among_photoshops_resources():
    other = b"8BIM\x03\xed\x03abc" + struct.pack(">I", 5) + b"12345\0"
    resources = other + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(IPTC)) + IPTC
    assert iptc_in(resources) == IPTC
    assert iptc_in(other) == b""
    assert iptc_in(b"8BIM") == b""
