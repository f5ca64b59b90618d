"""The page about a training run, made from a folder as `train` writes it."""

import json
import math
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from conftest import colour_photo
from html_page import Page

from colorizer import build
from colorizer.checkpoints.card import Card
from colorizer.checkpoints.file import save_checkpoint
from colorizer.cli.train import main
from colorizer.training import Run
from colorizer.training.protocols import recipe_for
from colorizer.training.report import ReportError, write_report
from colorizer.training.report.record import RunRecord, doubts, outcome, read_run

NASTY = "<script>alert(1)</script>.jpg"
FIGURES = {
    "psnr": 22.95, "gray_psnr": 21.72, "mean_psnr": 24.99, "psnr_gain": 1.23, "delta_e": 10.6, "gray_delta_e": 11.73,
    "mean_delta_e": 8.01, "auc": 0.895, "gray_auc": 0.878, "mean_auc": 0.919, "colourfulness": 20.0,
    "true_colourfulness": 44.2, "gray_colourfulness": 0.08, "mean_colourfulness": 14.6, "pictures": 500,
}  # fmt: skip
RECIPE = replace(recipe_for("alpha")[0], pictures=8000, rate=0.5)
RUN = Run(data=("photos", "more.tar"), out="runs/x", title="A <run>")
ABOUT = {
    "architecture": "alpha", "config": {"upsample": "bilinear"}, "recipe": asdict(RECIPE), "parameters": 3_559_333,
    "run": {name: value for name, value in asdict(RUN).items() if value != math.inf},
    "environment": {"device": "cpu", "processes": 1, "commit": "abc1234"},
    "pictures": {"training": 119_000, "validation": 500, "skipped": {"unreadable": [NASTY], "gray": []}},
}  # fmt: skip


def step(seen: int, **changes) -> dict:
    figures = {"loss": 4 - seen / 8000, "rate": 1e-3, "gradient_norm": 0.5, "pictures_per_second": 68, "seconds": seen}
    return {"kind": "step", "step": seen // 16, "pictures_seen": seen, **figures, **changes}


def validation(seen: int, **changes) -> dict:
    parts = {"gradients": {"encoder": 0.3, "decoder": 0.1}}
    point = {"kind": "validation", "step": seen // 16, "pictures_seen": seen, "loss": 3.0, "dead_units": 0.02, **parts}
    return {**point, **FIGURES, **changes}


LOG = [*(step(seen) for seen in range(800, 8001, 800)), validation(4000), validation(8000)]


def run_in(folder: Path, *lines: dict, best: bool = True) -> Path:
    """A folder like the one that `train` leaves."""
    folder.mkdir(exist_ok=True)
    (folder / "run.json").write_text(json.dumps(ABOUT))
    (folder / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    for seen in (line["pictures_seen"] for line in lines if line["kind"] == "validation"):
        colour_photo(160, 120, seed=seen).save(folder / f"samples-{seen:09}.png")
    if best:
        history = [{"pictures_seen": 8000, "loss": 3.0, "psnr": 22.95, "gray_psnr": 21.72}]
        save_checkpoint(folder / "best.safetensors", build("alpha"), metrics=FIGURES, history=history)
    return folder


def record_of(*log: dict, figures: dict | None = None, **changes) -> RunRecord:
    history = ({"pictures_seen": 8000},)
    best = Card("best", Path("x"), metrics={**FIGURES, **figures}, history=history) if figures is not None else None
    return RunRecord(Path("x"), {**ABOUT, **changes}, log, best)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return Page(write_report(run_in(tmp_path_factory.mktemp("runs") / "x", *LOG)))


def test_the_page_says_what_was_trained_and_how_it_went(page):
    assert "22.95 dB on 500 pictures, 1.23 dB above plain gray, after 8,000 pictures seen." in page.text
    for said in ("A <run>", "3,559,333", "119,000 photographs", "Plain gray", "more.tar", "Nothing that its", "ours: "):
        assert said in page.text, said
    assert len(page.all("caption")) == len(page.all("table")) == 6
    assert len(page.all("svg")) == 9
    assert all(len(svg["aria-label"]) > 10 for svg in page.all("svg"))
    assert len(page.all("img")) == 2
    assert all(len(image["alt"]) > 10 for image in page.all("img"))


def test_the_page_is_self_contained_and_names_from_the_data_are_escaped(page):
    for _, attributes in page.tags:
        for name in ("src", "href"):
            assert attributes.get(name, "#").startswith(("data:", "#"))
    assert "url(" not in page.source
    assert "@import" not in page.source
    assert NASTY in page.text
    assert page.all("script") == []


def test_a_young_run_has_no_figures(tmp_path):
    page = Page(write_report(run_in(tmp_path / "young", step(800), best=False)))
    assert "No validation yet" in page.text
    assert "800 of 8,000 pictures seen" in page.text
    assert "None" not in page.text
    assert "nan" not in page.text
    (tmp_path / "young" / "log.jsonl").unlink()
    assert "No validation yet" in Page(write_report(tmp_path / "young")).text


def test_a_stopped_run_says_so_and_one_that_stopped_early_has_ended():
    stopped = record_of(*LOG[:5], figures={})
    assert outcome(stopped).endswith("Not finished: 4,000 of 8,000 pictures seen.")
    assert stopped.seconds == 4000
    early = record_of(*LOG[:5], {"kind": "end", "step": 250, "why": "early stopping"}, figures={})
    assert "Not finished" not in outcome(early)


def test_what_is_to_doubt():
    assert list(doubts(record_of(*LOG, figures={}))) == []
    worse = {"psnr": 21.9, "colourfulness": 5.0, "delta_e": 12.0}
    log = [step(800, loss=math.nan), step(1600), step(2400, loss=9.0)]
    log.append(validation(2400, psnr=21.0, dead_units=0.98, gradients={"encoder": 0.0}))
    pictures = {"training": 80, "validation": 10, "skipped": {"gray": ["x.png"] * 10}}
    said = " ".join(doubts(record_of(*log, figures=worse, run={"overfit": True}, pictures=pictures)))
    for part in (
        "may be chance", "pale", "ΔE2000", "98% of its units are dead", "training pictures themselves", "did not fall",
        "not a number in 1 of 3", "No gradient reaches encoder", "0.90 dB worse than the best", "10 pictures, 10% of",
    ):  # fmt: skip
        assert part in said, part
    one = {"training": 1, "validation": 1, "skipped": {"gray": ["x.png"]}}
    assert "Left out: 1 picture, 33% of all." in doubts(record_of(figures={}, pictures=one))
    gray = record_of(figures={"psnr": 21.0})
    assert "no better than plain gray" in next(doubts(gray))
    assert "0.72 dB below plain gray" in outcome(gray)


def test_the_command_line(tmp_path, capsys):
    a, b = (run_in(tmp_path / name, *LOG[:2], best=False) for name in "ab")
    assert main(["report", str(a), str(tmp_path / "missing"), str(b)]) == 1
    assert (a / "report.html").exists()
    assert (b / "report.html").exists()
    assert "train.py: there is no folder" in capsys.readouterr().err
    (a / "best.safetensors").write_bytes(b"torn")
    assert main(["report", str(a)]) == 1
    assert "best.safetensors is not a readable" in capsys.readouterr().err


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(ReportError, match=r"has no run\.json .*this version of train\.py has written"):
        write_report(tmp_path)
    assert not (tmp_path / "report.html").exists()
    with pytest.raises(ReportError):
        read_run(tmp_path / "notes.txt")


def test_a_run_of_another_version_is_refused(tmp_path):
    folder = run_in(tmp_path / "x", *LOG)
    about = json.loads((folder / "run.json").read_text())
    del about["recipe"]["epochs"]
    (folder / "run.json").write_text(json.dumps(about))
    (folder / "samples-mine.png").write_bytes(b"")
    with pytest.raises(ReportError, match="is a run of another version"):
        write_report(folder)
