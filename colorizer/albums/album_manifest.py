"""The manifest in an album's archive, which describes its photographs, as JSON and as a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .. import __version__
from .record import Line, made_with

if TYPE_CHECKING:
    from .album import Album
    from .results import Done


def manifest_of(album: Album) -> dict[str, Any]:
    """Every photograph with the facts of its `record.Line`, or with its error; those not reached; and the common
    settings."""
    photos = [
        {
            "name": each.name, "file": each.file, "size": list(each.size), "seconds": round(each.seconds, 3),
            "source_sha256": each.source_sha256, "result_sha256": each.result_sha256, "date": each.date,
            **({"notes": [str(note) for note in each.notes]} if each.notes else {}),
            **{name: words for name, words in each.caption.fields().items() if words},
            **(_own(each) if each.settings else {}),
        }
        for each in album.as_written()
    ]  # fmt: skip
    return {
        "version": __version__,
        "settings": dict(album.settings),
        "checkpoint_sha256": album.checkpoint_sha256,
        "photos": photos,
        "errors": [{"name": each.name, "error": str(each.error)} for each in album.failed],
        "waiting": [each.name for each in album.waiting()],
    }


def lines_of(album: Album) -> Iterator[Line]:
    """The rows of the manifest as a table."""
    common = _made_with(album.settings, album.checkpoint_sha256)
    for each in album.as_written():
        title, year, credit = each.caption
        width, height = each.size
        own = {**_settings(each), "hints": list(each.made.hints)}
        made = _made_with(own, each.made.sha256) if each.settings else common
        yield Line(
            each.name, each.file, "done", "", width, height, round(each.seconds, 3), each.source_sha256,
            each.result_sha256, date=each.date, title=title, year=year, credit=credit, **made,
        )  # fmt: skip
    for failed in album.failed:
        yield Line(failed.name, "", "failed", str(failed.error), **common)
    for found in album.waiting():
        yield Line(found.name, "")


def _own(done: Done) -> dict[str, Any]:
    """The settings, hints and checkpoint of a photograph that has settings of its own."""
    made = done.made
    return {"settings": _settings(done), "hints": list(made.hints), "checkpoint_sha256": made.sha256}


def _settings(done: Done) -> dict[str, Any]:
    return {**done.settings, **done.made.settings}


def _made_with(settings: Mapping[str, Any], sha256: str) -> dict[str, Any]:
    rest = {name: value for name, value in settings.items() if name != "checkpoint"}
    written = json.dumps(rest, ensure_ascii=False, sort_keys=True)
    return made_with(str(settings.get("checkpoint", "")), sha256, written)
