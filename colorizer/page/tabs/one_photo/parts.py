"""The components of the tab for one photo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from colorizer.page.gradio_private import Block
from colorizer.page.widgets.drawer import LinkButton, Looks, Palette
from colorizer.page.widgets.hint_picker import HintPicker
from colorizer.page.widgets.inputs import PhotoInput
from colorizer.page.widgets.kept import Kept
from colorizer.page.widgets.made_files import MadeFile
from colorizer.page.widgets.stage import Stage
from colorizer.photo.form import OPTIONS
from colorizer.runtime.once import once

from ..tab import Named


@dataclass(frozen=True)
class PhotoParts:
    """The choice of a photo."""

    source: gr.State
    """The photo's path, in Gradio's cache."""
    photo: PhotoInput
    album: gr.State
    """The path of the file that was given last, if it is a film or an archive: another tab takes it."""
    gallery: gr.Gallery
    kept: Kept


@dataclass(frozen=True)
class NetworkParts:
    """The choice of a network."""

    checkpoint: gr.Dropdown
    checkpoint_line: gr.Markdown
    network_chip: gr.Button
    """At the stage, while another network than the usual one is chosen."""


@dataclass(frozen=True)
class FineParts:
    """The sliders that presets set."""

    fine: gr.Accordion
    sliders: Mapping[str, gr.Slider]
    """By the name of their control."""
    raw: gr.Checkbox


@dataclass(frozen=True)
class LikeParts:
    """A picture or a palette with colours to prefer."""

    like_box: gr.Accordion
    like: gr.Radio
    like_picture: gr.Column
    reference_photo: PhotoInput
    reference: gr.State
    """The picture's path, once we know that it can be read."""
    like_palette: gr.Column
    palette: Palette
    sliders: Mapping[str, gr.Slider]
    """Those of controls that need a picture or a palette, by the name of their control."""


@dataclass(frozen=True)
class ResultParts:
    """The coloured photo: all that `Handlers.show_in_steps` fills."""

    placeholder: gr.HTML
    """Shown until there is a photo."""
    question: gr.Column
    """Shown for a damaged photo, whether to show the part that can be read, for what looks like a negative,
    and for a file that Colorizer saved."""
    question_text: gr.HTML
    show_partial: gr.Button
    invert_it: gr.Button
    go_on: gr.Button
    content: gr.Column
    """Shown as soon as there is a photo, as is `more`."""
    more: gr.Column
    """The components below the stage."""
    stage: Stage
    preset: Looks
    picker: HintPicker
    versions: gr.Gallery
    version_points: gr.State
    """For each version the hint that makes it."""
    classes: gr.Markdown
    time: gr.Markdown
    made: MadeFile
    measures: gr.Markdown


@dataclass(frozen=True)
class OnePhotoParts:
    """The whole tab."""

    photo: PhotoParts
    fine: FineParts
    like: LikeParts
    network: NetworkParts
    sides: gr.State
    """The visitor's choice of pictures at the divider, {"left", "right"}, without sides that were never chosen."""
    result: ResultParts
    exports: Mapping[str, gr.Button]
    """By what they make: a key of `export.ENDINGS`."""
    link: LinkButton
    form: Mapping[str, Block]
    """How the photo is read and saved: controls by the names of their options."""
    partial: gr.State
    """Path of a damaged photo of which the visitor wants what is there."""

    def request_inputs(self) -> dict[str, Any]:
        """The components that make a `PhotoRequest`, by the names that `PhotoRequest.from_values` takes."""
        return {
            "path": self.photo.source,
            "photo_box": self.photo.photo,
            "checkpoint": self.network.checkpoint,
            "preset": self.result.preset,
            "raw": self.fine.raw,
            "partial": self.partial,
            **self.reading(),
            "like": self.like.like,
            "reference": self.like.reference,
            "palette": self.like.palette,
            "points": self.result.picker,
            "view": self.result.stage,
            "sides": self.sides,
            **self.fine.sliders,
            **self.like.sliders,
        }

    def reading(self) -> dict[str, Any]:
        """The controls of how the photo is read, which change its colours, by the names of their options."""
        return {name: control for name, control in self.form.items() if OPTIONS[name].acts != "writing"}

    @once
    def named(self) -> Named:
        """Its components by name; the stage, whose value is what it shows, also as "view"."""
        return Named(self, view=self.result.stage)
