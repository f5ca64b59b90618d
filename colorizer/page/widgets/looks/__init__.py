"""Small results side by side: a visitor taps the one that they like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from ...serving.served_files import as_file
from ..translated_html import TranslatedHtml

SCRIPT = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")
TEMPLATE = '<div class="looks" role="radiogroup" data-say="looks@aria-label"></div>'


class Looks(TranslatedHtml):
    """The name of a look; the pictures are a property. Event "input" when the visitor chooses.

    names: of all looks there are. One without a picture is offered only while it is chosen.
    """

    def __init__(self, value: Any = None, *, names: Sequence[str] = (), **options: Any):
        options.setdefault("looks", [])
        keys = ("looks", *(f"preset_{name}" for name in names))
        super().__init__(value or "", keys=keys, template=TEMPLATE, script=SCRIPT, names=list(names), **options)
        self.names = tuple(names)

    def preprocess(self, payload: Any) -> Any:
        """The look's name; the first for anything else."""
        return payload if payload in self.names else self.names[0]


def looks_update(pictures: Mapping[str, str]) -> Any:
    """An update: the paths of the pictures, by the looks' names, in this order."""
    return gr.update(looks=[{"name": name, "file": as_file(path)} for name, path in pictures.items()])
