"""The endpoints. Gradio reads their types, so annotations are not postponed, and of what is said of a parameter only
the first line."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import gradio as gr

from colorizer.colour.hex import hex_to_ab
from colorizer.colour.readout import CONTROLS, PRESETS, check_ranges
from colorizer.colour.readout import preset as values_of
from colorizer.errors import CheckpointError, UserError
from colorizer.photo.save import save_photo

from ..i18n.texts import error_text, text
from ..serving.served_files import served_file
from ..session.answer import OpenedPhoto, save_result
from ..session.request import PhotoFile, check_hint_count, to_palette
from ..session.shelf import Shelf
from ..tabs.one_photo.pictures import as_swatches, spot_lightness
from .calls import checked, form_of, offers_options, served, uploaded

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


if TYPE_CHECKING:
    from colorizer.inference.hints import Hint

    Preset = str
else:
    Preset = Literal[tuple(PRESETS)]
MOST_SUGGESTIONS = 20


@dataclass(frozen=True)
class Endpoints:
    """Answers to programs, each a public endpoint of its name."""

    shelf: Shelf
    page: gr.Blocks

    @checked
    @offers_options
    def colorize(
        self,
        photo: gr.FileData,
        checkpoint: str | None = None,
        preset: Preset | None = None,
        hints: list[list[float | str]] | None = None,
        **options: Any,
    ) -> tuple[gr.FileData, Report]:
        """Give a black-and-white photograph plausible colours. They are a guess, not what was there.

        Args:
            photo: the photograph, in any common format; of a colour photograph only the lightness is looked at.
            checkpoint: a name that models gives; null is the first of them.
            preset: how bold a guess: faithful is closest on average, vivid is liveliest; null is faithful.
            hints: colours of places, [[x, y, "#rrggbb"], ...] in pixels of the upright photo, 100 at most.

        Returns:
            the photograph in colour, at full size
            seconds, checkpoint, number of hints, and metrics against the photo's own colours, if it has any.
        """
        start = time.perf_counter()
        path, name = uploaded(photo), self._or_first(checkpoint)
        form = form_of(options)
        file = PhotoFile(path, form)
        given = pixel_hints(hints or [])
        result = self.shelf.colorize(file, name, given)
        asked: dict[str, Any] = dict(values_of(preset)) if preset else {}
        for control, value in options.items():
            if value is not None:
                asked[control] = to_palette(value) if CONTROLS[control].kind == "colours" else value
        check_ranges(asked)
        result = result.with_readout(**asked)
        answered = served(self.page, save_result(self.shelf, path, result, form))
        opened = self.shelf.open(file)
        metrics = _closeness(result.image, opened, None) if opened.scan is None else None
        seconds = time.perf_counter() - start
        report = Report(
            seconds=seconds,
            checkpoint=name,
            hints=len(given),
            metrics=metrics,
            incomplete=opened.incomplete,
            notes=[str(note) for note in opened.notes],
        )
        return answered, report

    @checked
    def compare(self, photo: gr.FileData, checkpoints: list[str] | None = None) -> list[Compared]:
        """Colour one photograph by several networks, or by all there are, each as it comes.

        Args:
            photo: the photograph, in any common format.
            checkpoints: names that models gives, in the order wanted; null is all of them.

        Returns:
            for each checkpoint the file, seconds, notes and metrics beside plain gray's; or error, and others go on.
        """
        from colorizer.colour.metrics import reference

        path, stem, answers = uploaded(photo), Path(photo.path).stem, list[Compared]()
        names = list(dict.fromkeys(checkpoints or [card.name for card in self.shelf.cards()])) or [self._or_first(None)]
        self.shelf.work_lock.networks(len(names))
        opened = self.shelf.open(path)
        beside = reference(opened.photo) if opened.comparable else None
        for name in names:
            if answers:
                self.shelf.work_lock.give_way()
                opened = self.shelf.open(path)
            answers.append(self._compared(name, opened, beside, stem))
            del opened  # no photo is in memory while others have their turn
        return answers

    @checked
    def suggest(
        self, photo: gr.FileData, x: float, y: float, count: int = 5, checkpoint: str | None = None
    ) -> list[Suggested]:
        """Say which colours a network finds likeliest at one place of a photograph, the likeliest first.

        Args:
            photo: the photograph, in any common format.
            x: pixels from the left edge of the upright photo.
            y: pixels from its upper edge.
            count: how many colours, 20 at most; where a network has fewer ideas, or only one answer, there are fewer.
            checkpoint: a name that models gives; null is the first of them.

        Returns:
            for each colour ab in Lab units, hex at the place's lightness, name, and probability if there is one.
        """
        path, name = uploaded(photo), self._or_first(checkpoint)
        width, height = self.shelf.open(path).photo.size
        if not (0 <= x < width and 0 <= y < height):
            raise UserError.of("point_outside", x=x, y=y, width=width, height=height)
        if not 1 <= count <= MOST_SUGGESTIONS:
            raise UserError.of("suggestions", most=MOST_SUGGESTIONS, count=count)
        result = self.shelf.colorize(path, name)
        if result.architecture.has_distribution:
            colours = result.suggest(x, y, count)
            likely: list[float | None] = [result.probability(x, y, ab) for ab in colours]
        else:
            rows, columns = result.low_ab.shape[1:]
            a, b = result.low_ab[:, int(y * rows / height), int(x * columns / width)].tolist()
            colours, likely = [(a, b)], [None]
        seen = as_swatches(spot_lightness(result.original, x, y), colours)
        return [
            Suggested(ab=look["ab"], hex=look["color"], name=str(text(f"colour_{look['name']}")), probability=p)
            for look, p in zip(seen, likely, strict=True)
        ]

    @checked
    def models(self) -> list[Model]:
        """List the networks there are to colour with, the best known first, with how they were measured.

        Returns:
            for each its card: metrics are means over photographs it never saw, with those of plain gray (gray_*).
        """
        cards = [(card, card.facts) for card in self.shelf.cards()]
        return [
            Model(
                name=card.name,
                architecture=card.architecture,
                family=known.family,
                title=card.title,
                story=known.story,
                parameters=card.parameters,
                metrics=dict(card.metrics),
                takes_hints=known.takes_hints,
                has_distribution=known.has_distribution,
                predicts_rgb=known.predicts_rgb,
                classifies=known.classifies,
                temperature=card.temperature,
                working_size=card.working_size,
                licence=card.licence,
                data=card.data,
                sha256=card.sha256,
            )
            for card, known in cards
        ]

    def _or_first(self, checkpoint: str | None) -> str:
        if checkpoint is not None:
            return self.shelf.card(checkpoint).name
        cards = self.shelf.cards()
        if not cards:
            raise CheckpointError(text("no_checkpoints"))
        return cards[0].name

    def _compared(self, name: str, opened: OpenedPhoto, beside: Metrics | None, stem: str) -> Compared:
        start, notes = time.perf_counter(), [str(note) for note in opened.notes]
        try:
            picture = self.shelf.colorizer(name).colorize(opened.photo).image
        except (CheckpointError, RuntimeError) as error:  # torch's, such as too little memory
            said = str(error_text(error))
            return Compared(checkpoint=name, file=None, seconds=None, metrics=None, notes=notes, error=said)
        file = served(self.page, save_photo(picture, served_file(f"{stem}-{name}.png"), checkpoint=name))
        seconds = time.perf_counter() - start
        metrics = _closeness(picture, opened, beside)
        return Compared(checkpoint=name, file=file, seconds=seconds, metrics=metrics, notes=notes, error=None)


def _closeness(picture: Any, opened: OpenedPhoto, beside: Metrics | None) -> Metrics | None:
    """`metrics.compare` of a picture with the photograph's own colours, or None where it has none."""
    from colorizer.colour.metrics import compare

    return compare(picture, opened.photo, beside) if opened.comparable else None


def pixel_hints(hints: Sequence[Sequence[Any]]) -> "list[Hint]":
    """[[x, y, "#rrggbb"], ...] as hints; raises ValueError that says what is expected, and for too many."""
    from colorizer.inference.hints import Hint

    check_hint_count(hints)
    result = []
    for hint in hints:
        try:
            x, y, colour = hint
            x, y = float(x), float(y)
        except (TypeError, ValueError):
            raise UserError.of("hint_form", hint=hint) from None
        result.append(Hint(x, y, hex_to_ab(colour)))
    return result
