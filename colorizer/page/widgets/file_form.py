"""The choices of a visitor for the files of results: format, depth, levels, mark, metadata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from ..i18n.texts import text
from ..session.saving import FORMATS

MARKS = ("", "corner", "strip")
"""Visible marks, as `FileForm.mark` has them; the first is none."""


@dataclass(frozen=True)
class FileParts:
    """The controls of a `FileForm`, and of how the scan is read."""

    suffix: gr.Radio
    deep: gr.Checkbox
    invert: gr.Checkbox
    levels: gr.Checkbox
    mark: gr.Radio
    keep: gr.Checkbox

    def form_inputs(self) -> dict[str, Any]:
        """The components that make a `FileForm`, by the names of its fields."""
        return {"suffix": self.suffix, "deep": self.deep, "mark": self.mark, "keep": self.keep}


def file_form(prefix: str = "") -> FileParts:
    """Lay out the controls. prefix: of their elem_ids."""
    suffix = gr.Radio(
        [(text(f"many_format_{name}"), name) for name in FORMATS],
        value=FORMATS[0],
        label=text("many_format"),
        elem_id=f"{prefix}format",
        elem_classes="segmented",
    )
    deep = gr.Checkbox(
        value=False, label=text("file_deep"), info=text("file_deep_info"), elem_id=f"{prefix}deep", min_width=220
    )
    invert = gr.Checkbox(
        value=False, label=text("file_invert"), info=text("file_invert_info"), elem_id=f"{prefix}invert", min_width=220
    )
    levels = gr.Checkbox(
        value=False, label=text("file_levels"), info=text("file_levels_info"), elem_id=f"{prefix}levels", min_width=220
    )
    keep = gr.Checkbox(
        value=True, label=text("file_keep"), info=text("file_keep_info"), elem_id=f"{prefix}keep", min_width=220
    )
    mark = gr.Radio(
        [(text(f"file_mark_{name or 'none'}"), name) for name in MARKS],
        value="",
        label=text("file_mark"),
        elem_id=f"{prefix}mark",
        elem_classes="segmented",
    )
    # A JPEG has 8 bits, whatever the scan has.
    suffix.input(
        lambda name: gr.update(interactive=name != "jpg"),
        suffix,
        deep,
        api_visibility="private",
        show_progress="hidden",
        queue=False,
    )
    return FileParts(suffix, deep, invert, levels, mark, keep)
