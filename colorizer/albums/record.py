"""The line of a manifest about a photo, and the manifest as JSON and as a table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timezone
from typing import Any

from .. import __version__

JSON, CSV = "manifest.json", "manifest.csv"
"""The manifest for programs, and for people and catalogues."""


@dataclass(frozen=True)
class Line:
    """The facts about one photo. All are "" or 0 until the photo was coloured, or could not be."""

    source: str
    """Its path within the input that it was found in; or the path of anything else that was left out."""
    result: str
    """The path of its result below the folder of results; "" where it cannot have one."""
    state: str = "waiting"
    """"done", "failed", or "waiting" for a photo that the run did not reach."""
    reason: str = ""
    """Why it failed, in one sentence."""
    width: int = 0
    height: int = 0
    """Size of the result, in pixels."""
    seconds: float = 0.0
    source_sha256: str = ""
    result_sha256: str = ""
    checkpoint: str = ""
    checkpoint_sha256: str = ""
    """SHA-256 of the tensors, as on the checkpoint's card."""
    settings: str = ""
    """All that was asked of the checkpoint, as JSON."""
    version: str = ""
    """The version of Colorizer."""
    date: str = ""
    """When it was done, in UTC, ISO 8601."""
    title: str = ""
    year: str = ""
    credit: str = ""
    """The caption that a person wrote on the page."""
    page: int = 0
    """The number of the page, if all pages of a file with several were coloured; else 0."""
    notes: str = ""
    """Sentences about its file, such as that a part is missing."""
    source_stamp: str = ""
    result_stamp: str = ""
    """Size and times of both files: while these stay the same, the files need not be read to know that they do."""


STAMPS = ("source_stamp", "result_stamp")
"""Fields for programs, which the CSV leaves out."""


def as_json(lines: Iterable[Line]) -> str:
    """{"photos": [...]}, with a row of text for each line."""
    rows = ",\n ".join(json.dumps(asdict(line)) for line in lines)
    return f'{{"photos": [\n {rows}\n]}}\n'


def as_csv(lines: Iterable[Line]) -> bytes:
    """A table with a row for each line, in UTF-8 with the mark by which spreadsheets know it."""
    text = io.StringIO()
    columns = [field.name for field in fields(Line) if field.name not in STAMPS]
    table = csv.DictWriter(text, columns, extrasaction="ignore")
    table.writeheader()
    table.writerows(map(asdict, lines))
    return text.getvalue().encode("utf-8-sig", "replace")


def made_with(
    checkpoint: str, sha256: str, settings: Mapping[str, Any], default: Callable[[Any], Any] | None = None
) -> dict[str, Any]:
    """The fields of a `Line` about what made the colours, with this program's version. default: as `json.dumps` has
    it, for settings that JSON cannot hold."""
    written = json.dumps(settings, ensure_ascii=False, sort_keys=True, default=default)
    return {"checkpoint": checkpoint, "checkpoint_sha256": sha256, "settings": written, "version": __version__}


def now() -> str:
    """The time in UTC, ISO 8601, to the second."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
