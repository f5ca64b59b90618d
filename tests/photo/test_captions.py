"""Captions in what files say: IPTC of any charset, its date, and what cameras write into every file."""

from dataclasses import replace

import pytest
from conftest import colour_photo

from colorizer import read_photo, save_photo
from colorizer.photo.caption import Caption, caption_of, captioned, is_of_camera
from colorizer.photo.exif import DESCRIPTION, Entry, Exif
from colorizer.photo.iptc import decoded, iptc_of, records
from colorizer.photo.metadata import Metadata


def described(words: bytes) -> Metadata:
    """With a description in EXIF."""
    return Metadata(Exif(main={DESCRIPTION: Entry(2, len(words) + 1, words + b"\0")}))


def iptc(title: bytes, *more: tuple[int, int, bytes]) -> Metadata:
    return Metadata(iptc=iptc_of([*more, (2, 0, b"\0\2"), (2, 5, title)]))


@pytest.mark.parametrize(
    ("declared", "codec", "words"),
    [
        (b"", "utf-8", "Großmutter in Köln – 祖母"),
        (b"", "cp1252", "Köln – „Markt“"),
        (b"\x1b%G", "utf-8", "Großmutter"),
        (b"\x1b%/I", "utf-8", "Großmutter"),
        (b"\x1b%G", "cp1252", "Großmutter"),  # which it is not, whatever it says
        (b"\x1b.A", "latin-1", "Großmutter"),
        (b"\x1b-A", "latin-1", "Großmutter"),
        (b"\x1b(B\x1b-B", "iso8859-2", "Kraków, Łódź"),
        (b"\x1b-L", "iso8859-5", "Бабушка"),
        (b"\x1b-F", "iso8859-7", "Αθήνα"),
        (b"\x1b-M", "iso8859-9", "İstanbul"),
        (b"\x1b$)A", "gb2312", "祖母"),
        (b"\x1b$B", "iso2022_jp", "祖母"),
    ],
)
def test_iptc_is_read_in_its_charset_and_written_in_it(declared, codec, words):
    said = iptc(words.encode(codec), *([(1, 90, declared)] if declared else []), (2, 110, words.encode(codec)))
    assert caption_of(said) == Caption(words, "", words)
    again = captioned(said, Caption(words, "1912", words))
    assert caption_of(Metadata(iptc=again.iptc)) == Caption(words, "1912", words)


def test_bytes_that_no_charset_has_are_letters_all_the_same():
    assert decoded(b"K\xf6ln \x81") == "Köln \x81"


@pytest.mark.parametrize(
    ("date", "year"),
    [(b"19120600", "1912"), (b"1912", "1912"), (b"1912-05-04", "1912"), (b"00000000", ""), (b"", ""), (b"unknown", "")],
)
def test_the_year_is_that_of_iptcs_date(date, year):
    assert caption_of(iptc(b"A title", (2, 55, date))) == Caption("A title", year)


def test_a_new_year_is_written_and_the_same_year_keeps_its_day():
    said = iptc(b"A title", (2, 55, b"19120504"))
    assert (2, 55, b"19130000") in records(captioned(said, Caption("A title", "1913")).iptc)
    assert (2, 55, b"19120504") in records(captioned(said, Caption("Another", "1912")).iptc)


def test_a_description_in_windows_letters_is_a_title():
    words = "Köln – 1912".encode("cp1252")
    assert caption_of(described(words)).title == "Köln – 1912"
    for first, title in ((b"", "Köln – 1912"), (b"SONY DSC", ""), (b"Colours predicted by Colorizer", "")):
        said = iptc_of([(2, 120, first + b"\n" + words if first else words)])
        assert caption_of(Metadata(iptc=said)).title == title


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("title", ["Köln, 1912", "Abc", "A"])
def test_a_description_in_utf_16_is_a_title(codec, title):
    assert caption_of(described(title.encode(codec) + b"\0")).title == title
    assert caption_of(described(title.encode())).title == title


def test_a_result_has_no_title_of_ours(tmp_path):
    save_photo(colour_photo(30, 20), tmp_path / "a.jpg", checkpoint="mobile-unet")
    assert caption_of(read_photo(tmp_path / "a.jpg").metadata) == Caption()


def test_a_caption_comes_from_what_there_is_and_is_not_written_once_more():
    said = described(b"Market square, 1912\nGlass plate")
    assert caption_of(said) == caption_of(replace(said, xmp=b"<broken")) == Caption("Market square, 1912")
    assert captioned(said, caption_of(said)) == said
    fields = iptc_of([(2, 5, b"The square"), (2, 110, b"A. Writer")])
    assert caption_of(replace(said, iptc=fields)) == Caption("The square", "", "A. Writer")
    attributes = (
        b'<x xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:p="http://ns.adobe.com/photoshop/1.0/">'
        b'<r:RDF><r:Description p:DateCreated="1912-05-01" p:Credit="An agency"/></r:RDF></x>'
    )
    assert caption_of(Metadata(xmp=attributes, iptc=fields)) == Caption("The square", "1912", "An agency")


OF_CAMERAS = r"""
OLYMPUS DIGITAL CAMERA|SONY DSC|KONICA MINOLTA DIGITAL CAMERA|Minolta DSC|DIGITAL CAMERA|SAMSUNG|SAMSUNG CSC
SAMSUNG CAMERA PICTURES|KODAK Digital Still Camera|Exif_JPEG_PICTURE|LEAD Technologies Inc. V1.01|AppleMark
DCIM\100MEDIA\DJI_0001.JPG|LEICA CAMERA AG|NIKON D70|EPSON DSC Picture|EPSON scanner image|cof|oznorWO|default
<Digimax S500 / Kenox S500 / Digimax Cyber 530>|hp PhotoSmart 618|Processed with VSCO with c1 preset
File written by Adobe Photoshop 4.0|CREATOR: gd-jpeg v1.0 (using IJG JPEG v62)|Digital StillCamera|HP pst_image|?? ????
ImageJ=1.53t|SCIFIO=1.2|{"shape": [47, 61]}|<?xml version="1.0" encoding="UTF-8"?><OME xmlns="a">|<OME xmlns="a">
Nokia Lumia 920|Nokia Lumia|HP Scanjet G4050|EPSON Perfection V600|EPSON Perfection V750 Pro|EPSON GT-X970|SONY MAVICA
Exif_JPEG_420|binary comment|Apple iPhone 6 Plus|Lumia 920|Samsung Galaxy S5|Canon EOS 5D Mark II|Canon CanoScan 9000F
Canon DIGITAL IXUS 50|Casio Exilim|HP ScanJet Pro 2500|Canon EOS REBEL T3i|Intel(R) JPEG Library, version [1.51.12.44]
"""
TITLES = """
Camera|Kodak 1912|KODAK 1912|Olympus digital camera on a table|Mr Canon|Olympia 1936|HDR|Nora|Picture 12|Polaroid
Sony Center, Berlin|Photo|Default judgement|1912|Nokia factory, 1920
Canon of Westminster|Samsung Street|Creative expression 2|Canon Mark|Perfection 2|Galaxy M31|Galaxy images|Apple galaxy
General Grant, 6 May|Binary comment on a wall|Lumia|Canon One
"""


@pytest.mark.parametrize("line", OF_CAMERAS.strip().replace("\n", "|").split("|"))
def test_what_a_camera_writes_into_every_file_is_no_title(line):
    said = described(line.encode() + b"         ")
    assert caption_of(said) == Caption()
    assert caption_of(Metadata(said.exif, iptc=iptc(b"The square").iptc)).title == "The square"


@pytest.mark.parametrize("line", TITLES.strip().replace("\n", "|").split("|"))
def test_other_titles_stay(line):
    assert not is_of_camera(line)
