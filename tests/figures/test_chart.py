"""The drawn curves of a training run."""

import re

import pytest

from colorizer.figures.chart import HEIGHT, WIDTH, line_chart


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


def test_a_line_breaks_where_it_is_told():
    svg = drawn(1.0, 2.0, 3.0, 4.0, breaks=frozenset({2.0}))
    line, *_ = re.findall(r'<path d="([^"]*)"[^>]*stroke: var\(--predicted\)', svg)
    assert [part.count("L") + 1 for part in line.split("M")[1:]] == [2, 2]
    assert len(re.findall(r"<use [^>]*fill: var\(--predicted\)", svg)) == 4


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
