"""A second `prepare` in the same folder continues, adds new pictures, and replaces no files of other programs."""

import json
from pathlib import Path

import pytest
from training_sources import detailed, files, make_sources, save

from colorizer.data import prepare as module
from colorizer.data.files import DataError
from colorizer.data.prepare import Settings, prepare


@pytest.fixture
def sources(tmp_path):
    return make_sources(tmp_path)


def test_a_second_run_changes_nothing_and_reads_nothing(sources, tmp_path, monkeypatch):
    out = tmp_path / "out"
    first = prepare([sources], out)
    before = files(out)
    times = {p: p.stat().st_mtime_ns for p in out.rglob("*.jpg")}
    monkeypatch.setattr(module, "look_at", None)
    assert prepare([sources], out).counts == first.counts
    assert files(out) == before
    assert {p: p.stat().st_mtime_ns for p in out.rglob("*.jpg")} == times


def test_new_pictures_are_added(sources, tmp_path):
    out = tmp_path / "out"
    prepare([sources], out)
    before = files(out)
    save(sources / "a/new.png", detailed(500))
    save(sources / "a/known.png", detailed(5))
    report = prepare([sources], out)
    assert report.counts["found"] == 28
    assert report.counts["duplicate"] == 2
    after = files(out)
    added = set(after) - set(before)
    assert [Path(name).parts[1] for name in added] == ["a"]
    assert all(after[name] == before[name] for name in before if name.endswith(".jpg"))


@pytest.mark.parametrize("torn", [b"", b'{"source": 0, "na'])
def test_a_stopped_run_can_continue(sources, tmp_path, monkeypatch, torn):
    prepare([sources], tmp_path / "whole")
    out = tmp_path / "out"
    write, left = module.write_new, iter(range(7))

    def stop(path, encoded):
        write(path, encoded)
        if next(left, None) is None:
            raise KeyboardInterrupt  # the file is written, its line is not

    with monkeypatch.context() as patch:
        patch.setattr(module, "write_new", stop)
        with pytest.raises(KeyboardInterrupt):
            prepare([sources], out)
    assert not json.loads((out / "report.json").read_text())["finished"]
    with open(out / "pictures.jsonl", "ab") as file:
        file.write(torn)
    prepare([sources], out)
    assert files(out) == files(tmp_path / "whole")


def test_other_programs_files_are_never_replaced(sources, tmp_path):
    out = tmp_path / "out"
    name = prepare([sources], out).decisions[0].file
    (out / "mine.txt").write_text("mine")
    prepare([sources], out)
    assert (out / "mine.txt").read_text() == "mine"
    (out / "pictures.jsonl").unlink()  # as if nothing had been made yet
    (out / name).write_bytes(b"mine")
    with pytest.raises(DataError, match="already there and was not made by this"):
        prepare([sources], out)
    assert (out / name).read_bytes() == b"mine"


def test_unsuitable_folders_are_refused(sources, tmp_path):
    out = tmp_path / "out"
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="is a file"):
        prepare([sources], tmp_path / "file")
    for inside in (sources, sources / "out"):
        with pytest.raises(DataError, match="choose a folder outside it"):
            prepare([sources], inside)
    out.mkdir()
    prepare([sources], out)
    before = files(out)
    with pytest.raises(DataError, match=r"other settings, size 256, held_out 0.05.*choose another folder"):
        prepare([sources], out, Settings(size=128))
    with pytest.raises(DataError, match="other sources"):
        prepare([sources / "dogs"], out)
    assert files(out) == before
    (out / "pictures.jsonl").write_text("[]\n")
    with pytest.raises(DataError, match="is damaged"):
        prepare([sources], out)
    for content in ("{}", "[1]", "no JSON"):
        (out / "report.json").write_text(content)
        with pytest.raises(DataError, match="is not empty and was not made by this"):
            prepare([sources], out)


def test_a_picture_in_both_train_and_validation_is_reported(sources, tmp_path):
    out = tmp_path / "out"
    prepare([sources], out)
    line = next(line for line in (out / "pictures.jsonl").read_text().splitlines() if '"train/' in line)
    with open(out / "pictures.jsonl", "a") as file:
        file.write(line.replace("train/", "validation/") + "\n")
    with pytest.raises(DataError, match="in train and in validation"):
        prepare([sources], out)
