"""The drawn curves of a training run."""

import re
from pathlib import Path

import pytest
from fake_run import validation

from colorizer.figures.chart import HEIGHT, WIDTH, line_chart
from colorizer.training.report import charts
from colorizer.training.report.charts import charts_of, parts_of
from colorizer.training.report.record import RunRecord


def drawn(*ys: float, **options) -> str:
    return line_chart((("line", "predicted", tuple(enumerate(ys))),), 10, "a line", **options)


@pytest.mark.parametrize("ys", [(0.0,), (5e-324, 1e12), (-1e12, 1e12), tuple(i % 7 * 1.5 for i in range(600))])
@pytest.mark.parametrize("from_zero", [False, True])
def test_any_numbers_have_a_chart_inside_its_frame(ys, from_zero):
    svg = drawn(*map(abs, ys) if from_zero else ys, from_zero=from_zero)
    lines = re.findall(r'<path d="([^"]*)"[^>]*stroke: var\(--predicted\)', svg)
    places = [float(place) for line in lines for place in re.findall(r"[-\d.e+]+", line)]
    assert places
    assert all(0 <= x <= WIDTH for x in places[::2])
    assert all(0 <= y <= HEIGHT for y in places[1::2])
    assert svg.count("<text") > 3


def test_no_line_joins_validations_on_different_pictures():
    points = [validation(1000), validation(2000), validation(3000, gray_psnr=21.1), validation(4000, gray_psnr=21.1)]
    psnr = next(chart for chart in charts_of(RunRecord(Path("x"), validations=tuple(points))) if chart.title == "PSNR")
    for style in ("predicted", "gray"):
        line, *_ = re.findall(rf'<path d="([^"]*)"[^>]*stroke: var\(--{style}\)', psnr.svg)
        assert [part.count("L") + 1 for part in line.split("M")[1:]] == [2, 2]
        assert len(re.findall(rf"<use [^>]*fill: var\(--{style}\)", psnr.svg)) == 4


def test_steep_axes_are_logarithmic():
    steep = drawn(1000.0, 1.0)
    assert all(f">{label}</text>" in steep for label in ("1", "10", "100", "1000", ", logarithmic"))
    assert "logarithmic" not in drawn(3.0, 2.0)


def test_words_are_escaped_and_no_formulas():
    assert ">&lt;b&gt; $x$</text>" in drawn(1.0, 2.0, unit="<b> $x$")


def test_a_drawing_names_no_colour_and_shares_no_name_with_another():
    """The page sets colours, in both schemes; a name that stands twice in a page would show the other's dots."""
    first, second = drawn(1.0, 2.0, 3.0), line_chart((("l", "truth", ((0, 1.0), (1, 2.0))),), 10, "another")
    assert not re.search(r"#[0-9a-f]{6}|<style|font-family", first + second)
    names = [set(re.findall(r'id="([^"]*)"', svg)) for svg in (first, second)]
    assert names[0]
    assert not names[0] & names[1]
    assert set(re.findall(r"#(\w+)", first)) <= names[0]


def test_every_part_has_a_strip_on_the_scale_of_its_kind():
    parts = parts_of(RunRecord(Path("x"), validations=(validation(1000), validation(2000, updates={"head": 0.0}))))
    assert parts.scales == ("0.01 to 1", "0.0001 to 0.01")
    name, gradient, update = parts.rows[-1]
    assert name == "head"
    assert 'aria-label="gradient of head from 0.037 to 0.037"' in gradient[0]
    assert update[1] == 0
    assert parts_of(RunRecord(Path("x"))) is None


def test_colours_can_be_read_in_both_schemes():
    """WCAG AA: 4.5 to 1 for text, 3 to 1 for lines."""
    style = (Path(charts.__file__).parent / "report.css").read_text(encoding="utf-8")

    def luminance(colour: str) -> float:
        digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
        parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    schemes = [
        dict(re.findall(r"--(\w+): (#[0-9a-f]+)", block)) for block in re.findall(r":root \{[^}]*--[^}]*\}", style)
    ]
    assert len(schemes) == 3
    for scheme in schemes:
        for name in ("text", "muted", "link", "good", "doubt", "bad", "open", "predicted", "gray", "truth"):
            for ground in (scheme["ground"], scheme["raised"]):
                dark, light = sorted((luminance(scheme[name]), luminance(ground)))
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (name, ground)
