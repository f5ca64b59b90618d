"""Own widgets whose words can change. On its own, because Gradio writes a stub (.pyi) beside every component's file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gradio as gr

from ..i18n.texts import text

SAY = """
function sayWord(node, what) {
  const [key, where = 'text'] = what.split('@');
  const sentence = props.words?.[key] ?? '';
  if (where === 'text') node.textContent = sentence;
  else if (where === 'html') node.innerHTML = sentence;
  else node.setAttribute(where, sentence);
}
function sayWords() {
  for (const node of element.querySelectorAll('[data-say]')) {
    for (const what of node.dataset.say.split(' ')) sayWord(node, what);
  }
}
watch('words', sayWords);
sayWords();
"""


class Worded(gr.HTML):
    """gr.HTML whose words are a property, {key in texts: sentence}, rather than part of its template: Gradio builds
    another template anew, and what a visitor did in it would be lost with its listeners.

    `template` says where they go: data-say="key" is a node's text, "key@aria-label" an attribute, "key@html" markup;
    several are separated by spaces. `script` reads the others in `props.words` and may watch("words", ...).
    """

    def __init__(self, value: Any = None, *, keys: Iterable[str], template: str, script: str, **options: Any):
        options.setdefault("words", {key: text(key) for key in keys})
        super().__init__(value, html_template=template, js_on_load=SAY + script, **options)
