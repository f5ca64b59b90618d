"""A new measure needs one row and its texts: everything that shows figures then shows it."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from conftest import colour_photo, measure_small
from small_networks import small

from colorizer.checkpoints.card_text import markdown
from colorizer.checkpoints.file import read_card, save_checkpoint
from colorizer.cli.parser import main
from colorizer.colour import metrics
from colorizer.colour.metrics import FIGURES, Measure
from colorizer.evaluation.comparison import Row, table
from colorizer.hub.model_card import model_card
from colorizer.page.api import endpoints
from colorizer.page.i18n import texts
from colorizer.page.session.answer import OpenedPhoto
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.models import ModelsHandlers
from colorizer.page.tabs.one_photo.wording import measures_table
from colorizer.training.report import charts_of, table_of
from colorizer.training.report.record import RunRecord

HEADING, SENTENCE = "Mean error, levels", "Mean error: lower is closer."


def mean_error(guess, truth):
    return float(np.abs(guess.astype(float) - truth).mean())


@pytest.fixture
def measured(monkeypatch, tmp_path):
    """A checkpoint measured by the existing figures and one more."""
    row = Measure("mean_error", "Mean error", "levels", ".1f", "lower", mean_error, perfect=0.0)
    monkeypatch.setattr(metrics, "FIGURES", (*FIGURES, row))
    words = {**texts._sentences("en"), "measure_mean_error": HEADING, "measure_mean_error_info": SENTENCE}
    monkeypatch.setattr(texts, "_sentences", lambda language: words)
    measure_small(monkeypatch)
    photos = tmp_path / "photos"
    photos.mkdir()
    colour_photo().save(photos / "photo.png")
    path = save_checkpoint(tmp_path / "alpha.safetensors", small("alpha")).path
    assert main(["evaluate", str(photos), "--checkpoint", str(path), "--save"]) == 0
    return read_card(path)


def test_a_new_measure_needs_one_row_and_its_texts(measured, capsys):
    value = f"{measured.metrics['mean_error']:.1f}"
    assert 0 < measured.metrics["mean_mean_error"] < measured.metrics["gray_mean_error"]
    for text in (table([Row(measured, 1.0, 1.0, measured.metrics)]), markdown([measured]), model_card(measured).text):
        assert f" | {HEADING} |" in text
        assert f" | {value} |" in text
    page = ModelsHandlers(Shelf(measured.path.parent)).html()
    assert page.count(HEADING) == 2  # the overview and the card
    assert SENTENCE in page
    assert f">{value}</td>" in page


def test_a_new_measure_appears_under_a_photograph_and_in_the_api(measured):
    photo, guess = colour_photo(), colour_photo(seed=1)
    opened = SimpleNamespace(preview=photo, reference=metrics.reference(photo))
    same = SimpleNamespace(readout=None)
    answer: Any = SimpleNamespace(opened=opened, picture=guess, result=same, plain=same)
    shown = measures_table(answer, "a guess")
    assert f" | {HEADING} |" in shown
    assert shown.splitlines()[-3].endswith(" | 0.0 |")  # the original itself
    assert SENTENCE in shown
    told = endpoints._closeness(guess, OpenedPhoto(photo), None)
    assert {"mean_error", "gray_mean_error"} <= set(told)
    assert "mean_error" in endpoints.Endpoints(Shelf(measured.path.parent), None).models()[0]["metrics"]


def test_a_new_measure_appears_in_the_report_of_a_run_and_on_the_terminal(measured, capsys):
    points = [{"kind": "validation", "pictures_seen": seen, "mean_error": 9.0 - seen} for seen in (1, 2)]
    about = {"recipe": {"epochs": 0, "pictures": 2}}
    record = RunRecord(measured.path, about, points, measured)
    assert HEADING in table_of(record).columns
    drawn = charts_of(record)
    assert [chart.title for chart in drawn] == ["Mean error"]
    assert ">levels, less is better</text>" in drawn[0].svg
    assert main(["evaluate", str(measured.path.parent / "photos"), "--checkpoint", str(measured.path)]) == 0
    heads, ours, gray = capsys.readouterr().out.splitlines()[-3:]
    assert heads.endswith("Mean error levels")
    assert ours.split()[-1] == f"{measured.metrics['mean_error']:.1f}"
    assert gray.split()[-1] == f"{measured.metrics['gray_mean_error']:.1f}"


def test_every_measure_has_its_texts():
    for row in FIGURES:
        assert texts.text(f"measure_{row.key}_info")
        assert texts.text(f"measure_{row.key}").lower().startswith(row.label.lower())
