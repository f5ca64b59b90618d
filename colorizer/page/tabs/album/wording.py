"""The texts of the tab for many photos: its progress, what was left out and why, and texts for the files."""

from __future__ import annotations

import html
from collections.abc import Sequence

from colorizer.albums.album import Album, Done
from colorizer.albums.uploads import Failed
from colorizer.files.names import printable
from colorizer.page.i18n.texts import error_text, text, translatable
from colorizer.page.widgets.files import guess_note, speaker_notes
from colorizer.photo.form import noted


def clock(seconds: float) -> str:
    """A duration as 2:05 or 1:02:05."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def under_way(name: str, done: int, count: int, seconds: float) -> str:
    """The name of the current photo, the remaining time, estimated from the photos that are done, and a bar."""
    left = seconds / done * (count - done) if done else None

    def sentence() -> str:
        line = text("many_under_way", done=done + 1, count=count, name=html.escape(printable(name)))
        if left is not None and left >= 1:
            line += f" · {text('many_time_left', time=clock(left))}"
        label = html.escape(text("many_progress"))
        return f'<p>{line}</p><progress value="{done}" max="{count}" aria-label="{label}"></progress>'

    return translatable(sentence)


def film_under_way(name: str, share: float, seconds: float = 0.0, lately: float = 0.0) -> str:
    """The name of a film, the remaining time, estimated from the share that was done in the last `seconds`, and a bar
    of the share that is done."""

    def sentence() -> str:
        line = text("many_film", name=html.escape(printable(name)))
        if lately > 0.02:
            line += f" · {text('many_time_left', time=clock(seconds / lately * (1 - share)))}"
        label = html.escape(text("many_progress"))
        return f'<p>{line}</p><progress value="{share:.3f}" max="1" aria-label="{label}"></progress>'

    return translatable(sentence)


def outcome(key: str, done: int, count: int, seconds: float) -> str:
    """The last sentence, which screen readers announce."""
    return translatable(lambda: f'<p role="status">{text(key, done=done, count=count, time=clock(seconds))}</p>')


def error_paragraph(error: Exception) -> str:
    """An error as a paragraph of its own."""
    return translatable(lambda: f"<p>⚠ {html.escape(error_text(error))}</p>")


def errors_table(failed: Sequence[Failed]) -> str:
    """A table of what was left out, and why; "" if there is nothing."""
    if not failed:
        return ""

    def table() -> str:
        lines = "".join(
            f"<tr><td>{html.escape(printable(each.name))}</td><td>{html.escape(error_text(each.error))}</td></tr>"
            for each in failed
        )
        head = "".join(f'<th scope="col">{html.escape(text(key))}</th>' for key in ("many_file", "many_reason"))
        return (
            f'<details class="album-errors" open><summary>{text("many_left_out", count=len(failed))}</summary>'
            f'<div tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div></details>'
        )

    return translatable(table)


def preview_of_errors(failed: Sequence[Failed]) -> str:
    """A list of what will be left out; "" if there is nothing."""
    if not failed:
        return ""

    def folded() -> str:
        lines = "".join(f"<li>{html.escape(error_text(each.error))}</li>" for each in failed)
        return (
            f'<details class="album-errors"><summary>{text("many_left_out", count=len(failed))}</summary>'
            f'<div tabindex="0"><ul>{lines}</ul></div></details>'
        )

    return translatable(folded)


def guess_of(album: Album, done: Done | None = None) -> str:
    """The sentence that says that the colours are a guess. done: a photo, of which a part may be missing."""
    photos = [done] if done else album.done
    checkpoints = dict.fromkeys(each.settings["checkpoint"] for each in photos)
    parts = [guess_note(", ".join(checkpoints) or album.settings["checkpoint"])]
    if done and done.incomplete:
        parts.append(text("partial_note"))
    return " · ".join(parts)


def readme(album: Album) -> str:
    """The README in the archive: what the results are, and what is missing."""
    lines = [guess_of(album), text("export_invented"), text("many_readme", count=len(album.done))]
    if album.films:
        lines.append(f"{text('many_films')}: {len(album.films)}")
    if album.failed:
        lines += ["", text("many_left_out", count=len(album.failed))]
        lines += [f"- {printable(each.name)}: {error_text(each.error)}" for each in album.failed]
    return "\n".join(lines)


def notes_of(done: Done) -> str:
    """The speaker notes of a photo's slide."""
    made = done.settings
    settings = [text(f"preset_{made['preset']}")] if made.get("preset") else []
    settings += [text(f"row_{name}") for name in noted(made)]
    if hints := done.made.hints:
        settings.append(text("row_hints", count=len(hints)))
    told = [hint["note"] for hint in hints if hint.get("note")]
    notes = speaker_notes(done.name, done.size, made["checkpoint"], settings, told)
    about = "; ".join(filter(None, (done.caption.line(), done.caption.credit)))
    return f"{about}\n{notes}" if about else notes
