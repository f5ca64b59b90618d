"""The page about a training run, made from folders as `train` writes them, and from what is left of them."""

import json
import math
import re
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from fake_run import DEFAULTS, NASTY, fake_run, settings, step, validation
from html_page import Page
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from colorizer.architectures.registry import list_architectures
from colorizer.checkpoints.file import save_checkpoint
from colorizer.cli.train import main
from colorizer.training.report import ReportError, write_report
from colorizer.training.report.record import RunRecord, read_run
from colorizer.training.report.samples import choose
from colorizer.training.report.table import table_of
from colorizer.training.report.verdict import checks_of, outcome


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A checkpoint with the card of a run's last validation."""
    from colorizer import build

    path = tmp_path_factory.mktemp("trained") / "best.safetensors"
    last = validation(240_000)
    numbers = {key: value for key, value in last.items() if isinstance(value, float)} | {"pictures": 500}
    history = [{"pictures_seen": 240_000, "loss": last["loss"], "psnr": last["psnr"], "gray_psnr": last["gray_psnr"]}]
    save_checkpoint(path, build("alpha"), title="From <before>", metrics=numbers, history=history, recipe={"batch": 48})
    return path


@pytest.fixture(scope="module")
def page(tmp_path_factory, trained):
    return Page(write_report(fake_run(tmp_path_factory.mktemp("runs") / "x", weights=trained), DEFAULTS))


def test_the_page_says_what_was_trained_and_how_it_went(page):
    assert (
        "22.95 dB on 500 pictures, 1.23 dB above plain gray, after 240,000 pictures seen; best at its end." in page.text
    )
    for said in ("3,559,333", "119,000 photographs", "Plain gray", "oracle", "abc1234", "more.tar", "torchvision"):
        assert said in page.text
    headings = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert set(headings[1:]) == {2}
    assert len(page.all("caption")) == len(page.all("table")) >= 6


def test_the_page_is_self_contained(page):
    for _, attributes in page.tags:
        for name in ("src", "href"):
            assert attributes.get(name, "#").startswith(("data:", "#"))
    assert "url(" not in page.source
    assert "@import" not in page.source
    targets = {attributes.get("id") for _, attributes in page.tags}
    assert {link["href"][1:] for link in page.all("a")} <= targets


def test_every_picture_has_a_text_alternative(page):
    drawings = [svg for svg in page.all("svg") if svg.get("aria-hidden") != "true"]
    assert all(len(svg["aria-label"]) > 10 for svg in drawings)
    assert sum("Colourfulness" in svg["aria-label"] for svg in drawings) == 1
    assert len(drawings) == 9 + 2 * 8
    assert all(len(image["alt"]) > 10 for image in page.all("img"))


def test_names_from_the_data_are_escaped(page):
    assert NASTY in page.text
    assert "<script>alert" not in page.source
    assert len(page.all("script")) == 1


def test_an_old_run_is_read_from_its_headers(tmp_path, trained):
    shutil.copy(trained, tmp_path / "last.safetensors")
    page = Page(write_report(tmp_path, DEFAULTS))
    assert "22.95 dB on 500 pictures" in page.text
    assert "From <before>" in page.text
    assert "how many were planned is not recorded" in page.text
    assert "--data DIR" in page.text


def test_a_young_run_has_no_figures(tmp_path):
    page = Page(write_report(fake_run(tmp_path / "young", upto=4800), DEFAULTS))
    assert "No validation yet" in page.text
    assert "4,800 of 240,000 pictures seen" in page.text
    assert "None" not in page.text
    assert "nan" not in page.text
    (tmp_path / "young" / "log.jsonl").unlink()
    assert "No validation yet" in Page(write_report(tmp_path / "young", DEFAULTS)).text


def test_a_stopped_run_says_so_and_one_that_stopped_early_has_ended(tmp_path):
    folder = fake_run(tmp_path / "x", upto=100_000)
    record = read_run(folder)
    assert re.search(r"best at 90,000\. Not finished: 98,400 of 240,000 pictures seen\.$", outcome(record))
    assert record.seconds == pytest.approx(98_400 / 68, rel=0.01)
    with (folder / "log.jsonl").open("a") as log:
        log.write('{"kind": "end", "step": 2050, "why": "early stopping"}\n')
    record = read_run(folder)
    assert not record.problems
    assert "Not finished" not in outcome(record)
    assert any("stopped early" in check.text for check in checks_of(record) if check.level == "good")


def test_incomplete_and_invalid_lines_are_left_out(tmp_path):
    folder = fake_run(tmp_path / "x", upto=60_000)
    whole = read_run(folder)
    with (folder / "log.jsonl").open("ab") as log:
        log.write(b'[1]\n{"kind": "rumour"}\n{"kind": "step", "pictures_seen": NaN}\n\xff\n\n{"kind": "step", "pic')
    torn = read_run(folder)
    assert (torn.steps, torn.validations) == (whole.steps, whole.validations)
    assert torn.problems == ("5 of the 33 lines of log.jsonl cannot be read and are left out.",)
    (folder / "run.json").write_text("{")
    (folder / "best.safetensors").write_bytes(b"torn")
    (folder / "samples-000030000.png").write_bytes(b"torn")
    page = Page(write_report(folder, DEFAULTS))
    for said in ("run.json cannot be read", "best.safetensors is not a readable", "samples-000030000.png is not a"):
        assert said in page.text


def test_steps_repeated_after_a_crash_count_once(tmp_path):
    folder = fake_run(tmp_path / "x", upto=100_000)
    with (folder / "log.jsonl").open("a") as log:
        log.writelines(json.dumps(line) + "\n" for line in (step(79_200, loss=9.0), step(81_600), validation(81_600)))
    record = read_run(folder)
    seen = [point["pictures_seen"] for point in record.steps]
    assert seen == list(range(2400, 81_601, 2400))
    assert record.steps[-2]["loss"] == 9
    assert [point["pictures_seen"] for point in record.validations] == [30_000, 60_000, 81_600]
    assert record.repeats == 1


def test_values_that_are_not_numbers_do_no_harm(tmp_path):
    folder = fake_run(tmp_path / "x", upto=60_000)
    with (folder / "log.jsonl").open("a") as log:
        odd = {"psnr": None, "delta_e": "?", "updates": [], "loss": math.inf}
        odd["gradients"] = {"encoder": math.nan, "head": 0.0}
        log.writelines(json.dumps(line) + "\n" for line in (step(62_400, loss=math.nan), validation(62_400, **odd)))
    page = Page(write_report(folder, DEFAULTS))
    assert "The loss is not a number in 1 of 26 lines" in page.text
    assert "No gradient reaches encoder, head" in page.text
    assert not re.search(r"\bnan\b", "".join(line["d"] for line in page.all("path")))


@hypothesis_settings(max_examples=15)
@given(st.integers(0, 2**32), st.floats(0, 1))
def test_a_page_is_made_even_if_files_are_missing(seed, share):
    """Keys of run.json, of its parts and of the log's lines may be missing, or null."""
    random = Random(seed)

    def thinned(values: dict) -> dict:
        kept = {key: thinned(value) if isinstance(value, dict) else value for key, value in values.items()}
        gone = {key for key in kept if random.random() < share}
        null = random.random() < 0.5
        return {key: None if key in gone else value for key, value in kept.items() if null or key not in gone}

    with tempfile.TemporaryDirectory() as folder:
        noted = json.dumps(thinned(settings()))
        (Path(folder) / "run.json").write_text(noted)
        lines = [thinned(line) for line in (step(2400), step(4800), validation(4800), validation(240_000))]
        (Path(folder) / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        try:
            page = Page(write_report(folder, DEFAULTS))
        except ReportError:
            assert not any(line.get("pictures_seen") and line.get("kind") for line in lines)
            assert not any(json.loads(noted).values())
        else:
            assert "None" not in page.text
            assert not re.search(r"\bnan\b", page.text)


def test_doubts_come_first():
    point = validation(240_000, psnr=21.9, colourfulness=5.0, delta_e=12.0, dead_units=0.98)
    record = RunRecord(Path("x"), validations=(point,), run={"overfit": True}, recipe={"pictures": 240_000})
    levels = [check.level for check in checks_of(record)]
    doubts = " ".join(check.text for check in checks_of(record) if check.level == "doubt")
    for said in ("may be chance", "pale", "ΔE2000", "98% of its units are dead", "training pictures themselves"):
        assert said in doubts
    assert levels == sorted(levels, key=["bad", "doubt", "open", "good"].index)
    worse = replace(record, validations=(validation(240_000, psnr=21.0),))
    assert any(check.level == "bad" and "no better than plain gray" in check.text for check in checks_of(worse))
    assert "0.72 dB below plain gray" in outcome(worse)


def test_gray_is_measured_on_the_same_pictures(tmp_path):
    """The best and the last weights of a stopped run may have been measured on different pictures."""
    points = (validation(30_000, psnr=23.0), validation(60_000, gray_psnr=21.5, pictures=500))
    rows = table_of(RunRecord(tmp_path, validations=points))
    gray = [row.figures["psnr"] for row in rows if row.name == "Plain gray"]
    assert gray == [21.72, 21.5]
    same = table_of(RunRecord(tmp_path, validations=points[:1]))
    assert [row.name for row in same] == ["Best weights, also the last", "Mean colour", "Plain gray"]
    assert math.isclose(same[0].figures["gain"], 1.28)


@given(st.integers(0, 200), st.integers(2, 12))
def test_sheets_are_spread_from_first_to_last(count, shown):
    chosen = choose(count, shown)
    assert len(chosen) == min(count, shown)
    assert count == 0 or {0, count - 1} <= chosen <= set(range(count))


def test_the_command_line(tmp_path, capsys):
    a, b = (fake_run(tmp_path / name, upto=2400) for name in "ab")
    assert main(["report", str(a), str(tmp_path / "missing"), str(b)]) == 1
    assert (a / "report.html").exists()
    assert (b / "report.html").exists()
    assert "train.py: there is no folder" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stopped:
        main(["report"])
    assert stopped.value.code == 2
    with pytest.raises(SystemExit) as stopped:
        main(["report", "--help"])
    assert stopped.value.code == 0
    assert "report" not in list_architectures()


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(ReportError, match=r"holds nothing that train\.py has written"):
        write_report(tmp_path, DEFAULTS)
    assert not (tmp_path / "report.html").exists()
