"""The record of a folder of results: nothing is mixed up, forgotten or replaced unseen."""

import csv
import hashlib
import json
import subprocess
import sys

import pytest
from conftest import colour_photo

from colorizer.albums import engine
from colorizer.albums.plan import plan_jobs
from colorizer.cli.parser import main


@pytest.fixture
def scans(tmp_path):
    (tmp_path / "in/box").mkdir(parents=True)
    colour_photo(60, 40, seed=1).convert("L").save(tmp_path / "in/a.png")
    colour_photo(60, 40, seed=2).convert("L").save(tmp_path / "in/box/b.tif")
    return tmp_path / "in"


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def colorize(scans, out, weights, capsys):
    """Run the command over the folder; its exit code and its last line."""

    def run(*arguments):
        code = main(["colorize", str(scans), "-o", str(out), "--weights", str(weights), "--workers", "1", *arguments])
        said = capsys.readouterr().err
        return code, said

    return run


def lines(out):
    return {line["source"]: line for line in json.loads((out / "manifest.json").read_text())["photos"]}


def times(out):
    return {path.name: path.stat().st_mtime_ns for path in out.rglob("*.png")}


def test_every_photo_has_a_line(scans, out, colorize):
    (scans / "bad.jpg").write_bytes(b"no photograph")
    assert colorize("--saturation", "0.5")[0] == 1
    found = lines(out)
    assert list(found) == ["a.png", "bad.jpg", "box/b.tif"]
    done = found["box/b.tif"]
    assert (done["result"], done["state"]) == ("box/b-colorized.png", "done")
    assert done["source_sha256"] == hashlib.sha256((scans / "box/b.tif").read_bytes()).hexdigest()
    assert done["result_sha256"] == hashlib.sha256((out / done["result"]).read_bytes()).hexdigest()
    assert (done["width"], done["height"], done["checkpoint"]) == (60, 40, "mobile-unet")
    assert len(done["checkpoint_sha256"]) == 64
    assert json.loads(done["settings"])["saturation"] == 0.5
    assert done["seconds"] > 0
    assert done["date"].endswith("+00:00")
    assert done["version"]
    assert found["bad.jpg"]["state"] == "failed"
    assert "is not a picture" in found["bad.jpg"]["reason"]
    with open(out / "manifest.csv", encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["source"] for row in table] == list(found)
    assert table[2]["result_sha256"] == done["result_sha256"]


def test_a_jpeg_that_arrives_beside_a_master_is_coloured_too(scans, out, colorize):
    assert colorize()[0] == 0
    before = times(out)
    colour_photo(60, 40, seed=3).convert("L").save(scans / "a.jpg")
    code, said = colorize("--resume")
    assert (code, "1 coloured" in said) == (0, True)
    assert times(out).items() >= before.items()
    assert lines(out)["a.jpg"]["result"] == "a-jpg-colorized.png"
    assert lines(out)["a.png"]["result"] == "a-colorized.png"
    assert colorize("--resume") == (0, "nothing left to colour\n")


def test_names_follow_from_what_lies_there_and_not_from_what_is_asked_for_or_when(scans, tmp_path):
    """They are planned before anything is coloured, so nor do they depend on what is done first."""
    colour_photo(60, 40, seed=3).convert("L").save(scans / "a.jpg")
    inputs = [str(scans / name) for name in ("a.jpg", "a.png", "box/b.tif")]
    names = {"a.jpg": "a-jpg-colorized.png", "a.png": "a-png-colorized.png", "b.tif": "b-colorized.png"}
    for some in (inputs, inputs[::-1], [*inputs[1:], inputs[0]], inputs[1:2]):
        jobs = plan_jobs(some, tmp_path / "out", "png", False).jobs
        assert len(jobs) == len(some)
        assert {job.source.name: job.target.name for job in jobs}.items() <= names.items()


def replaced_original(scans, out):
    colour_photo(80, 40, seed=4).convert("L").save(scans / "a.png")


def truncated_result(scans, out):
    path = out / "a-colorized.png"
    path.write_bytes(path.read_bytes()[:-200])


def deleted_result(scans, out):
    (out / "a-colorized.png").unlink()


@pytest.mark.parametrize("change", [replaced_original, truncated_result, deleted_result])
def test_what_changed_is_done_again_and_nothing_else(change, scans, out, colorize):
    colorize()
    before = times(out)
    change(scans, out)
    code, said = colorize("--resume")
    assert (code, "1 coloured" in said) == (0, True)
    assert times(out)["b-colorized.png"] == before["b-colorized.png"]
    assert times(out)["a-colorized.png"] != before["a-colorized.png"]
    assert colorize("--resume") == (0, "nothing left to colour\n")


def test_other_settings_are_done_again(out, colorize):
    colorize()
    code, said = colorize("--resume", "--preset", "vivid")
    assert (code, "2 coloured" in said) == (0, True)
    assert colorize("--resume", "--preset", "vivid") == (0, "nothing left to colour\n")


def test_a_source_that_was_only_touched_is_not_done_again(scans, colorize):
    colorize()
    (scans / "a.png").touch()
    assert colorize("--resume") == (0, "nothing left to colour\n")


def test_a_result_that_somebody_changed_stays(out, colorize):
    colorize()
    retouched = colour_photo(60, 40, seed=9)
    retouched.save(out / "a-colorized.png")
    kept = (out / "a-colorized.png").read_bytes()
    code, said = colorize("--resume", "--preset", "vivid")
    assert code == 1
    assert "a-colorized.png was changed after it was made" in said
    assert (out / "a-colorized.png").read_bytes() == kept
    assert colorize("--overwrite")[0] == 0
    assert (out / "a-colorized.png").read_bytes() != kept


def test_a_file_of_unknown_origin_stays(out, colorize):
    out.mkdir()
    (out / "a-colorized.png").write_bytes(b"mine")
    code, said = colorize("--resume")
    assert code == 1
    assert "manifest.json does not say from what" in said
    assert (out / "a-colorized.png").read_bytes() == b"mine"
    assert "1 coloured, 1 not" in said


def test_a_photo_that_failed_is_tried_again_over_its_earlier_result(scans, out, colorize):
    colorize()
    whole = (scans / "a.png").read_bytes()
    for content, code in ((b"damaged", 1), (b"still damaged", 1), (whole + b" ", 0)):
        (scans / "a.png").write_bytes(content)
        assert colorize("--resume")[0] == code
    assert lines(out)["a.png"]["state"] == "done"
    (scans / "a.png").write_bytes(b"damaged")
    colorize("--resume")
    (out / "a-colorized.png").write_bytes(b"mine")
    (scans / "a.png").write_bytes(whole)
    assert "is already there" in colorize("--resume")[1]
    assert (out / "a-colorized.png").read_bytes() == b"mine"


def test_a_stopped_run_says_what_it_did_not_reach(out, colorize, monkeypatch):
    run_job, began = engine.run_job, []

    def interrupted(*arguments):
        if began:
            raise KeyboardInterrupt
        began.append(arguments)
        return run_job(*arguments)

    monkeypatch.setattr(engine, "run_job", interrupted)
    assert colorize()[0] == 130
    assert {line["state"] for line in lines(out).values()} == {"done", "waiting"}
    monkeypatch.undo()
    code, said = colorize("--resume")
    assert (code, "1 coloured" in said) == (0, True)
    assert {line["state"] for line in lines(out).values()} == {"done"}


def test_a_killed_run_is_continued(out, colorize, monkeypatch):
    """Killed after it had written a result and before it could note that, in the middle of a line."""
    from colorizer.albums.manifest import Manifest

    monkeypatch.setattr(Manifest, "record", lambda self, outcome: None)
    monkeypatch.setattr(Manifest, "close", lambda self: self._journal.close())
    colorize()
    monkeypatch.undo()
    with open(out / ".manifest.jsonl", "a") as journal:
        journal.write('{"source": "a.pn')
    assert not (out / "manifest.json").exists()
    code, said = colorize("--resume")
    assert (code, "2 coloured" in said) == (0, True)
    assert not (out / ".manifest.jsonl").exists()


def test_two_runs_do_not_share_a_folder(out, colorize):
    out.mkdir()
    held = "import sys; from colorizer.files.lock import alone_in; from pathlib import Path\n"
    held += "with alone_in(Path(sys.argv[1])): print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", held, out], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        code, said = colorize()
        other.stdin.close()
    assert code == 1
    assert "Another run writes into" in said
    assert not list(out.rglob("*.png"))


@pytest.mark.parametrize("content", ["{", '{"photos": 3}', '{"photos": [{"width": 1}]}', '["a"]'])
def test_a_manifest_that_cannot_be_read(content, out, colorize):
    out.mkdir()
    (out / "manifest.json").write_text(content)
    code, said = colorize("--resume")
    assert code == 1
    assert "manifest.json cannot be read; move it away" in said
    assert (out / "manifest.json").read_text() == content
