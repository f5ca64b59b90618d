"""Every benchmark can be named, and its results have a place in the documents."""

import re
import sys

import pytest

from benchmarks import __main__ as command
from benchmarks.__main__ import BENCHMARKS, Benchmark, main
from benchmarks.common import ROOT, Measured


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_can_be_loaded_and_its_places_exist(name, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([name, "--help"])
    assert stopped.value.code == 0
    assert f"python -m benchmarks {name}" in capsys.readouterr().out
    for place in BENCHMARKS[name].places:
        document, _, marker = place.partition("#")
        text = (ROOT / document).read_text(encoding="utf-8")
        if marker:
            end = f"<!-- end of {marker.partition(':')[0]} -->"
            assert -1 < text.find(f"<!-- {marker} -->") < text.find(end), place


def test_every_command_that_is_named_exists():
    named = set()
    for path in [ROOT / "Makefile", *ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("colorizer/**/*.py")]:
        named |= set(re.findall(r"-m benchmarks ([a-z_]+)", path.read_text(encoding="utf-8")))
    assert {"flagship", "load", "old_prints"} <= named <= set(BENCHMARKS)


def test_a_name_that_is_none_lists_all(capsys):
    assert main([]) == main(["hurry"]) == 2
    assert set(BENCHMARKS) <= set(capsys.readouterr().err.split())


def test_a_package_that_is_missing_is_a_sentence(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    monkeypatch.delitem(sys.modules, "benchmarks.site.browsers", raising=False)
    assert main(["browsers"]) == 1
    assert capsys.readouterr().err == "browsers needs playwright.sync_api; requirements-dev.txt has it\n"


def made(count: int = 1, missing: bool = False) -> Measured:
    if count < 1:
        raise ValueError("too few")
    return Measured((f"{count} rows", "<svg/>"), right=count < 3, whole=not missing)


def test_results_are_printed_and_stand_between_their_markers(tmp_path, monkeypatch, capsys):
    (tmp_path / "a.md").write_text("# A\n<!-- x -->\nold\n<!-- end of x -->\n", encoding="utf-8")
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setitem(BENCHMARKS, "made", Benchmark("made", ("a.md#x", "b.svg")))
    monkeypatch.setattr(Benchmark, "load", lambda self: made)
    assert main(["made"]) == 0
    assert capsys.readouterr().out.strip() == "1 rows"
    assert main(["made", "--write", "--missing"]) == 0
    assert "old" in (tmp_path / "a.md").read_text(encoding="utf-8")
    assert main(["made", "--count", "2", "--write"]) == 0
    assert main(["made", "--count", "3"]) == 1
    assert (tmp_path / "a.md").read_text(encoding="utf-8") == "# A\n<!-- x -->\n\n2 rows\n\n<!-- end of x -->\n"
    assert (tmp_path / "b.svg").read_text(encoding="utf-8") == "<svg/>"
    assert main(["made", "--count", "0"]) == 1
    assert "made: too few" in capsys.readouterr().err
