"""The stage that shows photos full screen. Its keys are in `show_stage_keys.js`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from ..serving.served_files import as_file
from .translated_html import TranslatedHtml

ICONS = {
    "previous": "M15 5l-7 7 7 7",
    "next": "M9 5l7 7-7 7",
    "black": "M3 5h18v12H3zM9 21h6M9.5 8.5l5 5M14.5 8.5l-5 5",
    "blink": "M2 12c3-5 6.5-7 10-7s7 2 10 7c-3 5-6.5 7-10 7s-7-2-10-7zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
    "play": "M7 4.5v15l12-7.5z",
    "panes": "M3 5h18v14H3zM9 5v14M15 5v14",
    "captions": "M3 5h18v14H3zM7 15h5M15 15h2M7 11h3M13 11h4",
    "ground": "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18",
    "help": "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 17.5v.01",
    "full": "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
}
"""The drawings on the buttons: SVG paths within 24 by 24."""
LEAVE = "M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5"
"""The drawing on the last button while the screen is filled."""

SHORTCUTS = {
    "previous": "ArrowLeft PageUp P Backspace", "next": "ArrowRight Space PageDown N Enter", "black": "B .",
    "blink": "W", "play": "A", "panes": "T", "captions": "C", "ground": "D", "help": "Shift+?", "full": "F",
}  # fmt: skip

KEYS = (
    ("next", "→ key_space key_page_down N"), ("previous", "← key_page_up P"), ("ends", "key_home key_end"),
    ("divider", "key_shift ← →"), ("blink", "W"), ("black", "B"), ("full", "F"), ("play", "A"), ("panes", "T"),
    ("captions", "C"), ("ground", "D"), ("help", "?"), ("escape", "key_escape"),
)  # fmt: skip
"""The keys for each action. Names with an underscore are keys of sentences, because these keys have other names in
other languages."""

WORDS = (
    "grayscale", "grayscale_alt", "original", "original_alt", "in_colour", "in_colour_alt", "side_hinted",
    "side_hinted_alt", "side_divider", "show_stage", "show_bar", "show_guess", "show_count", "show_waiting",
    "show_empty", "show_failed", "show_silent", "show_go_on", "show_leave", "show_close", "show_light",
    *(f"show_{name}" for name in ICONS),
    *(f"show_key_{name}" for name, _ in KEYS),
    *(key for _, keys in KEYS for key in keys.split() if key.startswith("key_")),
)  # fmt: skip


def _button(name: str) -> str:
    toggles = ' aria-pressed="false"' if name in ("blink", "play", "panes", "captions", "ground") else ""
    last = f'<path d="{LEAVE}"/>' if name == "full" else ""
    return (
        f'<button type="button" class="show-{name}" aria-keyshortcuts="{SHORTCUTS[name]}"{toggles} '
        f'data-say="show_{name}@aria-label show_{name}@title">'
        f'<svg viewBox="0 0 24 24" aria-hidden="true"><path d="{ICONS[name]}"/>{last}</svg></button>'
    )


def _row(name: str, keys: str) -> str:
    caps = "".join(f"<kbd data-say={key}></kbd>" if "_" in key else f"<kbd>{key}</kbd>" for key in keys.split())
    return f'<div class="show-key-{name}"><dt>{caps}</dt><dd data-say="show_key_{name}"></dd></div>'


TEMPLATE = f"""
<section class="show-stage" tabindex="-1" data-say="show_stage@aria-label">
<div class="show-area">
<div class="show-frame" hidden>
<div class="show-colour"></div><div class="show-gray divider-over"></div>
<span class="show-side show-left"><b></b></span><span class="show-side show-right"><b></b></span>
<span class="divider-line" aria-hidden="true"></span>
<div class="show-truth"></div><span class="show-side show-was"><b></b></span>
<input class="show-divider" type="range" min="0" max="100" step="any" value="50" data-say="side_divider@aria-label">
</div>
<p class="show-message" role="status"></p>
</div>
<div class="show-caption">
<p class="show-name" role="status" aria-live="polite"></p><p class="show-guess" data-say="show_guess"></p>
</div>
<div class="show-bar" role="group" data-say="show_bar@aria-label">
{_button("previous")}<span class="show-count"></span>{_button("next")}
{"".join(_button(name) for name in ("blink", "black", "play", "panes", "captions", "ground", "help", "full"))}
</div>
<button type="button" class="show-dark" data-say="show_light@aria-label" hidden></button>
<div class="show-keys" role="dialog" data-say="show_help@aria-label" hidden>
<h2 data-say="show_help"></h2>
<dl>{"".join(_row(*row) for row in KEYS)}</dl>
<button type="button" class="show-close" data-say="show_close"></button>
</div>
</section>
"""


class ShowStage(TranslatedHtml):
    """Photos one after another, each in gray and in colour with a divider between them, or beside each other with the
    original, on a stage that can fill the screen.

    The server lists the photos (`list_update`). The stage asks for the pictures of a photo when it is about to show it,
    one photo at a time, by the event "want" with {"key", "n"}; `photo_update` answers. The stage keeps what it got, so
    that a talk goes on without the network.
    """

    keys = WORDS
    template = TEMPLATE
    scripts = ("show_stage.js", "show_stage_keys.js")

    def __init__(self, value: Any = None, **options: Any):
        super().__init__(value, **{"list": [], "slide": {}, **options})


def list_update(photos: Sequence[Mapping[str, str]], added: bool = False, *, own: bool = True) -> Any:
    """An update: the photos to show, each with "key" (differs if its pictures would differ), "of" (differs if it is
    another photo) and "name". The stage begins with the first, and stays where it is if it has begun. added: it goes to
    the first one that is new. own: whether they are the visitor's; others wait for those."""
    return gr.update(list=[dict(photo) for photo in photos], added=added, own=own)


def photo_update(number: Any, pictures: Mapping[str, str], *, hinted: bool = False) -> Any:
    """An update: the pictures of a photo. number: of the stage's request. pictures: paths of "gray", "colour" and, of a
    photo in colour, "truth"."""
    files = {name: as_file(path) for name, path in pictures.items()}
    return gr.update(slide={"n": number, "hinted": hinted, **files})


def failure_update(number: Any, reason: str) -> Any:
    """An update: why a photo cannot be shown, as plain text. number: of the stage's request."""
    return gr.update(slide={"n": number, "error": reason})


def unread_update(number: Any) -> Any:
    """An update: a photo cannot be read, so the stage goes past it. number: of the stage's request."""
    return gr.update(slide={"n": number, "unread": True})
