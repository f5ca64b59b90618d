"""The folder that `prepare` makes: its pictures, the decision on each, and the report for people."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from ..files.atomic import PARTIAL, remove_partial_files, write_whole
from .files import DataError

REPORT = "report.json"
JOURNAL = "pictures.jsonl"
FORMAT = "colorizer-prepare/1"
REASONS = ("unreadable", "near gray", "done without", "duplicate", "near duplicate")


class Decision(NamedTuple):
    """The decision about one picture: the file it was written to, or why it was dropped."""

    source: int
    """Number of its source, counted from 0."""
    name: str
    """Its path within that source."""
    file: str = ""
    """Path below the output folder, such as train/<class>/<name>.jpg; "" if dropped."""
    pixels: str = ""
    """Hash of its size and pixels, hexadecimal, if kept."""
    look: str = ""
    """Its difference hash, hexadecimal, if kept."""
    why: str = ""
    """One of REASONS if dropped."""
    of: str = ""
    """The file it duplicates, or what is wrong with it."""


@dataclass
class Report:
    """The result of `prepare`; `out`/report.json says the same."""

    out: Path
    sources: list[str]
    decisions: list[Decision]
    """The decisions on the pictures of `sources`, in their order."""

    @property
    def counts(self) -> dict[str, int]:
        """Number of pictures found, in train, in validation, and dropped for each of REASONS."""
        sides = Counter(d.file.partition("/")[0] for d in self.decisions if d.file)
        dropped = Counter(d.why for d in self.decisions if not d.file)
        return {
            "found": len(self.decisions),
            "train": sides["train"],
            "validation": sides["validation"],
            **{why: dropped[why] for why in REASONS},
        }

    @property
    def classes(self) -> dict[str, int]:
        """How many pictures of each class were kept."""
        kept = (PurePosixPath(d.file).parts for d in self.decisions if d.file)
        return dict(sorted(Counter(parts[1] for parts in kept if len(parts) == 3).items()))

    @property
    def by_source(self) -> dict[str, dict[str, int]]:
        """`counts` of each source alone."""
        own: dict[int, list[Decision]] = {i: [] for i in range(len(self.sources))}
        for d in self.decisions:
            own[d.source].append(d)
        return {name: Report(self.out, [], own[i]).counts for i, name in enumerate(self.sources)}

    @property
    def dropped(self) -> list[dict[str, str]]:
        """Every dropped picture: source, name, reason, and the file and picture it duplicates, or the error."""
        kept = {d.file: f"{self.sources[d.source]}: {d.name}" for d in self.decisions if d.file}
        rows = []
        for d in self.decisions:
            if not d.file:
                row = {"source": self.sources[d.source], "name": d.name, "why": d.why}
                if d.of in kept:
                    row |= {"file": d.of, "picture": kept[d.of]}
                elif d.of and d.why == "done without":
                    row |= {"picture": d.of}
                elif d.of:
                    row |= {"error": d.of}
                rows.append(row)
        return rows

    def lines(self, most: int = 10) -> Iterator[str]:
        """The report as lines of text; they name the first `most` unreadable pictures."""
        counts = self.counts
        text = f"{self.out}: {counts['train']} in train, {counts['validation']} in validation"
        yield text + (f", {len(self.classes)} classes" if len(self.classes) > 1 else "")
        left_out = [f"{counts[why]} {why}" for why in REASONS if counts[why]]
        yield f"of {counts['found']} found, left out: {', '.join(left_out) or 'none'}; all are in {self.out / REPORT}"
        if len(self.sources) > 1:
            for source, its in self.by_source.items():
                yield f"  {source}: {its['train'] + its['validation']} of {its['found']}"
        unreadable = [d for d in self.decisions if d.why == "unreadable"]
        for d in unreadable[:most]:
            yield f"  {d.of}"
        if len(unreadable) > most:
            yield f"  and {len(unreadable) - most} more that cannot be read"


def open_folder(out: Path, header: dict[str, Any]) -> list[Decision]:
    """Earlier decisions in `out`; none if it is new or empty. Raises DataError if it holds anything else."""
    if out.exists() and not out.is_dir():
        raise DataError(f"{out} is a file; choose a folder.")
    out.mkdir(parents=True, exist_ok=True)
    try:
        earlier = json.loads((out / REPORT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        earlier = None
    if not isinstance(earlier, dict) or earlier.get("format") != FORMAT:
        if any(not path.name.startswith(PARTIAL) for path in out.iterdir()):
            raise DataError(f"{out} is not empty and was not made by this; choose another folder.")
        return []
    for key in ("sources", "settings", "without"):
        if earlier.get(key) != header.get(key):
            raise DataError(f"{out} was made with other {key}, {_as_text(earlier.get(key))}; choose another folder.")
    for folder in (out, *out.glob("*/"), *out.glob("*/*/")):
        remove_partial_files(folder)
    try:
        # A run that is stopped may leave half a line. It is removed, or the next line would be joined to it.
        lines = (out / JOURNAL).read_bytes().split(b"\n")
        whole = lines[:-1]
        if lines[-1]:
            write_whole(out / JOURNAL, b"".join(line + b"\n" for line in whole))
        return [Decision(**json.loads(line)) for line in whole]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError):
        raise DataError(f"{out / JOURNAL} is damaged; delete {out} and start again.") from None


def _as_text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {setting}" for key, setting in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def write_new(path: Path, encoded: bytes) -> None:
    """Write a file atomically. An existing file must have the same bytes, from a run that was stopped."""
    if path.exists():
        if path.is_file() and path.read_bytes() == encoded:
            return
        raise DataError(f"{path} is already there and was not made by this; move it away, then start again.")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, encoded)


def write_report(report: Report, header: dict[str, Any], finished: bool) -> None:
    content = {
        **header,
        "finished": finished,
        "counts": report.counts,
        "by_source": report.by_source,
        "classes": report.classes,
        "dropped": report.dropped,
    }
    write_whole(report.out / REPORT, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def check_disjoint(decisions: Iterable[Decision]) -> None:
    """Raise DataError if a picture is in both train and validation."""
    sides: dict[str, set[str]] = {"train": set(), "validation": set()}
    for decision in decisions:
        if decision.file:
            sides[decision.file.partition("/")[0]].add(decision.pixels)
    if sides["train"] & sides["validation"]:
        raise DataError("A picture is in train and in validation; delete the output folder and start again.")
