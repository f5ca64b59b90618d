"""Lays out the tab for one photo: the photo, the stage that shows it, a drawer beside the stage, and what is below."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.checkpoints.card import Card
from colorizer.page.gradio_private import Block
from colorizer.page.i18n.texts import text
from colorizer.page.session.kept import browsers_keep
from colorizer.page.session.shelf import Shelf
from colorizer.page.widgets.drawer import Corrections, Drawer, LinkButton
from colorizer.page.widgets.file_form import file_form
from colorizer.page.widgets.hint_picker import HintPicker
from colorizer.page.widgets.inputs import captioned_gallery, example_gallery, network_chip, photo_input
from colorizer.page.widgets.kept import Kept
from colorizer.page.widgets.made_files import MadeFile, made_file
from colorizer.page.widgets.stage import Stage
from colorizer.page.widgets.translated_html import hidden_heading

from .choices import SIDE, view_modes
from .controls import fine_controls, like_controls, network_controls, preset_control
from .export import ENDINGS
from .first_sight import first_sight
from .links import QUERY_KEYS
from .parts import OnePhotoParts, PhotoParts, ResultParts


def lay_out(shelf: Shelf, examples: Sequence[Path]) -> OnePhotoParts:
    """Lay out the whole tab, inside a gr.Tab."""
    first = next(iter(shelf.cards()), None)
    with gr.Column(elem_id="work"):
        with gr.Row(elem_id="input"):
            hidden_heading("input_heading")
            photo = PhotoParts(
                gr.State(None),
                photo_input("photo", 300),
                gr.State(None),
                example_gallery("examples", examples),
                Kept(elem_id="kept", visible=browsers_keep()),
            )
        with gr.Column(elem_id="desk"):
            with gr.Column(elem_id="result"):
                hidden_heading("result_heading")
                seen = _seen(first)
            with gr.Row(elem_id="dock"):
                preset = preset_control(first)
                chip = network_chip()
                Drawer(elem_id="drawer-bar")
            with gr.Column(elem_id="drawer"):
                with gr.Column(elem_id="look"):
                    fine, like = fine_controls(first), like_controls(first)
                with gr.Column(elem_id="correct"):
                    Corrections()
                with gr.Column(elem_id="network"):
                    network = network_controls(shelf, chip)
                with gr.Column(elem_id="save"):
                    exports, form, made = _files()
                    link = LinkButton(parts=QUERY_KEYS, elem_id="link")
        with gr.Column(visible=False, elem_id="more") as more:
            classes = gr.Markdown(elem_id="classes", visible=False)
            time = gr.Markdown(elem_id="time", elem_classes="announced")
            measures = gr.Markdown(elem_id="figures", visible=False)
    about = {"preset": preset, "more": more, "classes": classes, "time": time, "made": made, "measures": measures}
    return OnePhotoParts(
        photo=photo,
        fine=fine,
        like=like,
        network=network,
        sides=gr.State({}),
        result=ResultParts(**seen, **about),
        exports=exports,
        link=link,
        form=form,
        partial=gr.State(None),
    )


def _seen(first: Card | None) -> dict[str, Any]:
    """The parts of `ResultParts` where the photo is seen, or will be."""
    placeholder = first_sight()
    with gr.Column(visible=False, elem_id="question") as question:
        question_text = gr.HTML(elem_id="question-text")
        show_partial = gr.Button(text("partial_show"), elem_id="show-partial", scale=0, min_width=240)
        invert_it = gr.Button(text("negative_invert"), scale=0, min_width=240, visible=False)
        go_on = gr.Button(text("go_on"), scale=0, min_width=240, visible=False)
    with gr.Column(visible=False, elem_id="shown") as content, gr.Column(elem_id="stage-box"):
        stage = Stage(SIDE, modes=view_modes(first.facts if first else None), elem_id="stage")
        picker = HintPicker(elem_id="picker")
        with gr.Column(elem_id="versions"):
            gr.Markdown(text("versions_note"))
            versions = captioned_gallery(text("view_versions"), elem_id="version-grid", columns=2, show_label=False)
    return {
        "placeholder": placeholder,
        "question": question,
        "question_text": question_text,
        "show_partial": show_partial,
        "invert_it": invert_it,
        "go_on": go_on,
        "content": content,
        "stage": stage,
        "picker": picker,
        "versions": versions,
        "version_points": gr.State([]),
    }


def _files() -> tuple[dict[str, gr.Button], dict[str, Block], MadeFile]:
    """How the photo's file is read and saved, what else can be made of it, and the last that was."""
    with gr.Group():
        form = file_form(without=["partial"])  # a question asks for that
    gr.Markdown(text("export_info"), elem_id="export-info")
    with gr.Row(elem_id="export-kinds"):
        exports = {kind: _export_button(kind) for kind in ENDINGS}
    with gr.Row(elem_id="export-file"):
        return exports, form, made_file()


def _export_button(kind: str) -> gr.Button:
    return gr.Button(text(f"export_{kind}"), elem_id=f"export-{kind.replace('_', '-')}", size="md", min_width=150)
