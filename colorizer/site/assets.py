"""The parts of the page that the site uses: the files of its widgets, its sentences, its typeface. All of them are read
as text, because the site must not need Gradio."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ..errors import SENTENCES
from ..figures.web_page import DIVIDER

PACKAGE = Path(__file__).parents[1]
OWN = Path(__file__).parent / "page"
WIDGETS = PACKAGE / "page" / "widgets"
WORDS = PACKAGE / "page" / "i18n"

LANGUAGES: dict[str, str] = {
    code: row["name"] for code, row in json.loads((WORDS / "languages.json").read_text(encoding="utf-8")).items()
}
"""The page's languages: names by code."""
LIMITS = {"most": 100, "points": 400, "note": 200}
"""Most corrections, points of all corrections, and letters of a note."""
SCRIPTS = {
    "hintPicker": ("picker", "region", "panel", "sources", "list"),
    "stageOf": ("stage", "zoom", "marks", "page"),
    "looksOf": ("looks",),
}
"""The page's widgets by their names here: their scripts."""
SHEETS = ("hint_picker", "stage", "looks")
"""Their style sheets."""
PAGE = ("colour", "words", "names", "host", "questions", "widgets", "faults", "state", "saving", "app")
"""The modules of the page's script; `widgets` is made of the page's files."""
WORKER = ("colour", "resize", "files", "kinds", "known", "pipeline", "gpu", "faults", "worker")


def script(modules: tuple[str, ...], facts: str) -> str:
    """Modules joined to one: their imports of each other go, and so do their exports."""
    sources = [widgets() if name == "widgets" else (OWN / f"{name}.js").read_text(encoding="utf-8") for name in modules]
    outside = [line for source in sources for line in re.findall(r"^import .*/.+/.*;$", source, re.MULTILINE)]
    joined = "\n".join(re.sub(r"^import .*;\n", "", source, flags=re.MULTILINE) for source in sources)
    return "\n".join([*outside, facts, re.sub(r"^export ", "", joined, flags=re.MULTILINE)])


def widgets() -> str:
    """Each widget as a function of the arguments that Gradio gives it: (element, props, trigger, watch)."""
    say = _of_widgets("say.js")
    made = []
    for name, parts in SCRIPTS.items():
        body = "\n".join([say, *(_of_widgets(f"{part}.js") for part in parts)])
        made.append(f"function {name}(element, props, trigger, watch) {{\n{body}\n}}\n")
    return "\n".join(made)


def style(scale: str) -> str:
    """The style sheet, after those of the widgets. scale: a CSS gradient, for the legend of where it guesses."""
    first, own = (sheet.read_text(encoding="utf-8") for sheet in (DIVIDER, OWN / "site.css"))
    legend = f".picker-legend i {{ background: {scale}; }}"
    return "\n".join([first, *(_of_widgets(f"{name}.css") for name in SHEETS), own, legend, ""])


def templates() -> dict[str, str]:
    """The widgets' HTML, by name, without styles of its own, which the site's policy forbids."""
    picker = re.sub(r' style="[^"]*"', "", _of_widgets("picker.html")).format(**LIMITS)
    return {"picker": picker, "stage": _of_widgets("stage.html")}


def _of_widgets(name: str) -> str:
    """A file of the page's widgets, in their folder or in that of one of them."""
    (path,) = WIDGETS.rglob(name)
    return path.read_text(encoding="utf-8")


def sentences(said: str) -> dict[str, dict[str, str]]:
    """Every language's sentences that a text names, {language: {key: sentence}}, and the names of colours."""
    named = set(re.findall(r"\w+", said))
    known = {language: _all_sentences(language) for language in LANGUAGES}
    used = [key for key in known["en"] if key in named or key.startswith(("colour_", "picker_", "preset_", "stage_"))]
    return {language: {key: known[language].get(key, known["en"][key]) for key in used} for language in LANGUAGES}


def _all_sentences(language: str) -> dict[str, str]:
    groups = json.loads((WORDS / f"{language}.json").read_text(encoding="utf-8"))
    errors = {f"error_{kind}": sentence for kind, sentence in SENTENCES.items()} if language == "en" else {}
    return {**errors, **{key: sentence for group in groups.values() for key, sentence in group.items()}}
