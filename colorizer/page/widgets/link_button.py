"""The button for a permalink. On its own, because Gradio writes a stub (.pyi) beside every component's file; what it
does in the browser is in `link_button.js`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from .translated_html import Worded

SCRIPT = (Path(__file__).parent / "link_button.js").read_text(encoding="utf-8")
TEMPLATE = """
<div class="link" data-parts="{parts}">
<button type="button" class="link-copy" data-say="link_copy"></button>
<input class="link-field" readonly data-say="link_field@aria-label" hidden>
<p class="link-status" role="status"></p></div>
"""


class LinkButton(Worded):
    """Puts a link to what the page shows into the address bar and the clipboard, and says so; where the browser allows
    no copying, the link is there to be copied by hand. Event "ask": a link is wanted; `linking` is the answer."""

    def __init__(self, value: Any = None, *, parts: Sequence[str], **options: Any):
        """parts: what the query of a link may hold."""
        keys = ("link_copy", "link_field", "link_copied", "link_by_hand", "link_upload", "link_clicked")
        super().__init__(value, keys=keys, template=TEMPLATE.format(parts=" ".join(parts)), script=SCRIPT, **options)


def linking(number: Any, query: dict[str, str], notes: list[str]) -> Any:
    """An update: the parts of the link that was asked for as the `number`th, and what is not in it (keys in texts)."""
    return gr.update(link={"n": number, "query": query, "notes": notes})
