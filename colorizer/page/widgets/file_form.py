"""The controls of a `Form`: the choices of a visitor for how scans are read and results are written."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import gradio as gr

from colorizer.photo.form import OPTIONS

from ..gradio_private import Block
from ..i18n.texts import knows, text


class BitsBox(gr.Checkbox):
    """A checkbox that is ticked for 16 bits."""

    is_template = True  # the browser shows it as a gr.Checkbox

    def preprocess(self, payload: bool | None) -> Any:
        """The bits."""
        return 16 if payload else 8

    def postprocess(self, value: Any) -> bool:
        """Takes the bits."""
        return value == 16


class StripBox(gr.Checkbox):
    """A checkbox that is ticked where metadata stay."""

    is_template = True  # the browser shows it as a gr.Checkbox

    def preprocess(self, payload: bool | None) -> bool:
        """Whether no metadata are written."""
        return not payload

    def postprocess(self, value: Any) -> bool:
        """Takes whether no metadata are written."""
        return not value


BOXES = {"bits": BitsBox, "strip": StripBox}
"""Checkboxes of options whose value is not whether they are ticked."""


def file_form(prefix: str = "", without: Collection[str] = ()) -> dict[str, Block]:
    """Lay out the controls, and return them by the names of their options. prefix: of their elem_ids."""
    shown = [name for name, each in OPTIONS.items() if each.control and name not in without]
    controls = {name: _control(name, f"{prefix}{OPTIONS[name].control}") for name in shown}
    # A JPEG has 8 bits, whatever the scan has.
    controls["format"].input(
        lambda name: gr.update(interactive=name != "jpg"),
        controls["format"],
        controls["bits"],
        api_visibility="private",
        show_progress="hidden",
        queue=False,
    )
    return controls


def _control(name: str, elem_id: str) -> Any:
    option = OPTIONS[name]
    key = f"file_{option.control}"
    box = BOXES.get(name) or (gr.Checkbox if option.choices == (False, True) else None)
    if box is None:
        choices = [(text(f"{key}_{choice or 'none'}"), choice) for choice in option.choices]
        return gr.Radio(choices, value=option.default, label=text(key), elem_id=elem_id, elem_classes="segmented")
    explained: dict[str, Any] = {"info": text(f"{key}_info"), "min_width": 220} if knows(f"{key}_info") else {}
    return box(value=option.default, label=text(key), elem_id=elem_id, **explained)
