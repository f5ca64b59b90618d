"""What the tab for many photographs says: progress, what was left out and why, what goes into the files."""

from __future__ import annotations

import html
from collections.abc import Sequence

from colorizer.albums.album import Album, Done, Failed
from colorizer.files.zip_reader import printable
from colorizer.page.i18n.texts import explained, said, text
from colorizer.page.widgets.made_files import guess, speaker_notes


def clock(seconds: float) -> str:
    """A time as 2:05, or 1:02:05."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def under_way(name: str, done: int, count: int, seconds: float) -> str:
    """Which photograph is at work, how long the others will take by those that are done, and a bar."""
    left = seconds / done * (count - done) if done else None

    def sentence() -> str:
        line = text("many_under_way", done=done + 1, count=count, name=html.escape(printable(name)))
        if left is not None and left >= 1:
            line += f" · {text('many_time_left', time=clock(left))}"
        label = html.escape(text("many_progress"))
        return f'<p>{line}</p><progress value="{done}" max="{count}" aria-label="{label}"></progress>'

    return said(sentence)


def stopping() -> str:
    """That the photograph under way is the last."""
    return said(lambda: f"<p>{text('many_stopping')}</p>")


def outcome(key: str, done: int, count: int, seconds: float) -> str:
    """The last sentence, told to screen readers."""
    return said(lambda: f'<p role="status">{text(key, done=done, count=count, time=clock(seconds))}</p>')


def problem(error: Exception) -> str:
    """A sentence that stands for itself."""
    return said(lambda: f"<p>⚠ {html.escape(explained(error))}</p>")


def errors_table(failed: Sequence[Failed]) -> str:
    """What was left out, and why; "" for nothing."""
    if not failed:
        return ""

    def table() -> str:
        lines = "".join(
            f"<tr><td>{html.escape(printable(each.name))}</td><td>{html.escape(explained(each.error))}</td></tr>"
            for each in failed
        )
        head = "".join(f'<th scope="col">{html.escape(text(key))}</th>' for key in ("many_file", "many_reason"))
        return (
            f'<details class="album-errors" open><summary>{text("many_left_out", count=len(failed))}</summary>'
            f'<div tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div></details>'
        )

    return said(table)


def preview_of_errors(failed: Sequence[Failed]) -> str:
    """What will be left out, folded up; "" for nothing."""
    if not failed:
        return ""

    def folded() -> str:
        lines = "".join(f"<li>{html.escape(explained(each.error))}</li>" for each in failed)
        return (
            f'<details class="album-errors"><summary>{text("many_left_out", count=len(failed))}</summary>'
            f'<div tabindex="0"><ul>{lines}</ul></div></details>'
        )

    return said(folded)


def guess_of(album: Album) -> str:
    """That the colours are one, by what, and when."""
    return guess(album.settings["checkpoint"])


def readme(album: Album) -> str:
    """A text beside the results: what they are, and what is not there."""
    lines = [guess_of(album), text("export_invented"), text("many_readme", count=len(album.done))]
    if album.failed:
        lines += ["", text("many_left_out", count=len(album.failed))]
        lines += [f"- {printable(each.name)}: {explained(each.error)}" for each in album.failed]
    return "\n".join(lines)


def notes_of(album: Album, done: Done) -> str:
    """The speaker notes of a slide."""
    preset = album.settings.get("preset")
    settings = [text(f"preset_{preset}")] if preset else []
    return speaker_notes(done.name, done.size, album.settings["checkpoint"], settings)
