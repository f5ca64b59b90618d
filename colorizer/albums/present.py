"""Coloured photographs to show, from the command line and in English: decks, web pages, contact sheets, slides, films.

The page makes the same from the photograph on screen, in the visitor's language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from tqdm import tqdm

from .. import figures
from ..errors import PhotoError
from ..files.names import printable
from ..inference.colorizer import Colorizer
from ..photo.caption import Caption
from ..photo.captioned import caption_of
from ..photo.kinds import has_own_colours
from ..photo.open import read_photo
from ..photo.save import save_photo
from ..photo.scale import at_most
from .jobs import problem_of
from .plan import find_photos, make_folder, plan_jobs
from .plan import shown as path_shown

TOGETHER = {"deck": (".pptx",), "page": (".html", ".htm"), "sheet": (".png", ".jpg", ".jpeg")}
"""Kinds that show all photographs in one file, and the suffixes the file may have."""
EACH = {"slide": (".png", ".jpg", ".jpeg"), "film": (".mp4",)}
"""Kinds that show one photograph per file."""
SIDE = 3840
"""Longest side of the pictures, in pixels: no slide shows more detail."""


class Shown(NamedTuple):
    """A photograph ready to present."""

    source: Path
    size: tuple[int, int]
    """The photograph's (width, height) in pixels."""
    panes: Sequence[tuple[str, Image.Image]]
    """Grayscale, predicted, and the original if it has colours; at most `SIDE` pixels long."""
    asked: Mapping[str, float]
    """The readout's numbers, by name."""
    sha256: str
    """SHA-256 of the checkpoint's tensors."""
    caption: Caption
    """Title, year and credit from the scan's metadata."""

    @property
    def title(self) -> str:
        """Title and year, else the file's name."""
        return printable(self.caption.line(self.source.stem))


def kind_of(out: Path, asked: str | None) -> str:
    """The kind of file to make: "deck", "page", "sheet", "slide" or "film". If `asked` is None, the suffix of `out`
    decides.

    Raises ValueError for a deck, page or sheet with the suffix of another kind of file.
    """
    kind = asked or {".pptx": "deck", ".html": "page", ".htm": "page", ".mp4": "film"}.get(out.suffix.lower(), "slide")
    suffixes = TOGETHER.get(kind)
    if suffixes and out.suffix.lower() not in suffixes:
        raise ValueError(f"a {kind} is one file; {out.name} must end in {' or '.join(suffixes)}")
    return kind


@dataclass
class Presenter:
    """Colours photographs and presents them. It reports a photograph that cannot be read and goes on with the rest."""

    colorizer: Colorizer
    readout: Mapping[str, Any]
    """Keyword arguments for `Colorizer.colorize`."""
    report: Callable[[str], None]
    """Called with one sentence for every problem."""
    done: int = field(default=0, init=False)
    failed: int = field(default=0, init=False)

    def together(self, kind: str, inputs: Iterable[str], out: Path, overwrite: bool) -> None:
        """One deck, page or sheet of all photographs. Raises PhotoError, and ValueError when there is no photograph."""
        found = find_photos(inputs)
        self._told(found.problems, found.notes)
        if out.exists() and not overwrite:
            raise PhotoError(f"{out.name} is already there; choose another name or add --overwrite.")
        make_folder(out.parent)
        shown = self._shown([source for source, _ in found.photos])
        if kind == "deck":
            slides = (figures.Slide(each.title, each.panes, self._notes(each), self._guess(each)) for each in shown)
            figures.write_deck(slides, out, printable(out.stem), self._guess())
        elif kind == "page":
            figures.write_web_page(map(self._web_photo, shown), out, printable(out.stem))
        else:
            rows = ((self._lettered(each, each.title), each.panes[0][1], each.panes[1][1]) for each in shown)
            sheet = figures.pairs_sheet(rows, ("Grayscale", "In colour"), printable(out.stem), self._guess())
            save_photo(sheet, out, checkpoint=self.colorizer.name)

    def each(self, kind: str, inputs: Iterable[str], out: Path, overwrite: bool, size: tuple[int, int]) -> None:
        """Make a slide of `size` (width, height), or a film, of every photograph. Raises PhotoError."""
        suffixes = EACH[kind]
        plan = plan_jobs(inputs, out, suffixes[0][1:], overwrite, f"-{kind}", suffixes)
        self._told(plan.problems, plan.notes)
        targets = {job.source: job.target for job in plan.jobs}
        for shown in self._shown(list(targets)):
            try:
                self._write(kind, shown, targets[shown.source], size)
            except Exception as error:
                self.done -= 1
                self._told([problem_of(path_shown(shown.source), error)])

    def _write(self, kind: str, shown: Shown, target: Path, size: tuple[int, int]) -> None:
        """One slide or film."""
        make_folder(target.parent)
        guess = self._guess(shown)
        if kind == "film":
            (before, gray), (after, color) = shown.panes[:2]
            figures.wipe_video(gray, color, target, (before, after), self._lettered(shown, guess))
        else:
            title = printable(shown.caption.line())
            self._lettered(shown, title + guess)
            slide = figures.triptych_slide(shown.panes, size, title, guess)
            save_photo(slide, target, checkpoint=self.colorizer.name)

    def _shown(self, photos: Sequence[Path]) -> Iterator[Shown]:
        for source in tqdm(photos, unit="photo", disable=len(photos) < 2):
            try:
                shown = self._colored(source)
            except Exception as error:
                self._told([problem_of(path_shown(source), error)])
                continue
            self.done += 1
            yield shown

    def _colored(self, source: Path) -> Shown:
        opened = read_photo(source, name=path_shown(source))
        photo = opened.image
        self._told([], list(map(str, opened.notes)))
        result = self.colorizer.colorize(photo, **self.readout)
        if max(photo.size) > SIDE:
            result = result.at_size(at_most(photo, SIDE))
        panes = [("Grayscale", result.grayscale), ("In colour", result.image)]
        if has_own_colours(photo) and not opened.metadata.predicted:
            panes.append(("Original", result.original))
        numbers, made = result.readout.numbers(result.architecture), result.provenance
        return Shown(source, photo.size, panes, numbers, made.sha256, caption_of(opened.metadata))

    def _lettered(self, shown: Shown, words: str) -> str:
        """Return `words` unchanged, but report letters of them that cannot be drawn."""
        problem = figures.problem_with(path_shown(shown.source), words)
        self._told([], [str(problem)] if problem else [])
        return words

    def _told(self, problems: Sequence[object], notes: Sequence[str] = ()) -> None:
        self.failed += len(problems)
        for sentence in (*notes, *problems):
            self.report(str(sentence))

    def _guess(self, shown: Shown | None = None) -> str:
        """A line that says that the colours are a guess, with the credit of a photo."""
        guess = f"Colours are a guess by {self.colorizer.name}, {date.today().isoformat()}"
        return f"{guess} · {printable(shown.caption.credit)}" if shown and shown.caption.credit else guess

    def _web_photo(self, shown: Shown) -> figures.WebPhoto:
        about = [*self._notes(shown).split("\n"), f"SHA-256 of the checkpoint: {shown.sha256}"]
        return figures.WebPhoto(shown.title, shown.panes, self._guess(), printable(shown.caption.credit), about)

    def _notes(self, shown: Shown) -> str:
        settings = (f"{name} {value:.2g}" for name, value in shown.asked.items())
        return "\n".join(
            [
                "The colours are invented: a neural network finds them likely, and nobody knows whether they are "
                "right. The lightness is the photograph's own.",
                f"Photograph: {printable(shown.source.name)}, {shown.size[0]} × {shown.size[1]} pixels",
                f"Checkpoint: {self.colorizer.name}",
                f"Settings: {', '.join(settings)}",
                f"Made with Colorizer, {date.today().isoformat()}",
            ]
        )
