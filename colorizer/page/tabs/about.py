"""The About tab: how the colours come about, how good they are, and what happens to photos."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path
from typing import NamedTuple

import gradio as gr

from colorizer.colour.readout import BOLDNESS
from colorizer.page.i18n.texts import number, text, translatable

from .tab import Context, Tab, template

HERE = Path(__file__).parent
PICTURES = HERE / "pictures" / "about"
"""`python -m benchmarks about_pictures` makes them."""

COLOURS = 261
"""The number of colours in the flagship's distribution."""
MEASURED = {
    "gain": "1.40", "oracle": "3.27", "colourful": "46", "vivid": "80", "scene": "1.83", "object": "1.29",
    "one": "0.98", "ten": "3.39", "size": "192",
}  # fmt: skip
"""Measures of the flagship from docs/flagship.md: dB, percent of real colourfulness, pixels."""


class Source(NamedTuple):
    """A project or a paper that this one builds on."""

    title: str
    who: str
    address: str = ""


PROJECTS = (
    Source("Grayscale-to-RGB", "R. Arboleda et al., 2021", "github.com/RodrigoArboleda/Grayscale-to-RGB"),
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
        "R. Zhang et al., SIGGRAPH 2017",
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
    Source("MobileNetV2", "M. Sandler et al., CVPR 2018", "arxiv.org/abs/1801.04381"),
)

QUESTIONS = ("safe", "bold", "like", "spot", "other", "doubt")
KEYS = (
    ("Tab key_shift+Tab", "tab"), ("← →", "arrows"), ("key_control+V", "paste"), ("← ↑ ↓ →", "cross"),
    ("key_enter", "enter"), ("key_delete", "delete"), ("key_control+Z", "undo"), ("key_escape", "escape"),
)  # fmt: skip
"""The keys for each action. Names with an underscore are keys of sentences, as in `show_stage`."""


class AboutTab(Tab):
    """The About tab."""

    id = "about"

    def build(self, context: Context) -> None:
        site_address()  # so that an error in it is reported when the server starts
        gr.set_static_paths(PICTURES)
        gr.HTML(translatable(about_html), js_on_load=None, elem_id="about")


def about_html() -> str:
    """The whole text, in the current language."""
    presets = {name: text(f"preset_{name}") for name in BOLDNESS}
    return template("about.html.jinja", text=text, address=_address).render(
        names={**presets, "versions": text("view_versions")},
        measured={name: number(float(value), f".{len(value.partition('.')[2])}f") for name, value in MEASURED.items()},
        colours=COLOURS,
        projects=PROJECTS,
        papers=PAPERS,
        questions=QUESTIONS,
        keys=[([_key(name) for name in names.split()], action) for names, action in KEYS],
        year=date.today().year,
        site=site_address(),
    )


def _key(names: str) -> str:
    """One or two keys that are pressed at once, as they are called in the current language."""
    return "+".join(text(name) if "_" in name else name for name in names.split("+"))


def site_address() -> str:
    """The address of the edition that runs in visitors' own browsers: $COLORIZER_SITE, or "". Raises ValueError for a
    value that is no address."""
    given = os.environ.get("COLORIZER_SITE", "").strip()
    if given and not re.fullmatch(r"https?://[^\s\"'<>]+", given):
        raise ValueError(f"COLORIZER_SITE is an address, such as https://example.org/colorizer/, not {given!r}")
    return given


def _address(picture: str) -> str:
    """The address of a picture, relative to the page."""
    return f"gradio_api/file={(PICTURES / picture).as_posix()}.webp"
