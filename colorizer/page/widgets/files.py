"""Files of results: the controls of a `Form`, by which they are read and written, and files that are made on demand. A
click makes a file, shows its progress, and saves it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from colorizer.photo.form import OPTIONS

from ..gradio_private import Block
from ..i18n.texts import current_language, knows, plain_errors, refusal, text
from ..serving.headers import uploaded_path

if TYPE_CHECKING:
    from colorizer.figures.web_page import Words


class Download(gr.DownloadButton):
    """A download button that gives handlers its file's path. Gradio's own leaves an empty file behind each time."""

    is_template = True  # the browser shows it as a gr.DownloadButton

    def preprocess(self, payload: gr.FileData | None) -> str | None:
        """The path of the file, or None. It may no longer exist."""
        return uploaded_path(payload)


def download_button(label: str, interactive: bool = False, **options: Any) -> Download:
    """A button for a file that is made later. If the file was removed because it is old, a message says so; a browser
    says little or nothing. options: of gr.DownloadButton."""
    button = Download(label, interactive=interactive, **options)
    button.click(check_exists, button, None, api_visibility="private", show_progress="hidden")
    return button


def check_exists(path: str | None) -> None:
    """Raise gr.Error for a file that was removed."""
    if path and not Path(path).exists():
        raise refusal("gone_file")


Progress = Callable[[float], None]
"""Takes the share that is done, 0 to 1."""

NO_FILE = {"made_file": gr.update(value=None, visible=False), "progress": ""}
"""Updates of what `made_file` lays out: no file was made for what the page shows now."""

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
"""Saves the file that was just made. A gr.DownloadButton saves only the file that it had before the click."""


IN_TURN: dict[str, Any] = {"concurrency_id": "export", "concurrency_limit": 1, "api_visibility": "private"}
"""For events that make files. They do not wait in the networks' queue: the photo is coloured already, and a film takes
seconds."""


def made_file(prefix: str = "") -> dict[str, Any]:
    """Lay out the components for a file that is made on demand: its progress, and a button that saves it again, hidden
    until there is one. prefix: of their elem_ids."""
    label = text("export_again", name="")
    progress = gr.Markdown(elem_id=f"{prefix}making")
    button = download_button(label, True, visible=False, size="sm", scale=0, min_width=240, elem_id=f"{prefix}made")
    return {"progress": progress, "made_file": button}


def make_on_click(
    button: gr.Button, make: Callable[..., Path], inputs: Mapping[str, Any], parts: Mapping[str, Any]
) -> Any:
    """Let a click on `button` make a file and save it. Returns the event.

    make: takes a `Progress` and the values of `inputs` by name; returns the file's path, which Gradio may serve.
    parts: components, those of `made_file` among them.
    """
    save_again, line = parts["made_file"], parts["progress"]

    def made(gradio_progress: gr.Progress = gr.Progress(), **values: Any) -> dict[Any, Any]:  # noqa: B008
        def progress(share: float) -> None:
            gradio_progress(share, desc=text("export_under_way"))

        progress(0)
        with plain_errors():
            target = make(progress, **values)
        again = gr.update(value=str(target), visible=True, label=text("export_again", name=target.name))
        return {save_again: again, line: text("export_done", name=target.name)}

    event = button.click(made, None, [save_again, line], inputs_kwargs=dict(inputs), show_progress_on=[line], **IN_TURN)
    event.success(None, save_again, None, js=SAVE, api_visibility="private")
    return event


def guess_note(checkpoint: str) -> str:
    """A sentence that says that the colours are a guess, by which checkpoint, and from which day."""
    return text("export_guess", checkpoint=checkpoint, date=date.today().isoformat())


def speaker_notes(
    name: str, size: tuple[int, int], checkpoint: str, settings: Sequence[str], told: Sequence[str] = ()
) -> str:
    """Speaker notes about a photo: its colours are invented, by which checkpoint, and with which settings.

    size: (width, height) of the photo. told: the visitor's own notes to colours that they corrected.
    """
    width, height = size
    lines = [
        text("export_invented"),
        text("export_photo", name=name, width=width, height=height),
        text("export_checkpoint", checkpoint=checkpoint),
    ]
    if settings:
        lines.append(text("export_settings", settings=", ".join(settings)))
    lines += [text("export_note", note=note) for note in told]
    return "\n".join([*lines, text("export_made", date=date.today().isoformat())])


def web_words() -> Words:
    """The words of a web page, in the current language."""
    from colorizer.figures.web_page import Words  # with its fonts, which the page must not wait for

    return Words(
        language=current_language(),
        divider=text("side_divider"),
        left=text("side_left"),
        about=text("export_about"),
        previous=text("show_previous"),
        next=text("show_next"),
        count=text("show_count", number="{number}", count="{count}"),
    )


TICKS = {"bits": (8, 16), "strip": (True, False)}
"""The values of a checkbox, unticked and ticked, where that is not False and True."""


class BitsBox(gr.Checkbox):
    """A checkbox that is ticked for 16 bits."""

    is_template = True  # the browser shows it as a gr.Checkbox

    def preprocess(self, payload: bool | None) -> Any:
        """The bits."""
        return TICKS["bits"][bool(payload)]

    def postprocess(self, value: Any) -> bool:
        """Takes the bits."""
        return value == TICKS["bits"][True]


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


OFFERED = tuple(name for name, each in OPTIONS.items() if each.control)
"""The options that the page offers."""


def file_form(prefix: str = "", names: Sequence[str] = OFFERED) -> dict[str, Block]:
    """Lay out the controls of these options, and return them by their names. prefix: of their elem_ids."""
    controls = {name: _control(name, f"{prefix}{OPTIONS[name].control}") for name in names}
    if "format" not in names:
        return controls
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
