"""The tab that tells, in plain words, how colours come about, what they are worth, and what becomes of photographs."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from colorizer.colour.readout import PRESETS
from colorizer.page.i18n.texts import said, text

HERE = Path(__file__).parent
PICTURES = HERE / "pictures"
"""Made by `python -m benchmarks.about_pictures`, served as they are."""

COLOURS = 261
"""Among which the flagship divides its belief."""
MEASURED = {
    "gain": "1.40", "oracle": "3.27", "colourful": "45", "vivid": "85", "scene": "1.74", "object": "1.31",
    "one": "1.02", "ten": "3.14", "size": "160",
}  # fmt: skip
"""Of the flagship, as docs/flagship.md has it: dB, percent of real colourfulness, pixels."""


class Source(NamedTuple):
    """A project or a paper that this one builds on."""

    title: str
    who: str
    address: str = ""


PROJECTS = (
    Source("Grayscale-to-RGB", "R. Arboleda and others, 2021", "github.com/RodrigoArboleda/Grayscale-to-RGB"),
    Source("ColoringGrayscaleImages", "E. Bianchini, 2022", "github.com/ElenaBianchini/ColoringGrayscaleImages"),
    Source("ImageColorization-Deep-CNN", "RobsGeorge, 2022", "github.com/RobsGeorge/ImageColorization-Deep-CNN"),
    Source("Colouring greyscale images", "Lahuerta, Sánchez, Tejedo; Universitat Autònoma de Barcelona, 2023"),
    Source("Coloring-Images-Network", "S. Shestakov, 2023", "github.com/semenshestakov/Coloring-Images-Network"),
)

PAPERS = (
    Source("Let there be Color!", "S. Iizuka, E. Simo-Serra, H. Ishikawa, SIGGRAPH 2016"),
    Source("Colorful Image Colorization", "R. Zhang, P. Isola, A. A. Efros, ECCV 2016", "arxiv.org/abs/1603.08511"),
    Source(
        "Real-Time User-Guided Image Colorization with Learned Deep Priors",
        "R. Zhang and others, SIGGRAPH 2017",
        "arxiv.org/abs/1705.02999",
    ),
    Source(
        "Deep Koalarization",
        "F. Baldassarre, D. González Morín, L. Rodés-Guirao, 2017",
        "arxiv.org/abs/1712.03400",
    ),
    Source("Coloring greyscale images", "E. Wallner", "github.com/emilwallner/Coloring-greyscale-images"),
    Source(
        "Automatic Image Colorization",
        "L. Melas-Kyriazi, 2018",
        "github.com/lukemelas/Automatic-Image-Colorization",
    ),
    Source("U-Net", "O. Ronneberger, P. Fischer, T. Brox, MICCAI 2015", "arxiv.org/abs/1505.04597"),
    Source("MobileNetV2", "M. Sandler and others, CVPR 2018", "arxiv.org/abs/1801.04381"),
)

QUESTIONS = ("safe", "bold", "like", "spot", "other", "doubt")
KEYS = (
    (("Tab", "Shift+Tab"), "tab"), (("←", "→"), "arrows"), (("Ctrl+V",), "paste"),
    (("←", "↑", "↓", "→"), "cross"), (("Enter",), "enter"), (("Delete",), "delete"), (("Ctrl+Z",), "undo"),
    (("Esc",), "escape"),
)  # fmt: skip


def about() -> None:
    """Lay out the tab, inside a gr.Tab."""
    gr.set_static_paths(PICTURES)
    gr.HTML(said(about_html), js_on_load=None, elem_id="about")


def about_html() -> str:
    """The whole text, in the language spoken."""
    presets = {name: text(f"preset_{name}") for name in PRESETS}
    return _template().render(
        names={**presets, "versions": text("view_versions")},
        measured=MEASURED,
        colours=COLOURS,
        projects=PROJECTS,
        papers=PAPERS,
        questions=QUESTIONS,
        keys=KEYS,
        year=date.today().year,
    )


@cache
def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.update(text=text, address=_address)
    return environment.get_template("about.html.jinja")


def _address(picture: str) -> str:
    """Where Gradio serves a picture, seen from the page."""
    return f"gradio_api/file={(PICTURES / picture).as_posix()}.webp"
