"""Lets commands write text between two lines of a Markdown file."""

from __future__ import annotations

from pathlib import Path

from .atomic import write_whole


def around(readme: Path, start: str, end: str, what: str) -> tuple[str, str]:
    """The text before and after two lines of a Markdown file; raises ValueError, naming `what`, if they are missing."""
    before, has_start, rest = readme.read_text(encoding="utf-8").partition(start)
    _, has_end, after = rest.partition(end)
    if not (has_start and has_end):
        raise ValueError(f"{readme.name} has no place for {what}; it must hold the lines {start} and {end}")
    return before, after


def write_between(readme: Path, start: str, end: str, text: str, what: str) -> None:
    """Replace the text between two lines of a Markdown file; raises ValueError, naming `what`, if they are missing."""
    before, after = around(readme, start, end, what)
    write_whole(readme, f"{before}{start}\n\n{text}\n\n{end}{after}")
