"""XMP of strangers' files: nothing of it outlives its photograph, and what a result says can be read."""

import time
import xml.etree.ElementTree as ET

import pytest
from conftest import colour_photo
from hostile import encode
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from colorizer import read_photo, save_photo
from colorizer.photo import xmp
from colorizer.photo.caption import Caption, caption_of, captioned
from colorizer.photo.exif import DESCRIPTION, Entry, Exif
from colorizer.photo.metadata import Metadata, Provenance, blocks

PHOTO = colour_photo(64, 40)
MADE = Provenance("alpha", date="2026-11-23")
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
NAMES = [
    "rdf", "x", "dc", "xmp", "xmpMM", "stEvt", "Iptc4xmpExt", "tiff", "photoshop", "archive", "ns0", "ns1",
    "xmlfoo",
]  # fmt: skip
URIS = ["u:evil", "u:other", "u:a&b", *xmp._OURS.values()]


def packet_with(spaces: dict[str, str], inner: str = "") -> bytes:
    """A packet that declares namespaces, by prefix; its own RDF is "r"."""
    said = "".join(f' xmlns:{prefix}="{escaped(uri)}"' for prefix, uri in spaces.items())
    head = f'<m xmlns:r="{RDF}"><r:RDF><r:Description{said}>'
    return f"{head}{inner}</r:Description></r:RDF></m>".encode()


def escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def written(packet: bytes, described: str = "") -> bytes:
    words = described.encode("utf-8", "surrogatepass")
    exif = Exif(main={DESCRIPTION: Entry(2, len(words) + 1, words + b"\0")} if words else {})
    return blocks(Metadata(exif, packet), MADE, (64, 40), "sRGB", "image/png").xmp


def read(packet: bytes) -> ET.Element:
    """By another parser's rules than ours: the whole text, with what is around it."""
    return ET.fromstring(packet.decode())


def test_a_photo_gives_the_same_bytes_whoever_came_before(tmp_path):
    kept = Metadata(xmp=packet_with({"archive": "http://archive.example/"}, "<archive:box>17</archive:box>"))

    def result(name: str) -> bytes:
        return save_photo(PHOTO, tmp_path / name, metadata=kept, provenance=MADE).read_bytes()

    before = result("a.png")
    for prefix in NAMES:
        evil = packet_with({prefix: "u:evil"}, f"<{prefix}:a>1</{prefix}:a>")
        theirs = read_photo(encode(PHOTO, "JPEG", xmp=evil)).metadata
        save_photo(PHOTO, tmp_path / "evil.png", metadata=captioned(theirs, Caption("A title")), provenance=MADE)
        assert b"u:evil" in (tmp_path / "evil.png").read_bytes()
    assert result("b.png") == before


@given(
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(URIS), max_size=6),
    st.text(max_size=20),
    st.text(st.characters(), max_size=40),
)
@example({}, "", "a\x01b\x1bc \x0b\x0c \ufffe")  # letters that XML cannot say
def test_what_is_written_can_be_read_and_nothing_is_lost(spaces, words, described):
    """Any prefixes for any namespaces, and any letters in EXIF's description."""
    words = xmp._FORBIDDEN.sub(" ", words).replace("\r", " ")
    inner = "".join(f"<{prefix}:field>{escaped(words)}</{prefix}:field>" for prefix in spaces)
    made = written(packet_with(spaces, inner), described)
    root = read(made)
    for uri in spaces.values():
        assert words in [node.text or "" for node in root.iter(f"{{{uri}}}field")]
    assert "alpha" in "".join(root.itertext())
    again = captioned(Metadata(xmp=made), Caption("Köln", "1912"))
    assert caption_of(again)[:2] == ("Köln", "1912")


def test_what_a_scan_says_keeps_its_prefixes():
    inner = "<d:title>t</d:title><archive:box>17</archive:box><dc:evil>e</dc:evil>"
    spaces = {"d": "http://purl.org/dc/elements/1.1/", "archive": "u:archive", "dc": "u:evil"}
    made = written(packet_with(spaces, inner)).decode()
    assert inner in made
    assert "<dc:description>" in made


def described(words: str) -> Metadata:
    data = words.encode() + b"\0"
    return Metadata(Exif(main={DESCRIPTION: Entry(2, len(data), data)}))


@pytest.mark.parametrize(("levels", "kept"), [(50, True), (3000, False)])
def test_a_packet_that_is_nested_too_deep_is_left_out_with_a_sentence(levels, kept, tmp_path):
    packet = packet_with({"a": "u:a"}, "<a:b>" * levels + "</a:b>" * levels)
    opened = read_photo(encode(PHOTO, "JPEG", xmp=packet), name="a.jpg")
    assert [note.values["parts"] for note in opened.notes] == ([] if kept else ["XMP"])
    said = read(read_photo(save_photo(PHOTO, tmp_path / "b.png", metadata=opened.metadata)).metadata.xmp)
    assert len(said.findall(".//{u:a}b")) == (levels if kept else 0)


MANY = {
    "thumbnails": "<a:b/>" * 40_000 + "<t:Thumbnails/>" * 40_000,
    "prefixes": "".join(f'<p:b xmlns:p="{i}"/>' for i in range(40_000)),
}


@pytest.mark.parametrize("inner", MANY.values(), ids=MANY)
def test_very_many_properties_take_no_minutes(inner):
    start = time.process_time()
    said = read(written(packet_with({"a": "u:a", "t": "http://ns.adobe.com/xap/1.0/"}, inner)))
    assert time.process_time() - start < 8
    assert len(list(said.iter())) > 40_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-7", "utf-16"])
def test_a_packet_with_declarations_is_not_read(encoding):
    inner = '<!DOCTYPE m [<!ENTITY e "expanded">]>'
    packet = packet_with({"a": "u:a"}, '<a:b a:c="&e;"/>').decode()
    said = (f'<?xml version="1.0" encoding="{encoding}"?>'.encode(), (inner + packet).encode(encoding))
    assert xmp.parsed(b"".join(said)) is None


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_a_result_is_known_again(suffix, tmp_path):
    target = save_photo(PHOTO, tmp_path / f"a.{suffix}", checkpoint="alpha", metadata=described("Köln, 1912"))
    opened = read_photo(target, name="a")
    assert opened.metadata.predicted
    assert [note.kind for note in opened.notes] == ["photo_coloured"]
    assert not Metadata(xmp=packet_with({"dc": "u:evil"})).predicted
    assert not described("Colours predicted by somebody").predicted


def test_a_result_is_known_after_another_program_wrote_it():
    """As attributes with other prefixes, without EXIF; and where only EXIF had room."""
    spaces = {"m": "http://ns.adobe.com/xap/1.0/mm/", "e": "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"}
    step = """<r:li e:softwareAgent="{}" e:parameters='{{"task": "colours predicted"}}'/>"""
    history = f"<m:History><r:Seq><r:li e:action='scanned'/>{step}</r:Seq></m:History>"
    assert Metadata(xmp=packet_with(spaces, history.format("Colorizer 0.9"))).predicted
    assert not Metadata(xmp=packet_with(spaces, history.format("Another 1.0"))).predicted
    assert described("A title\nColours predicted by Colorizer, checkpoint alpha").predicted


@pytest.mark.parametrize("kind", ["exif", "xmp"])
def test_a_result_is_known_where_imagemagick_wrote_its_metadata(kind, tmp_path):
    with Image.open(save_photo(PHOTO, tmp_path / "a.jpg")) as result:
        block = result.info[kind]
    said = PngInfo()
    said.add_text(f"Raw profile type {kind}", f"\n{kind}\n{len(block):8}\n{block.hex()}\n")
    PHOTO.save(tmp_path / "a.png", pnginfo=said)
    assert read_photo(tmp_path / "a.png").metadata.predicted
