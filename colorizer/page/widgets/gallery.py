"""Pictures in a grid with their names below, to tap."""

from __future__ import annotations

from typing import Any

import gradio as gr


def captioned_gallery(label: Any, *, elem_id: str, columns: int, show_label: bool = True) -> gr.Gallery:
    """Lay out an empty grid; its captions stand below the pictures, and a click selects one and enlarges none."""
    return gr.Gallery(
        label=label,
        show_label=show_label,
        elem_id=elem_id,
        elem_classes="captioned",
        columns=columns,
        height="auto",
        object_fit="contain",
        interactive=False,
        allow_preview=False,
        buttons=[],
    )
