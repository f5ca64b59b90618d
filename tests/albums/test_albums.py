"""Albums of many photographs, without the page."""

import csv
import errno
import hashlib
import io
import json
import zipfile
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from conftest import colour_photo
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from colorizer import Colorizer, open_photo, save_photo
from colorizer.albums import album as albums
from colorizer.albums import uploads
from colorizer.albums.album import README, Album, Done
from colorizer.albums.record import CSV, JSON
from colorizer.albums.uploads import AlbumError, Failed, contents, find_uploads
from colorizer.files.names import same
from colorizer.files.zip_reader import Allowance
from colorizer.files.zip_writer import append, result_name
from colorizer.inference.colorization import Colorization


@pytest.fixture(scope="module")
def colorizer(weights):
    return Colorizer.from_checkpoint("resnet18-decoder", folder=weights)


@pytest.fixture
def photos(tmp_path):
    """a.png, a black-and-white b.jpg, broken.jpg, and more.zip with folders, a second a.png and a broken one."""
    folder = tmp_path / "given"
    folder.mkdir()
    colour_photo(90, 60, seed=1).save(folder / "a.png")
    colour_photo(60, 90, seed=2).convert("L").save(folder / "b.jpg")
    (folder / "broken.jpg").write_bytes(b"no photograph")
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        archive.write(folder / "a.png", "a.png")
        archive.write(folder / "b.jpg", "beach/deep/c.jpg")
        archive.writestr("beach/torn.png", (folder / "a.png").read_bytes()[:200])
        archive.writestr("../out.png", b"x")
    return [str(folder / name) for name in ("a.png", "broken.jpg", "b.jpg", "more.zip", "a.png")]


@pytest.fixture
def album(tmp_path, colorizer):
    (tmp_path / "run").mkdir()
    return Album(tmp_path / "run", lambda photo, found: colorizer.colorize(photo), {"checkpoint": colorizer.name})


def run(album, paths, most=None):
    """Plan all of them, and colour the first ones."""
    found, left_out = find_uploads(paths)
    album.failed.extend(left_out)
    album.planned = found
    return [album.add(photo, content) for photo, content in zip(found[:most], contents(found), strict=False)]


def test_the_archive_holds_the_networks_pictures_and_the_manifest_lists_them(album, photos, colorizer):
    """In the order in which the photos were given, each once, and beside them what was left out."""
    results = run(album, photos)
    assert [photo.name for photo in album.planned] == [
        "a.png", "broken.jpg", "b.jpg", "a.png", "beach/deep/c.jpg", "beach/torn.png",
    ]  # fmt: skip
    assert [type(result) for result in results] == [Done, Failed, Done, Done, Done, Failed]
    archive = album.finish("Hello, Ünïcode.")
    with zipfile.ZipFile(archive) as zipped:
        assert zipped.testzip() is None
        names = set(zipped.namelist())
        files = {"a-colorized.png", "b-colorized.png", "a-colorized-2.png", "beach/deep/c-colorized.png"}
        assert names == files | {JSON, CSV, README}
        assert all(info.compress_type == zipfile.ZIP_STORED for info in zipped.infolist())
        manifest = json.loads(zipped.read(JSON))
        assert zipped.read(README).decode() == "Hello, Ünïcode.\n"
        done, failed = ([line for line in manifest["photos"] if line["state"] == state] for state in ("done", "failed"))
        for line in done:
            with Image.open(zipped.open(line["result"])) as picture:
                assert picture.size == (line["width"], line["height"])
                assert "resnet18-decoder" in picture.info["Description"]
            assert line["seconds"] > 0
        expected = colorizer.colorize(open_photo(photos[0])).image
        assert np.array_equal(np.asarray(Image.open(zipped.open("a-colorized.png"))), np.asarray(expected))
    assert {line["result"] for line in done} == files
    assert [line["source"] for line in failed] == ["more.zip", "broken.jpg", "beach/torn.png"]
    assert "broken.jpg is not a picture" in failed[1]["reason"]
    assert {line["checkpoint"] for line in done} == {"resnet18-decoder"}


def test_the_table_has_a_row_for_every_photo_also_for_those_not_reached(album, photos):
    album.checkpoint_sha256 = "abc"
    run(album, photos, 3)
    with zipfile.ZipFile(album.finish("")) as zipped:
        table = list(csv.DictReader(io.StringIO(zipped.read(CSV).decode("utf-8-sig"), newline="")))
        digests = [hashlib.sha256(zipped.read(row["result"])).hexdigest() for row in table[:2]]
        rows = json.loads(zipped.read(JSON))["photos"]
    assert [(row["source"], row["state"]) for row in table] == [
        ("a.png", "done"), ("b.jpg", "done"), ("more.zip", "failed"), ("broken.jpg", "failed"),
        ("a.png", "waiting"), ("beach/deep/c.jpg", "waiting"), ("beach/torn.png", "waiting"),
    ]  # fmt: skip
    assert [(row["source"], row["state"]) for row in rows] == [(row["source"], row["state"]) for row in table]
    assert table[0]["source_sha256"] == hashlib.sha256(Path(photos[0]).read_bytes()).hexdigest()
    assert [row["result_sha256"] for row in table[:2]] == digests
    assert table[0]["checkpoint_sha256"] == "abc"
    assert "broken.jpg is not a picture" in table[3]["reason"]


def test_the_rest_goes_on_into_the_same_archive(album, photos):
    run(album, photos, 3)
    stopped = album.finish("stopped")
    with open(stopped, "rb") as being_downloaded:
        rest = album.go_on(album.form)
        assert [photo.name for photo in rest] == ["a.png", "beach/deep/c.jpg", "beach/torn.png"], (
            "no picture stays none"
        )
        for photo, content in zip(rest, contents(rest), strict=True):
            album.add(photo, content)
        with zipfile.ZipFile(album.finish("all")) as zipped:
            assert zipped.testzip() is None
            names = zipped.namelist()
            manifest = json.loads(zipped.read(JSON))
            assert zipped.read(README) == b"all\n"
        with zipfile.ZipFile(io.BytesIO(being_downloaded.read())) as zipped:
            assert zipped.testzip() is None
            assert zipped.read(README) == b"stopped\n"
    assert len(names) == len(set(names))
    states = [(line["source"], line["state"]) for line in manifest["photos"]]
    assert [state for _, state in states] == ["done"] * 4 + ["failed"] * 3
    assert states[-3:] == [("more.zip", "failed"), ("broken.jpg", "failed"), ("beach/torn.png", "failed")]
    assert [photo.name for photo in album.rest()] == ["beach/torn.png"]
    with zipfile.ZipFile(album.finish("all")) as zipped:  # once more changes nothing
        assert zipped.namelist() == names


def test_previews(album, photos, monkeypatch):
    monkeypatch.setattr(albums, "SIDE", 50)
    monkeypatch.setattr(albums, "SMALL_SIDE", 20)
    first, _, second = run(album, photos)[:3]
    assert Image.open(first.small).size == (20, 13)
    assert Image.open(first.colour).size == Image.open(first.original).size == (50, 33)
    assert Image.open(first.gray).mode == "L"
    assert second.original is None
    assert first.size == (90, 60)  # what is downloaded is not made smaller


def test_a_small_photo_is_its_own_preview(album, photos, monkeypatch):
    monkeypatch.setattr(Colorization, "at_size", None)
    done = run(album, photos[:1])[0]
    assert Image.open(done.colour).size == (90, 60)


@pytest.mark.parametrize(
    "error", [RuntimeError("too little\nroom"), MemoryError(), KeyError("/secret"), OSError(errno.EIO, "no", "/secret")]
)
def test_one_failed_photo_does_not_stop_the_rest(album, photos, error):
    colour, calls = album.colour, []

    def second_fails(photo, found):
        calls.append(photo)
        if len(calls) == 2:
            raise error
        return colour(photo, found)

    album.colour = second_fails
    results = run(album, photos[2:4])
    assert [type(result) for result in results] == [Done, Failed, Done, Failed]
    assert str(results[1].error).startswith("a.png ")
    assert "\n" not in str(results[1].error)
    assert ("too little" in str(results[1].error)) == isinstance(error, RuntimeError)
    assert "/secret" not in str(results[1].error)
    assert list(album.folder.glob("full*")) == []


def test_a_full_disk_leaves_the_archive_whole(album, photos, monkeypatch):
    run(album, photos[:1])
    before = album.archive.read_bytes()
    write = zipfile.ZipFile.write

    def half(self, file, name):
        whole = Path(file).read_bytes()
        Path(file).write_bytes(whole[: len(whole) // 2])
        write(self, file, name)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(zipfile.ZipFile, "write", half)
        (failed,) = run(album, photos[2:3])
    assert "could not be written (No space left on device)" in str(failed.error)
    assert album.archive.read_bytes() == before
    assert isinstance(run(album, photos[2:3])[0], Done)
    with zipfile.ZipFile(album.archive) as zipped:
        assert zipped.namelist() == ["a-colorized.png", "b-colorized.png"]
        assert zipped.testzip() is None


def test_an_album_goes_on_after_its_manifest_found_no_room(album, photos, monkeypatch):
    def full(archive, content, name):
        raise AlbumError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("colorizer.albums.album.append", full)
        with pytest.raises(AlbumError):
            album.finish("")
    assert isinstance(run(album, photos[:1])[0], Done)


def test_no_archive_is_left_if_its_first_file_fails(tmp_path):
    with pytest.raises(FileNotFoundError):
        zipfile.ZipFile(tmp_path / "new.zip")
    with pytest.raises(ValueError, match="could not be written"):
        append(tmp_path / "new.zip", tmp_path / "gone.png", "a.png")
    assert not (tmp_path / "new.zip").exists()


def empty_entries(path, count, name="{}.txt"):
    """An archive of so many empty files."""
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(count):
            archive.writestr(zipfile.ZipInfo(name.format(number)), b"")
    return str(path)


def test_a_file_is_one_however_its_path_is_written(photos, monkeypatch):
    folder, name = Path(photos[3]).parent, Path(photos[3]).name
    listed, is_archive = [], uploads.is_archive
    monkeypatch.setattr(uploads, "is_archive", lambda path: listed.append(path) or is_archive(path))
    spelled = [f"{folder}/{'./' * number}{name}" for number in range(1000)]
    assert find_uploads(spelled)[0] == find_uploads(spelled[:1])[0]
    assert listed == spelled[:1] * 2


def test_archives_of_an_album_share_a_limit_of_files(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "Allowance", lambda: Allowance(25))
    paths = [empty_entries(tmp_path / f"{number}.zip", 10) for number in range(4)]
    assert len(find_uploads(paths[:2])[1]) == 2
    whole = Path(paths[1]).read_bytes()
    Path(paths[1]).write_bytes(b"PK\1\3".join(whole.rsplit(b"PK\1\2", 1)))  # what is damaged at its end counts too
    with pytest.raises(AlbumError, match="lists of files are too long; the limit for all together is 10000 files"):
        find_uploads(paths)


def test_a_visitor_keeps_few_names_of_what_is_left_out(tmp_path):
    path = empty_entries(tmp_path / "a.zip", uploads.MOST_LEFT_OUT + 7, "/{}.png")
    left_out = find_uploads([path])[1]
    assert len(left_out) == uploads.MOST_LEFT_OUT + 1
    assert str(left_out[-1].error) == "Besides these, files were left out: 7."


def test_limits(photos, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_PHOTOS", 5)
    with pytest.raises(AlbumError, match="These are 6 photographs; the limit is 5"):
        find_uploads(photos)
    with pytest.raises(AlbumError, match="the limit is 5"):
        find_uploads([f"{number}.zip" for number in range(6)])
    monkeypatch.setattr(uploads, "MOST_PHOTOS", 6)
    total = sum(Path(path).stat().st_size for path in photos[:3])
    monkeypatch.setattr(uploads, "MOST_BYTES", total)
    assert len(find_uploads(photos[:3])[0]) == 3
    monkeypatch.setattr(uploads, "MOST_BYTES", total - 1)
    with pytest.raises(AlbumError, match="MB together; the limit"):
        find_uploads(photos[:3])
    monkeypatch.setattr(uploads, "MOST_PHOTO_BYTES", 20)
    assert [failed.error.kind for failed in find_uploads(photos[:1])[1]] == ["archive_large"]


@given(
    st.lists(st.text(max_size=30).map(lambda name: name + ".jpg") | st.sampled_from(["a/B.jpg", "A/b.jpg", "con.jpg"]))
)
def test_results_have_unique_names_that_every_system_accepts(names):
    taken: set[str] = set()
    for name in names:
        result = result_name(name, "png", taken)
        assert same(result) not in taken
        taken.add(same(result))
        for word in PurePosixPath(result).parts:
            assert word not in ("..", ".", "/")
            assert not set(word) & set('<>:"\\|?*\0\n\x1f')
            assert not word.endswith((" ", "."))
            assert len(word.encode()) < 200
            assert word.partition(".")[0].lower() not in ("con", "nul", "com1")
        assert not any(part.name.endswith((".png", ".jpg")) for part in PurePosixPath(result).parents)


def test_names_change_as_little_as_possible():
    assert result_name("Großmutter/1932.tif", "png", ()) == "Großmutter/1932-colorized.png"
    assert result_name("a.png/b.png", "png", ()) == "a.png_/b-colorized.png"
    assert result_name("b.jpg", "png", {"b-colorized.png", "b-colorized-2.png"}) == "b-colorized-3.png"


def test_the_manifest_says_what_made_the_colours_of_each_photo(album, photos, weights):
    other = Colorizer.from_checkpoint("mobile-unet", folder=weights)
    first, colour = find_uploads(photos[:1])[0][0], album.colour
    own = {"checkpoint": "mobile-unet", "preset": "vivid"}
    album.own = lambda found: (album.form, own) if found == first else None
    album.colour = lambda photo, found: other.colorize(photo) if found == first else colour(photo, found)
    album.checkpoint_sha256 = "the album's"
    run(album, photos[:3])
    album.finish("")
    with zipfile.ZipFile(album.archive) as archive:
        rows = {row["source"]: row for row in csv.DictReader(io.StringIO(archive.read(CSV).decode("utf-8-sig")))}
    assert json.loads(rows["a.png"]["settings"]).items() >= {"preset": "vivid", "hints": []}.items()
    assert rows["a.png"]["checkpoint_sha256"] == other.card.sha256
    assert rows["a.png"]["checkpoint"] == "mobile-unet"
    assert (rows["b.jpg"]["checkpoint"], rows["b.jpg"]["checkpoint_sha256"]) == ("resnet18-decoder", "the album's")


def test_what_was_coloured_before_has_no_original_in_an_album(album, tmp_path):
    save_photo(colour_photo(60, 40), tmp_path / "a.jpg", checkpoint="alpha")
    (done,) = run(album, [str(tmp_path / "a.jpg")])
    assert done.original is None
    assert [note.kind for note in done.notes] == ["photo_coloured"]
    assert [line.notes for line in album.lines()] == [str(done.notes[0])]
