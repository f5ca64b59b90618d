"""Every picture in a folder is found once, whatever else the folder contains."""

import os

import pytest
from conftest import colour_photo

from colorizer.files import walk as walking
from colorizer.files.names import printable, shortened
from colorizer.files.walk import walk

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and links are made as on Unix")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "box/deep").mkdir(parents=True)
    colour_photo().save(tmp_path / "box/a.png")
    colour_photo().save(tmp_path / "box/deep/b.PNG", "PNG")
    (tmp_path / "box/notes.txt").write_text("no picture")
    return tmp_path / "box"


def found(folder):
    walked = walk(folder)
    names = [path.relative_to(folder).as_posix() for path in walked.pictures]
    return names, [str(each) for each in walked.left_out], [each.missing for each in walked.left_out]


def test_pictures_at_any_depth(folder):
    assert found(folder) == (["a.png", "deep/b.PNG"], [], [])


def test_files_without_a_known_suffix_are_looked_into(folder):
    """A file that begins like a picture is one; each file in a format that is not read is named."""
    for name, kind in {"scan0005": "JPEG", "scan.0006": "TIFF", "c.dat": "BMP", "d.bak": "WEBP", "e": "GIF"}.items():
        colour_photo().save(folder / name, kind)
    for name in ("f.jpx", "g.j2c", "h.JPC"):
        (folder / name).write_bytes(b"judged by its name")
    colour_photo().save(folder / "n.nef", "TIFF")
    for name, begins in {
        "p.pgm": b"P5\n9 6\n255\n",
        "q.psd": b"8BPS\0\1",
        "r": b"\xff\x0a",
        "s.tga": b"\0\0\2",
        "t.djvu": b"AT&TFORM",
        "u.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n",
        "v.sgi": b"\x01\xda\x01\x01\0\x03",
        "w.ras": b"\x59\xa6\x6a\x95",
        "x.dcm": bytes(128) + b"DICM",
        "y": b"BPG\xfb",
        "y.pict": bytes(530),
        "z": b"FORM\0\0\0\x20ILBM",
        "z.mng": b"\x8aMNG\r\n",
    }.items():
        (folder / name).write_bytes(begins)
    for name, begins in {
        "t.txt": b"P1 is a word",
        "u": b"BM, a poem of some length",
        "v": b"",
        "w.mov": b"\0\0\0\x14ftypqt  ",
    }.items():
        (folder / name).write_bytes(begins)
    (folder / ".hidden").write_bytes((folder / "scan0005").read_bytes())
    names, sentences, missing = found(folder)
    assert names == ["a.png", "c.dat", "d.bak", "deep/b.PNG", "e", "f.jpx", "g.j2c", "h.JPC", "scan.0006", "scan0005"]
    says = "is a picture in a format that is not read (save it as TIFF or PNG) and was left out."
    left_out = "n.nef p.pgm q.psd r s.tga t.djvu u.eps v.sgi w.ras x.dcm y y.pict z z.mng"
    assert sentences == [f"{folder}/{name} {says}" for name in left_out.split()]
    assert all(missing)


def test_scans_in_a_pdf_are_told_of(folder):
    colour_photo().save(folder / "scan.pdf")
    (folder / "letter.pdf").write_bytes(b"%PDF-1.4\n1 0 obj <</Type /Page>>")
    says = "is a document with pictures (save its pages as TIFF or PNG) and was left out."
    assert found(folder)[1:] == ([f"{folder}/scan.pdf {says}"], [True])


def test_the_partial_file_of_a_killed_program_is_not_a_picture(folder):
    (folder / ".part-0123.png").write_bytes(b"\x89PNG half")
    assert found(folder)[0] == ["a.png", "deep/b.PNG"]


def test_links_in_a_circle_are_followed_once(folder):
    (folder / "deep/up").symlink_to(folder)
    (folder / "other").symlink_to(folder / "deep")
    names, sentences, missing = found(folder)
    assert names == ["a.png", "deep/b.PNG"]
    assert len(sentences) == 2
    assert all("read already" in sentence for sentence in sentences)
    assert missing == [False, False]


def test_a_link_to_another_folder_is_followed(folder, tmp_path):
    (tmp_path / "shelf").mkdir()
    colour_photo().save(tmp_path / "shelf/c.png")
    (folder / "shelf").symlink_to(tmp_path / "shelf")
    assert found(folder) == (["a.png", "deep/b.PNG", "shelf/c.png"], [], [])


def test_an_unreadable_folder_is_named_and_the_rest_is_found(folder, monkeypatch):
    scandir = os.scandir

    def locked(path):
        if os.path.basename(path) == "deep":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(walking.os, "scandir", locked)
    names, sentences, missing = found(folder)
    assert names == ["a.png"]
    assert sentences == [f"{folder}/deep cannot be read (Permission denied) and was left out."]
    assert missing == [True]


def test_names_are_shown_without_unprintable_characters():
    assert printable("a\x1b[2Jb\u202ec\udcff.png") == "a\ufffd[2Jb\ufffdc\ufffd.png"
    assert len(printable("n" * 300)) == 201
    assert printable("n" * 300, most=1000) == "n" * 300


def test_long_names_are_shortened_and_stay_different():
    assert shortened("short", "-colorized.png") == "short"
    long = [shortened("n" * 250 + last, "-colorized.png") for last in "ab"]
    assert long[0] != long[1]
    umlauts = shortened("ü" * 127, "-colorized.png")
    for stem in (*long, umlauts):
        assert 240 < len(os.fsencode(stem + "-colorized.png")) <= 255
