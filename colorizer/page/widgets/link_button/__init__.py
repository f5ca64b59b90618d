"""The button for a permalink."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from ..translated_html import TranslatedHtml

SCRIPT = (Path(__file__).parent / "link_button.js").read_text(encoding="utf-8")
TEMPLATE = """
<div class="link" data-parts="{parts}">
<button type="button" class="link-copy" data-say="link_copy"></button>
<input class="link-field" readonly data-say="link_field@aria-label" hidden>
<p class="link-status" role="status"></p></div>
"""


class LinkButton(TranslatedHtml):
    """Puts a link to what the page shows into the address bar and the clipboard, and says so. If the browser does not
    allow copying, the visitor can copy the link by hand. Event "ask": it needs a link; `link_update` answers."""

    def __init__(self, value: Any = None, *, parts: Sequence[str], **options: Any):
        """parts: the keys that a link's query may have."""
        keys = ("link_copy", "link_field", "link_copied", "link_by_hand", "link_upload", "link_clicked", "link_fine")
        super().__init__(value, keys=keys, template=TEMPLATE.format(parts=" ".join(parts)), script=SCRIPT, **options)


def link_update(number: Any, query: dict[str, str], notes: list[str]) -> Any:
    """An update: the query of a link. number: of the click. notes: keys of sentences about what is not in the link."""
    return gr.update(link={"n": number, "query": query, "notes": notes})
