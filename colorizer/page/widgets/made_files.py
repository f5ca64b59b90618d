"""Files that are made when they are asked for: a button for each, how far it is, and the file once more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr

from ..i18n.texts import text
from ..i18n.toasts import plain_errors
from .download import download_button

Tell = Callable[[float], None]
"""Is told the share done, 0 to 1."""

NOTHING_MADE = {"made": gr.update(value=None, visible=False), "making": ""}
"""No file for what is on the screen now."""

SAVE = """
(file) => {
  if (!file?.url) return;
  const link = document.createElement('a');
  link.href = file.url;
  link.download = file.orig_name ?? '';
  document.body.append(link);
  link.click();
  link.remove();
}
"""
"""Saves what was just made. A gr.DownloadButton saves only what it had before it was clicked."""


IN_TURN: dict[str, Any] = {"concurrency_id": "export", "concurrency_limit": 1, "api_visibility": "private"}
"""Not in the queue of the networks: what is on the screen has its answer, and a film takes seconds."""


def made_button(elem_id: str) -> Any:
    """Lay out the button that saves the file once more, to be seen when there is one."""
    label = text("export_again", name="")
    return download_button(label, True, visible=False, size="sm", scale=0, min_width=240, elem_id=elem_id)


def makes(button: gr.Button, make: Callable[..., Path], inputs: Mapping[str, Any], parts: SimpleNamespace) -> Any:
    """Let a click make a file and save it. make: gets a `Tell` and the values of `inputs` by name; returns where the
    file is, which Gradio may serve. parts: `made`, a button as `made_button` has it, and `making`, which says how far
    it is. Returns the event."""

    def made(progress: gr.Progress = gr.Progress(), **values: Any) -> tuple[Any, str]:  # noqa: B008
        def tell(share: float) -> None:
            progress(share, desc=text("export_under_way"))

        tell(0)
        with plain_errors():
            target = make(tell, **values)
        again = gr.update(value=str(target), visible=True, label=text("export_again", name=target.name))
        return again, text("export_done", name=target.name)

    event = button.click(
        made,
        None,
        [parts.made, parts.making],
        inputs_kwargs=dict(inputs),
        show_progress_on=[parts.making],
        **IN_TURN,
    )
    event.success(None, parts.made, None, js=SAVE, api_visibility="private")
    return event


def guess(checkpoint: str) -> str:
    """That colours are one, by what, and when."""
    return text("export_guess", checkpoint=checkpoint, date=date.today().isoformat())


def speaker_notes(name: str, size: tuple[int, int], checkpoint: str, settings: Sequence[str]) -> str:
    """Where the colours of a photograph come from, for whoever presents it: that they are invented, by what, asked how.

    size: of the photograph, (width, height).
    """
    width, height = size
    lines = [
        text("export_invented"),
        text("export_photo", name=name, width=width, height=height),
        text("export_checkpoint", checkpoint=checkpoint),
    ]
    if settings:
        lines.append(text("export_settings", settings=", ".join(settings)))
    return "\n".join([*lines, text("export_made", date=date.today().isoformat())])
