"""The files that `site` writes, without npm and without a browser."""

import json
import re

import pytest
from PIL import Image
from small_site import CARD, PIPELINE, write_package

from colorizer.cli.parser import main
from colorizer.colour.bins import palette_histogram
from colorizer.colour.readout import PRESETS
from colorizer.page.i18n import texts
from colorizer.page.session.request import MOST_HINTS, MOST_POINTS
from colorizer.photo.metadata import MOST_NOTE
from colorizer.site import assets
from colorizer.site.runtime import GPU, VERSION
from colorizer.site.write import PARTS, POLICY, write_site
from colorizer.site.write import facts as write_facts

FACTS = re.compile(r"^const FACTS = (.*);$", re.MULTILINE)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A written site."""
    folder = tmp_path_factory.mktemp("site")
    write_site(folder / "out", PIPELINE, write_package(folder / "package"))
    return folder / "out"


def read(path):
    return path.read_text(encoding="utf-8")


def names(site):
    return {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}


@pytest.fixture
def write(monkeypatch, weights):
    """Runs the command with a pipeline that takes no time: a function of the folder and flags that returns the exit
    code."""
    monkeypatch.setattr("colorizer.graph.whole.pipeline", lambda network, card: PIPELINE)
    return lambda out, *flags: main(["site", str(out), "--weights", str(weights), *map(str, flags)])


def test_every_file_that_the_page_names_is_there(site):
    there = names(site)
    page = read(site / "index.html")
    named = re.findall(r'(?:href|src)="([^"]+)"', page) + re.findall(r"url\(([^)]+)\)", read(site / "site.css"))
    named += [f"examples/{name}" for name in re.findall(r'data-example="([^"]+)"', page)]
    named += [icon["src"] for icon in json.loads(read(site / "manifest.webmanifest"))["icons"]]
    named += [f"words/{language}.json" for language in texts.LANGUAGES]
    named += re.findall(r"(?:from |import\()'\./([^']+)'", read(site / "worker.js"))
    assert len(named) > 20
    assert set(named) <= there
    for name in ("icon-192.png", "icon-512.png"):
        assert Image.open(site / name).size == (int(name[5:8]),) * 2


def test_the_service_worker_keeps_every_file(site):
    script = read(site / "service-worker.js")
    kept = json.loads(re.search(r"^const FILES = (.*);$", script, re.MULTILINE)[1])
    assert set(kept) == names(site) - {"service-worker.js", "index.html"} | {"./"}
    assert json.loads(re.search(r"^const POLICY = (.*);$", script, re.MULTILINE)[1]) == POLICY


def test_what_only_a_gpu_needs_is_kept_by_those_that_asked_for_it(site):
    rare = re.search(r"^const RARE = /(.*)/;", read(site / "service-worker.js"), re.MULTILINE)[1]
    assert {name for name in names(site) if re.search(rare, name)} == {f"onnxruntime/{name}" for name in GPU}


def test_the_sizes_of_what_is_loaded_with_a_bar_are_true(site):
    for script in ("site.js", "worker.js"):
        sizes = json.loads(FACTS.search(read(site / script))[1])["sizes"]
        assert {*(f"{name}.onnx" for name in PARTS), "onnxruntime/ort-wasm-simd-threaded.wasm"} <= set(sizes)
        for name, size in sizes.items():
            assert (site / name).stat().st_size == size


def test_nothing_is_asked_of_another_origin(site):
    assert POLICY in read(site / "index.html")
    assert "default-src 'none'" in POLICY
    assert "http" not in POLICY
    for name in names(site):
        if name.endswith((".html", ".css", ".js", ".webmanifest")):
            addresses = set(re.findall(r"https?://([\w.]+)", read(site / name)))
            assert addresses <= {"cv.iptc.org", "www.w3.org", "iptc.org", "ns.adobe.com", "purl.org"}, name
    page = read(site / "index.html")
    assert not re.search(r"<style|style=|<script>|\son\w+=", page), "the policy forbids it"
    assert not re.search(r"\{\w+\}", page), "a place that nothing was put into"


@pytest.mark.parametrize("modules", [assets.PAGE, assets.WORKER])
def test_no_two_modules_have_something_of_one_name(modules):
    sources = [read(assets.OWN / f"{name}.js") for name in modules if name != "widgets"]
    script = "\n".join([*sources, *(f"function {name}" for name in assets.SCRIPTS)])
    begin = r"^(?:export )?(?:async )?(?:const|let|class|function ?\*?) (\w+)"
    names = re.findall(begin, script, re.MULTILINE)
    for several in re.findall(r"^const \[([\w, ]+)\] =", script, re.MULTILINE):
        names += several.split(", ")
    assert len(names) > 20
    assert sorted(set(names)) == sorted(names)


def test_it_is_the_pages_own_widgets_that_run(site):
    script, page = read(site / "site.js"), read(site / "index.html")
    for parts in assets.SCRIPTS.values():
        for part in parts:
            assert read(next(assets.WIDGETS.rglob(f"{part}.js"))) in script
    assert read(assets.WIDGETS / "stage" / "stage.html") in page
    assert 'class="picker-panel"' in page
    assert assets.LIMITS == {"most": MOST_HINTS, "points": MOST_POINTS, "note": MOST_NOTE}
    assert assets.LANGUAGES == texts.LANGUAGES


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_sentence_that_is_said_is_there(site, language):
    there = json.loads(read(site / "words" / f"{language}.json"))
    with texts.speaking(language):
        assert there == {key: str(texts.text(key)) for key in there}
    page, script = read(site / "index.html"), read(site / "site.js")
    attributes = " ".join(re.findall(r'data-(?:say|words)="([^"]+)"', page)).split()
    said = {what.partition("@")[0] for what in attributes}
    assert [key for key in said if key.startswith("example_")]
    said |= set(re.findall(r"(?:say|tell|filled)\('(\w+)'[,)]", script))
    said |= {f"picker_{each}" for each in ("light", "deep", "pale", "dark", "else", "place_pale", "place_dark")}
    said |= {"picker_unreadable", "error_photo_memory", "grayscale", "original", "in_colour", "looks"}
    assert len(said) > 60
    assert said <= set(there)


def test_looks_are_the_presets_of_python(site):
    facts = json.loads(FACTS.search(read(site / "worker.js"))[1])
    plain = {name: preset for name, preset in PRESETS.items() if "palette" not in preset}
    assert facts["looks"] == {
        name: {key: value for key, value in preset.items() if value is not None} for name, preset in plain.items()
    }, "this network has bins of its own, to which a palette would have to be fitted"
    assert facts["temperature"] == CARD["defaults"]["temperature"]
    assert facts["checkpoint"] == "tiny"
    assert facts["sha256"] == CARD["sha256"]


def test_a_palette_of_a_look_is_the_histogram_that_python_prefers():
    bins = [0.0] * len(palette_histogram([(0.0, 0.0)]))
    card = {**CARD, "defaults": {**CARD["defaults"], "histogram": bins}}
    looks = write_facts(card, {})["looks"]
    assert list(looks) == list(PRESETS)
    for name, preset in PRESETS.items():
        assert ("histogram" in looks[name]) == ("palette" in preset)
    expected = palette_histogram(PRESETS["warm"]["palette"]).tolist()
    assert looks["warm"]["histogram"] == pytest.approx(expected, abs=1e-6)
    assert looks["warm"]["strength"] == PRESETS["warm"]["strength"]


def test_licences_go_along(site):
    assert "MIT License" in read(site / "onnxruntime" / "LICENSE.txt")
    assert VERSION in read(site / "onnxruntime" / "LICENSE.txt")
    assert "SIL Open Font License" in read(site / "LICENSE.txt")


def test_other_files_are_not_mixed_up_with_the_site(site, write, tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", encoding="utf-8")
    package = ("--onnxruntime", site.parent / "package")
    assert write(tmp_path / "mine", *package) == 1
    assert "mine holds other files" in capsys.readouterr().err
    assert write(tmp_path / "mine", *package, "--overwrite") == 0
    assert (tmp_path / "mine" / "letter.txt").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"version": "1.0.0"}, f"version {VERSION} is missing"),
        ({"without": ["ort.wasm.min.mjs"]}, "dist/ort.wasm.min.mjs is missing"),
    ],
)
def test_another_folder_than_that_of_the_package_is_refused(write, tmp_path, capsys, options, sentence):
    package = write_package(tmp_path / "other", **options)
    assert write(tmp_path / "out", "--onnxruntime", package) == 1
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_without_npm_a_sentence_says_what_to_do(write, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert write(tmp_path / "out") == 1
    assert "install Node.js, or name a folder with `--onnxruntime`" in capsys.readouterr().err


def test_what_npm_says_is_told(write, tmp_path, capsys, monkeypatch):
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'no such place' >&2\nexit 1\n", encoding="utf-8")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert write(tmp_path / "out") == 1
    assert "(no such place)" in capsys.readouterr().err


@pytest.mark.parametrize("pictures", [2, 3])
def test_the_page_to_send_has_a_place_for_everything(site, pictures):
    page = read(site / f"sent-{pictures}.html")
    places = set(re.findall(r"\{\{(\w+)\}\}", page))
    assert {"colour", "gray", "Regular", "SemiBold", "guess", "about", "ratio", "name", "language"} <= places
    assert ("original" in places) == (pictures == 3)
    assert "base64" not in page, "what the browser puts in is not there twice"
    for place in places:
        assert re.search(rf"\b{place}\b", read(site / "site.js")), place
