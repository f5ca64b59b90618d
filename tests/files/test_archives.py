"""ZIP archives from strangers."""

import io
import stat
import struct
import unicodedata
import zipfile

import pytest
from conftest import colour_photo

from colorizer.files import zip_names
from colorizer.files import zip_reader as archives
from colorizer.files.zip_reader import ArchiveError, is_archive, pictures_in, read_entries

ROOM = 10**9


def png() -> bytes:
    file = io.BytesIO()
    colour_photo(9, 6).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def packed(tmp_path):
    """Writes an archive of {name or ZipInfo: content} and returns its path."""

    def write(contents, method=zipfile.ZIP_DEFLATED, name="album.zip"):
        with zipfile.ZipFile(tmp_path / name, "w", method) as archive:
            for entry, content in contents.items():
                archive.writestr(entry, content)
        return tmp_path / name

    return write


def kinds(refused):
    return [error.kind.removeprefix("archive_") for error in refused]


def test_pictures_come_sorted_with_their_folders_and_bytes(packed):
    path = packed({"b/ü c.PNG": png(), "a.jpg": b"first", "b\\d.tif": b"third", "empty/": b"", "./e.webp": b"e"})
    entries, refused = pictures_in(path, ROOM)
    assert [entry.name for entry in entries] == ["a.jpg", "b/d.tif", "b/ü c.PNG", "e.webp"]
    assert refused == []
    assert list(read_entries(path, entries)) == [b"first", b"third", png(), b"e"]


WRITTEN = {
    "cp932": ["表/能.png", "アルバム/祖母の写真.png", "ソ連旅行 昭和30年.png", "画像.png"],
    "gbk": ["图片.png", "新建文件夹/扫描0001.png", "爷爷和奶奶.png", "北京 1958.png"],
    "cp950": ["功課.png", "新增資料夾/許家全家福.png", "高雄港.png", "臺北 1958.png"],
    "cp949": ["할머니.png", "새 폴더/그림.png", "가족사진/결혼식.png", "서울 1960.png"],
    "cp866": ["Бабушка и дедушка.png", "Дача/Огород 1958.png", "СЕМЬЯ.png", "мама.png", "Київ.png"],
    "cp1251": ["Бабушка и дедушка.png", "Новая папка/Скан_001.png", "Москва.png", "Їжак у Києві.png"],
    "cp852": ["Zdjęcie z Łodzi.png", "babička.png", "Nový adresář/Příbram.png", "őszi utak.png"],
    "cp857": ["Büyükanne ışık.png", "Yeni klasör/Ağaç.png", "Çeşme.png"],
    "cp737": ["γιαγιά.png", "Νέος φάκελος/Αθήνα 1958.png", "παππούς.png"],
    "cp850": ["Großmutter.png", "été à Paris.png", "Müller.png", "niño.png"],
    "utf-8": ["祖母.png", "Бабушка.png", "été.png", "사진.png"],
}
"""Names as the Windows of a country writes them; in cp932 and cp950, two have a byte that is a backslash elsewhere."""


def letters(i, name):
    """A name of the same length as these bytes, and unlike others."""
    return chr(ord("G") + i) * len(name)


@pytest.mark.parametrize("page", WRITTEN)
def test_names_of_each_countrys_windows(packed, page):
    written = [name.encode(page) for name in WRITTEN[page]]
    alone = [[name] for name in written if name != "图片.png".encode("gbk")]  # which is valid UTF-8 by chance
    for names in (written, *alone):
        path = packed({letters(i, name): name.hex() for i, name in enumerate(names)})
        whole = path.read_bytes()
        for i, name in enumerate(names):
            whole = whole.replace(letters(i, name).encode(), name)
        path.write_bytes(whole)
        entries, refused = pictures_in(path, ROOM)
        assert refused == []
        read = {
            entry.name: bytes.fromhex(b.decode()) for entry, b in zip(entries, read_entries(path, entries), strict=True)
        }
        assert read == {name.decode(page): name for name in names}


def test_names_of_macs_are_composed():
    names = ["Müller.png", "が.png", "할머니.png", "Đặng.png"]
    assert zip_names.decoded([unicodedata.normalize("NFD", name).encode() for name in names]) == names


def test_some_names_of_ordinary_length_say_the_code_page(monkeypatch):
    """Strangers' archives have up to 4 MB of names, and an album has 500 archives."""
    names = [b"\xe0" * 60_000, *(f"Бабушка {i}".encode("cp866") for i in range(200))]
    looked_at, marks = [], zip_names._marks
    monkeypatch.setattr(zip_names, "_marks", lambda name, page: looked_at.append(name) or marks(name, page))
    assert zip_names.decoded(names)[1:] == [f"Бабушка {i}" for i in range(200)]
    assert sum(map(len, set(looked_at))) <= zip_names.ENOUGH
    assert set(looked_at) < set(names[1:])


def test_no_photo_is_lost_for_its_name(packed):
    """One is said to be UTF-8 and is not; one has another name beside its bytes than in the table of contents."""
    path = packed({"é0.png": b"first", "b.png": b"second"})
    whole = path.read_bytes().replace("é0.png".encode(), b"\x8e\xca\x90.png", 2)
    path.write_bytes(whole.replace(b"b.png", b"c.png", 1))
    entries, refused = pictures_in(path, ROOM)
    assert refused == []
    assert sorted(read_entries(path, entries)) == [b"first", b"second"]


@pytest.mark.parametrize(
    "name", ["../up.png", "a/../../up.png", "/etc/a.png", "C:\\a.png", "c:a.png", "\\\\host\\a.png", "a\\..\\b.png"]
)
def test_paths_outside_the_archive_are_refused(packed, name):
    entries, refused = pictures_in(packed({name: png(), "good.png": png()}), ROOM)
    assert [entry.name for entry in entries] == ["good.png"]
    assert kinds(refused) == ["outside"]
    assert name in str(refused[0])


def test_too_many_folders_are_refused(packed):
    path = packed({"/".join("a" * 19) + "/b.png": b"x", "/".join("a" * 20) + "/b.png": b"x"})
    entries, refused = pictures_in(path, ROOM)
    assert len(entries) == 1
    assert kinds(refused) == ["outside"]


def of_kind(mode):
    info = zipfile.ZipInfo("link.png")
    info.external_attr = mode << 16
    return info


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(packed, mode):
    entries, refused = pictures_in(packed({of_kind(mode): "/etc/passwd"}), ROOM)
    assert entries == []
    assert kinds(refused) == ["link"]
    assert len(pictures_in(packed({of_kind(stat.S_IFREG | 0o644): b"x"}), ROOM)[0]) == 1


def test_encrypted_entries_are_refused(packed):
    path = packed({"secret.png": png()})
    whole = bytearray(path.read_bytes())
    whole[whole.index(b"PK\x03\x04") + 6] |= 1
    whole[whole.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(whole)
    assert kinds(pictures_in(path, ROOM)[1]) == ["encrypted"]


def test_nested_archives_are_refused(packed):
    inner = packed({"a.png": png()}, name="inner.zip").read_bytes()
    entries, refused = pictures_in(packed({"in/inner.zip": inner, "b.tar.gz": b"x", "c.7Z": b"x"}), ROOM)
    assert entries == []
    assert kinds(refused) == ["nested"] * 3


def test_only_ordinary_compression_is_read(packed):
    assert kinds(pictures_in(packed({"a.png": png()}, zipfile.ZIP_LZMA), ROOM)[1]) == ["method"]


def test_a_bomb_is_refused_by_its_ratio_and_a_blank_thumbnail_is_not(packed):
    entries, refused = pictures_in(packed({"bomb.bmp": bytes(3_000_000), "blank.bmp": bytes(1_000_000)}), ROOM)
    assert [entry.name for entry in entries] == ["blank.bmp"]
    assert kinds(refused) == ["bomb"]


def test_entries_without_a_name_are_one_line(packed):
    def nameless(path):
        with zipfile.ZipFile(path, "a") as archive, archive.open(zipfile.ZipInfo(""), "w") as entry:
            entry.write(png())
        return path

    path = nameless(packed({".": png(), "./.": b"x", "a.png": png(), "folder/": b"", "/": b""}))
    entries, refused = pictures_in(path, ROOM)
    assert [entry.name for entry in entries] == ["a.png"]
    assert kinds(refused) == ["nameless"]
    assert "album.zip: files without a name were left out (3)" in str(refused[0])
    with pytest.raises(ArchiveError, match="holds no picture"):
        pictures_in(nameless(packed({})), ROOM)


@pytest.mark.parametrize("shift", [0, 10])
def test_entries_that_share_their_bytes_are_a_bomb(packed, shift):
    """One compressed picture, listed many times, or quoted within another."""
    path = packed({f"{i}.png": png() for i in range(3)}, zipfile.ZIP_STORED)
    assert len(pictures_in(path, ROOM)[0]) == 3
    whole = bytearray(path.read_bytes())
    second = whole.index(b"PK\x01\x02", whole.index(b"PK\x01\x02") + 4)
    struct.pack_into("<L", whole, second + 42, shift)  # where its bytes begin: at the first entry's, or in them
    path.write_bytes(whole)
    with pytest.raises(ArchiveError, match="share the same bytes"):
        pictures_in(path, ROOM)


def declare(path, size):
    """Make the table of contents declare another size for the first entry."""
    whole = bytearray(path.read_bytes())
    struct.pack_into("<L", whole, whole.index(b"PK\x01\x02") + 24, size)
    path.write_bytes(whole)


@pytest.mark.parametrize("size", [100, 3_000])
def test_false_sizes_give_no_picture(packed, size):
    path = packed({"a.png": bytes(range(200)) * 10, "b.png": b"second"})
    declare(path, size)
    entries, _ = pictures_in(path, ROOM)
    first, second = read_entries(path, entries)
    assert isinstance(first, ArchiveError)
    assert first.kind == "archive_damaged"
    assert second == b"second"


def test_large_entries_and_large_archives_are_refused_before_they_are_read(packed, monkeypatch):
    path = packed({"a.png": bytes(range(256)) * 40, "b.png": b"x"})
    with pytest.raises(ArchiveError, match=r"album\.zip would be 0 MB unpacked, the limit is 0 MB"):
        pictures_in(path, 10_000)
    monkeypatch.setattr(archives, "MOST_PHOTO_BYTES", 10_000)
    entries, refused = pictures_in(path, ROOM)
    assert [entry.name for entry in entries] == ["b.png"]
    assert kinds(refused) == ["large"]


def test_too_many_entries_and_too_large_a_table_of_contents(packed, monkeypatch):
    path = packed({f"{i}.png": b"x" for i in range(30)})
    monkeypatch.setattr(archives, "MOST_ENTRIES", 29)
    with pytest.raises(ArchiveError, match=r"lists of files are too long; .* is 29 files and 4 MB"):
        pictures_in(path, ROOM)
    monkeypatch.setattr(archives, "MOST_ENTRIES", 30)
    assert len(pictures_in(path, ROOM)[0]) == 30
    monkeypatch.setattr(archives, "MOST_DIRECTORY", 1_000)
    with pytest.raises(ArchiveError, match="lists of files are too long"):
        pictures_in(path, ROOM)
    path.write_bytes(path.read_bytes().replace(b"PK\1\2", b"PK\1\3"))
    with pytest.raises(ArchiveError, match="not a ZIP archive that can be read"):
        pictures_in(path, ROOM)


def test_other_files_and_junk_give_one_sentence(packed):
    names = [
        "a.png", "notes.txt", "film.mp4", ".hidden.png", "__MACOSX/._a.png", "x/.DS_Store", "x/._b.png",
        "Thumbs.db",
    ]  # fmt: skip
    entries, refused = pictures_in(packed(dict.fromkeys(names, b"x")), ROOM)
    assert [entry.name for entry in entries] == ["a.png"]
    assert kinds(refused) == ["other", "junk"]
    assert "(3, such as notes.txt)" in str(refused[0])
    assert "(4)" in str(refused[1])


def test_pictures_without_a_known_suffix_are_looked_into(packed):
    path = packed({"scans/0001": png(), "b.png_original": png(), "c.txt": b"P", "d": b"", "Größe 5": png()})
    entries, refused = pictures_in(path, ROOM)
    assert [entry.name for entry in entries] == ["Größe 5", "b.png_original", "scans/0001"]
    assert list(read_entries(path, entries)) == [png()] * 3
    assert "(2, such as c.txt)" in str(refused[0])


def test_an_empty_archive_a_broken_one_and_a_missing_one(packed, tmp_path):
    with pytest.raises(ArchiveError, match="holds no picture"):
        pictures_in(packed({"a.txt": b"x"}), ROOM)
    whole = packed({"a.png": png()}).read_bytes()
    for i, content in enumerate([b"", b"no archive", whole[:-10], whole[: len(whole) // 2]]):
        (tmp_path / f"{i}.zip").write_bytes(content)
        with pytest.raises(ArchiveError, match=rf"^{i}\.zip is not a ZIP archive that can be read"):
            pictures_in(tmp_path / f"{i}.zip", ROOM)
    with pytest.raises(ArchiveError, match="not a ZIP archive"):
        pictures_in(tmp_path / "gone.zip", ROOM)


def test_a_vanished_archive_gives_an_error_for_each_picture(packed):
    path = packed({"a.png": b"a", "b.png": b"b"})
    entries, _ = pictures_in(path, ROOM)
    path.unlink()
    assert kinds(read_entries(path, entries)) == ["not_zip"] * 2


def test_an_archive_is_known_by_its_name_or_its_beginning(packed, tmp_path):
    path = packed({"a.png": b"a"})
    nameless = tmp_path / "album"
    path.rename(nameless)
    assert is_archive(nameless)
    assert is_archive("anything.ZIP")
    (tmp_path / "a.png").write_bytes(png())
    assert not is_archive(tmp_path / "a.png")
    assert not is_archive(tmp_path / "gone.png")


def test_names_are_shown_without_control_characters(packed):
    _, refused = pictures_in(packed({"../\x1b[31m\u202egpj.png": b"x"}), ROOM)
    assert "\x1b" not in str(refused[0])
    assert "\u202e" not in str(refused[0])


def test_files_are_counted_before_they_are_listed(packed, monkeypatch):
    path = packed({f"{number}.png": b"" for number in range(6)})
    assert len(pictures_in(path, ROOM, archives.Allowance(6))[0]) == 6
    monkeypatch.setattr(zipfile, "ZipInfo", None)  # as `ZipFile` makes for each
    with pytest.raises(ArchiveError, match="lists of files are too long"):
        pictures_in(path, ROOM, archives.Allowance(5))


def test_tables_of_contents_are_small_together(packed):
    entry = zipfile.ZipInfo("a.png")
    entry.comment = b"c" * 30_000
    path, allowance = packed({entry: b""}), archives.Allowance(directories=70_000)
    for _ in range(2):
        assert pictures_in(path, ROOM, allowance)[0]
    with pytest.raises(ArchiveError, match="lists of files are too long"):
        pictures_in(path, ROOM, allowance)


def test_what_an_archive_says_of_its_pictures_is_not_kept(packed):
    long = zipfile.ZipInfo("a.png")
    long.comment, long.extra = b"c" * 60_000, b"\xff\xff" + struct.pack("<H", 60_000) + b"e" * 60_000
    path = packed({long: b"first", "f" * archives.MOST_NAME + ".png": b"second"})
    entries, refused = pictures_in(path, ROOM)
    assert entries == [("a.png", 0, 5)]
    assert kinds(refused) == ["name"]
    assert len(str(refused[0])) < 300
    assert list(read_entries(path, entries)) == [b"first"]
