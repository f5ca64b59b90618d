"""Coloured photographs to show, from the command line and in English: decks, web pages, contact sheets, slides, films.

The page makes the same from the photograph on screen, in the visitor's language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ..errors import PhotoError
from ..figures.deck import write_deck
from ..figures.film import wipe_video
from ..figures.fonts import problem_with
from ..figures.sheets import pairs_sheet, panes_of
from ..figures.slide import Exhibit, triptych_slide
from ..figures.web_page import write_web_page
from ..files.names import printable
from ..inference.colorizer import Colorizer
from ..photo.caption import caption_of
from ..photo.open import read_photo
from ..photo.picture import at_most
from ..photo.save import save_photo
from .engine import problem_of
from .plan import find_photos, make_folder, plan_jobs
from .plan import shown as path_shown

TOGETHER = {"deck": (".pptx",), "page": (".html", ".htm"), "sheet": (".png", ".jpg", ".jpeg")}
"""Kinds that show all photographs in one file, and the suffixes the file may have."""
EACH = {"slide": (".png", ".jpg", ".jpeg"), "film": (".mp4",)}
"""Kinds that show one photograph per file."""
OTHERS = (".ppt", ".pps", ".ppsx", ".key", ".odp", ".pdf")
"""Suffixes of decks that are not made; a name with another unknown suffix is a folder."""
SIDE = 3840
"""Longest side of the pictures, in pixels: no slide shows more detail."""


def kind_of(out: Path, asked: str | None) -> str:
    """The kind of file to make: "deck", "page", "sheet", "slide" or "film". If `asked` is None, the suffix of `out`
    decides.

    Raises ValueError for a deck, page or sheet with the suffix of another kind of file, and for presentations of other
    programs.
    """
    kind = asked or {".pptx": "deck", ".html": "page", ".htm": "page", ".mp4": "film"}.get(out.suffix.lower(), "slide")
    suffixes = TOGETHER.get(kind)
    if not asked and out.suffix.lower() in OTHERS:
        raise ValueError(f"{out.name}: a deck ends in .pptx, which PowerPoint, Keynote and LibreOffice open")
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
        title = printable(out.stem)
        if kind == "deck":
            write_deck((exhibit for _, exhibit in shown), out, title, self._guess())
        elif kind == "page":
            write_web_page((exhibit for _, exhibit in shown), out, title)
        else:
            lettered = (self._lettered(source, exhibit, exhibit.name) for source, exhibit in shown)
            sheet = pairs_sheet(lettered, title, self._guess())
            save_photo(sheet, out, checkpoint=self.colorizer.name)

    def each(self, kind: str, inputs: Iterable[str], out: Path, overwrite: bool, size: tuple[int, int]) -> None:
        """Make a slide of `size` (width, height), or a film, of every photograph. Raises PhotoError."""
        suffixes = EACH[kind]
        plan = plan_jobs(inputs, out, suffixes[0][1:], overwrite, f"-{kind}", suffixes)
        self._told(plan.problems, plan.notes)
        targets = {job.source: job.target for job in plan.jobs}
        for source, exhibit in self._shown(list(targets), named=False):
            try:
                self._write(kind, source, exhibit, targets[source], size)
            except Exception as error:
                self.done -= 1
                self._told([problem_of(path_shown(source), error)])

    def _write(self, kind: str, source: Path, shown: Exhibit, target: Path, size: tuple[int, int]) -> None:
        """One slide or film."""
        make_folder(target.parent)
        if kind == "film":
            wipe_video(self._lettered(source, shown, shown.footer), target)
        else:
            slide = triptych_slide(self._lettered(source, shown, shown.name + shown.footer), size)
            save_photo(slide, target, checkpoint=self.colorizer.name)

    def _shown(self, photos: Sequence[Path], named: bool = True) -> Iterator[tuple[Path, Exhibit]]:
        """Each photograph that can be read, with its file. named: whether the file's name stands for a missing
        title."""
        for source in tqdm(photos, unit="photo", disable=len(photos) < 2):
            try:
                exhibit = self._colored(source, source.stem if named else "")
            except Exception as error:
                self._told([problem_of(path_shown(source), error)])
                continue
            self.done += 1
            yield source, exhibit

    def _colored(self, source: Path, name: str) -> Exhibit:
        opened = read_photo(source, name=path_shown(source))
        photo = opened.image
        self._told([], list(map(str, opened.notes)))
        result = self.colorizer.colorize(photo, **self.readout)
        if max(photo.size) > SIDE:
            result = result.at_size(at_most(photo, SIDE))
        panes = panes_of(result, opened.metadata.predicted)
        settings = (f"{name} {value:.2g}" for name, value in result.readout.numbers(result.architecture).items())
        caption = caption_of(opened.metadata)
        about = (
            "The colours are invented: a neural network finds them likely, and nobody knows whether they are right. "
            "The lightness is the photograph's own.",
            f"Photograph: {printable(source.name)}, {photo.width} × {photo.height} pixels",
            f"Checkpoint: {self.colorizer.name}",
            f"Settings: {', '.join(settings)}",
            f"Made with Colorizer, {date.today().isoformat()}",
        )
        weights = f"SHA-256 of the checkpoint: {result.provenance.sha256}"
        credit = printable(caption.credit)
        return Exhibit(printable(caption.line(name)), panes, self._guess(), credit, about, weights)

    def _lettered(self, source: Path, shown: Exhibit, words: str) -> Exhibit:
        """Return the exhibit, but report letters of `words` that cannot be drawn."""
        problem = problem_with(path_shown(source), words)
        self._told([], [str(problem)] if problem else [])
        return shown

    def _told(self, problems: Sequence[object], notes: Sequence[str] = ()) -> None:
        self.failed += len(problems)
        for sentence in (*notes, *problems):
            self.report(str(sentence))

    def _guess(self) -> str:
        """A sentence that says that the colours are a guess."""
        return f"Colours are a guess by {self.colorizer.name}, {date.today().isoformat()}"
