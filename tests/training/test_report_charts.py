"""The drawn curves of a training run."""

import re
from pathlib import Path

from fake_run import validation
from hypothesis import given
from hypothesis import strategies as st

from colorizer.figures import chart as frame
from colorizer.training.report import charts
from colorizer.training.report.charts import charts_of
from colorizer.training.report.record import RunRecord


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=600), st.booleans())
def test_charts_stay_inside_their_frame(ys, from_zero):
    ys = [abs(y) for y in ys] if from_zero else ys
    drawn = frame.chart("a", "", [("line", "predicted", [(i, y) for i, y in enumerate(ys)])], 10, from_zero)
    places = re.findall(r"([-\d.e+]+),([-\d.e+]+)", drawn.lines[0].path + drawn.lines[0].band)
    assert all(frame.LEFT <= float(x) <= frame.WIDTH - frame.RIGHT for x, _ in places)
    assert all(frame.TOP - 0.1 <= float(y) <= frame.HEIGHT - frame.BOTTOM + 0.1 for _, y in places)
    assert len(drawn.y_ticks) > 1


def test_no_line_joins_validations_on_different_pictures():
    points = [validation(1000), validation(2000), validation(3000, gray_psnr=21.1), validation(4000, gray_psnr=21.1)]
    psnr = next(chart for chart in charts_of(RunRecord(Path("x"), validations=tuple(points))) if chart.title == "PSNR")
    assert [[part.count("L") + 1 for part in line.path[1:].split("M")] for line in psnr.lines] == [[2, 2], [2, 2]]
    assert len(psnr.lines[0].dots) == 4


def test_steep_axes_are_logarithmic():
    steep = frame.chart("a", "", [("line", "predicted", [(0, 1000.0), (1, 1.0)])], 1)
    assert [label for _, label in steep.y_ticks] == ["1", "10¹", "10²", "10³"]
    assert "logarithmic" in steep.unit
    flat = frame.chart("a", "", [("line", "predicted", [(0, 3.0), (1, 2.0)])], 1)
    assert "logarithmic" not in flat.unit


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
