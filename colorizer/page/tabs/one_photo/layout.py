"""Lays out the tab for one photo, and names its components: the photo, the stage that shows it, a drawer beside the
stage, and what is below."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.checkpoints.card import Card
from colorizer.colour.readout import CONTROLS, DEFAULT_PRESET, NUMBERS, PRESETS, SLIDERS
from colorizer.page.i18n.texts import text, translatable
from colorizer.page.session.request import LIKES, OWN
from colorizer.page.session.shelf import Shelf, why_broken
from colorizer.page.widgets.drawer import Corrections, Drawer, DrawerShut, Looks, Palette
from colorizer.page.widgets.files import file_form, made_file
from colorizer.page.widgets.hint_picker import HintPicker
from colorizer.page.widgets.inputs import (
    CheckpointList,
    captioned_gallery,
    chip,
    example_gallery,
    photo_input,
)
from colorizer.page.widgets.kept import Kept, browsers_keep
from colorizer.page.widgets.stage import Stage
from colorizer.page.widgets.translated_html import hidden_heading

from ..tab import Named
from .export import ENDINGS
from .handlers import FORM, READING
from .wording import SIDE, describe_checkpoint, network_choices, slider_values, view_modes

FIRST_PICTURES = Path(__file__).parents[1] / "pictures" / "first"
"""`python -m benchmarks first_pictures` makes them."""
FIRST_SIZE = (768, 621)


def lay_out(shelf: Shelf, examples: Sequence[Path]) -> Named:
    """Lay out the whole tab, inside a gr.Tab. Returns its components by the names that they have here."""
    first = next(iter(shelf.cards()), None)
    states = {
        "source": gr.State(None),  # the photo's path, in Gradio's cache
        "partial": gr.State(None),  # path of a damaged photo of which the visitor wants what is there
        "album": gr.State(None),  # path of the file that was given last, if it is an archive
        "sides": gr.State({}),  # the visitor's choice of pictures at the divider, as far as there is one
        "reference": gr.State(None),  # path of the picture to take colours from, once we know that it can be read
        "version_points": gr.State([]),  # for each version the hint that makes it
    }
    with gr.Column(elem_id="work"):
        gr.HTML(
            translatable(lambda: f'<span role="status">{text("working")}</span>'), elem_id="working", js_on_load=None
        )
        with gr.Row(elem_id="input"):
            hidden_heading("input_heading")
            given = {
                "photo": photo_input("photo", 300),
                "gallery": example_gallery("examples", examples),
                "kept": Kept(elem_id="kept", visible=browsers_keep()),
            }
        with gr.Column(elem_id="desk"):
            with gr.Column(elem_id="result"):
                hidden_heading("result_heading")
                seen = _seen(first)
            with gr.Row(elem_id="dock"):
                looks = Looks(DEFAULT_PRESET, names=[*PRESETS, OWN], elem_id="preset", visible=_has_looks(first))
                album = translatable(lambda: f"‹ {text('tab_many')}")
                dock = {"album_chip": chip("album-chip", album), "network_chip": chip("network-chip")}
                dock["film_button"] = chip("film-button", text("film_button"), variant="primary")
                Drawer(elem_id="drawer-bar")
            with gr.Column(elem_id="drawer"):
                DrawerShut(elem_id="drawer-shut")
                with gr.Column(elem_id="look"):
                    fine, like = _fine(first), _like(first)
                    with gr.Group():
                        read = file_form(names=READING)
                with gr.Column(elem_id="correct"):
                    Corrections()
                with gr.Column(elem_id="network"):
                    network = _network(shelf, first)
                with gr.Column(elem_id="save"):
                    files = _files()
        with gr.Column(visible=False, elem_id="more") as more:  # shown as soon as there is a photo, as is `content`
            below = {
                "more": more,
                "time": gr.Markdown(elem_id="time", elem_classes="announced"),
                "measures": gr.Markdown(elem_id="figures", visible=False),
            }
    parts = Named(
        states, given, seen, dock, {"preset": looks}, fine, like, read, network, files, below, view=seen["stage"]
    )
    same = ("checkpoint", "preset", "raw", "partial", "like", "reference", "palette", "view", "sides", *NUMBERS, *FORM)
    others = {"path": "source", "photo_box": "photo", "points": "picker"}
    parts.asks = {name: parts[others.get(name, name)] for name in (*others, *same)}
    return parts


def _seen(first: Card | None) -> dict[str, Any]:
    """The parts where the photo is seen, or will be. first: the checkpoint that is chosen when the page opens."""
    placeholder = _first_sight()
    with gr.Row(visible=False, elem_id="question") as question:
        asked = {
            "question": question,
            "question_text": gr.HTML(elem_id="question-text"),
            "show_partial": gr.Button(text("partial_show"), elem_id="show-partial", scale=0, min_width=240),
            "invert_it": gr.Button(text("negative_invert"), scale=0, min_width=240, visible=False),
            "go_on": gr.Button(text("go_on"), scale=0, min_width=240, visible=False),
        }
    with gr.Column(visible=False, elem_id="shown") as content, gr.Column(elem_id="stage-box"):
        stage = Stage(SIDE, modes=view_modes(first.facts if first else None), elem_id="stage")
        picker = HintPicker(elem_id="picker")
        with gr.Column(elem_id="versions"):
            gr.Markdown(text("versions_note"))
            versions = captioned_gallery(text("view_versions"), elem_id="version-grid", columns=2, show_label=False)
    shown = {"placeholder": placeholder, "content": content, "stage": stage, "picker": picker, "versions": versions}
    return {**asked, **shown}


def _first_sight() -> gr.HTML:
    """The stage before there is a photo: a historic print beside its colours, made beforehand and uncovered by a line
    that moves once, or stands still for visitors who want no motion."""
    gr.set_static_paths(FIRST_PICTURES)
    return gr.HTML(translatable(_written), js_on_load=None, elem_id="first")


def _written() -> str:
    width, height = FIRST_SIZE
    size = f'width="{width}" height="{height}"'
    gray, colour = (
        f'<img src="gradio_api/file={(FIRST_PICTURES / name).as_posix()}.webp" {size} alt="{alt}">'
        for name, alt in (("gray", html.escape(text("first_alt"))), ("colour", ""))
    )
    return (
        f'<figure id="waiting"><div class="first-view">{gray}<div class="first-over">{colour}</div>'
        f'<i class="first-line"></i></div><figcaption>{html.escape(text("first_caption"))}</figcaption></figure>'
    )


def _network(shelf: Shelf, first: Card | None) -> dict[str, Any]:
    """The checkpoints, the best first, and a line about the chosen one."""
    broken = shelf.broken()
    with gr.Group():
        line = describe_checkpoint(first) if first else text("no_checkpoints")
        checkpoint_line = gr.Markdown(line, elem_classes="about")
        checkpoint = CheckpointList(
            network_choices(shelf.ranked()),
            value=first.name if first else None,
            label=text("drawer_network"),
            elem_id="checkpoint",
        )
    if broken:
        gr.Markdown(
            translatable(lambda: text("broken_checkpoints", names=html.escape("; ".join(map(why_broken, broken)))))
        )
    return {"checkpoint": checkpoint, "checkpoint_line": checkpoint_line}


def _fine(first: Card | None) -> dict[str, Any]:
    """The sliders that looks set."""
    known, start = first.facts if first else None, slider_values(DEFAULT_PRESET, first)
    with gr.Accordion(text("fine"), open=not _has_looks(first), elem_id="fine") as fine:
        sliders = {
            name: _slider(name, start[name], control.answered_by(known) if known else not control.needs)
            for name, control in SLIDERS.items()
        }
        raw = gr.Checkbox(
            value=False,
            label=text("raw"),
            info=text("raw_info"),
            elem_id="raw",
            visible=bool(known and known.predicts_rgb),
        )
    return {"fine": fine, **sliders, "raw": raw}


def _like(first: Card | None) -> dict[str, Any]:
    """A picture or a palette with colours to prefer; one at a time, because both together make no sense."""
    with gr.Accordion(text("like"), open=False, visible=_has_looks(first)) as like_box:
        choices = [(text(f"like_{name}"), name) for name in LIKES]
        like = gr.Radio(choices, value=LIKES[0], label=text("like_label"), elem_id="like", elem_classes="segmented")
        with gr.Column(visible=False) as like_picture:
            reference_photo = photo_input("reference", 180, label=text("reference"))
        with gr.Column(visible=False) as like_palette:
            palette = Palette(elem_id="palette")
        dependent = [name for name in NUMBERS if name not in SLIDERS]
        sliders = {name: _slider(name, CONTROLS[name].default, visible=False) for name in dependent}
    shown = {"like_box": like_box, "like": like, "like_picture": like_picture, "like_palette": like_palette}
    return {**shown, "reference_photo": reference_photo, "palette": palette, **sliders}


def _files() -> dict[str, Any]:
    """How the photo's file is saved, what else can be made of it, and the last that was."""
    with gr.Group():
        form = file_form(names=[name for name in FORM if name not in READING])
    gr.Markdown(text("export_info"), elem_id="export-info")
    with gr.Row(elem_id="export-kinds"):
        exports = {kind: _export_button(kind) for kind in ENDINGS}
    with gr.Row(elem_id="export-file"):
        return {**form, **exports, **made_file()}


def _has_looks(card: Card | None) -> bool:
    return bool(card and card.facts.has_distribution)


def _slider(name: str, value: float, visible: bool) -> gr.Slider:
    control = CONTROLS[name]
    return gr.Slider(
        control.lowest,
        control.highest,
        value=value,
        step=control.step,
        label=text(name),
        info=text(f"{name}_info"),
        elem_id=name,
        visible=visible,
    )


def _export_button(kind: str) -> gr.Button:
    return gr.Button(text(f"export_{kind}"), elem_id=f"export-{kind.replace('_', '-')}", size="md", min_width=150)
