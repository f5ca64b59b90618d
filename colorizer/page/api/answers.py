"""The answers of the endpoints, as types that Gradio puts into its schemas."""

from __future__ import annotations

from typing import TypedDict

import gradio as gr

Metrics = dict[str, float]
"""`metrics.compare` of a photograph, or `metrics.evaluate` of many: each of `metrics.FIGURES` by its key, and that of
plain gray (gray_*) beside it."""


class Report(TypedDict):
    """How a photograph was coloured."""

    seconds: float
    """From opening the photograph to the written file."""
    checkpoint: str
    hints: int
    """How many were given."""
    metrics: Metrics | None
    """Against the original's colours; None for a photograph that has none."""
    incomplete: bool
    """Whether a part of the photograph is missing."""
    notes: list[str]
    """Sentences about the file: that it has other pages, what could not be read."""


class Compared(TypedDict):
    """One checkpoint's colours, or what went wrong with them; then `file`, `seconds` and `metrics` are None."""

    checkpoint: str
    file: gr.FileData | None
    seconds: float | None
    metrics: Metrics | None
    notes: list[str]
    """Sentences about the file, as in `Report`."""
    error: str | None


class Suggested(TypedDict):
    """A colour that a place may have."""

    ab: list[float]
    """Lab units."""
    hex: str
    """How it looks at the place's lightness, "#rrggbb"."""
    name: str
    probability: float | None
    """The probability of this colour's bin, in [0, 1]; None where a checkpoint predicts one colour only."""


class Model(TypedDict):
    """A checkpoint's card."""

    name: str
    architecture: str
    family: str
    title: str
    story: str
    parameters: int
    metrics: Metrics
    takes_hints: bool
    has_distribution: bool
    predicts_rgb: bool
    classifies: bool
    temperature: float
    working_size: int
    licence: str
    data: str
    sha256: str
