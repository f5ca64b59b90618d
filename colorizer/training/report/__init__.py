"""A run folder -> one page, `report.html`: what was trained, on what, how it went, and whether to trust it.

The page contains everything it needs: styles, charts, samples and a few lines of script. Its content security policy
forbids the browser to fetch anything. It also works without the script.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from colorizer.architectures.registry import facts
from colorizer.figures.chart import number, other_pictures
from colorizer.files.atomic import write_whole

from .charts import charts_of, parts_of, small
from .record import ReportError, RunRecord, read_run
from .repeat import changed, defaults_of, repeat_command, unknown_settings
from .samples import sheets_to_show
from .table import Column, directions, result_columns, table_of, validation_columns
from .verdict import checks_of, outcome, skipped_of

__all__ = ["ReportError", "write_report"]

HERE = Path(__file__).parent
LISTED = 5000
"""Most names of left-out pictures to list for each reason."""


def write_report(folder: str | Path, run_defaults: Mapping[str, Any]) -> Path:
    """Write `<folder>/report.html` and return its path; it appears whole or not at all.

    run_defaults: the default of every field of `training.Run` that has one, so that the command to repeat the run can
    leave it out. Any part of the folder may be missing. Raises ReportError if the folder holds no part of a run, and
    UserError if the page cannot be written.
    """
    page = page_of(read_run(folder), run_defaults)
    path = Path(folder) / "report.html"
    write_whole(path, page)
    return path


def page_of(record: RunRecord, run_defaults: Mapping[str, Any]) -> str:
    """The page as HTML."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"figure": figure, "small": small, "setting": setting, "whole": lambda n: figure(n, ",.0f")}
    environment.globals["columns_with_numbers"] = columns_with_numbers
    script = (HERE / "slider.js").read_text(encoding="utf-8")
    sheets, problems = sheets_to_show(record.sheets, record.best_seen)
    try:
        protocol, *defaults = defaults_of(record.architecture, record.recipe, bool(record.run.get("init")))
        command = repeat_command(record, run_defaults)
        story = facts(record.architecture).story
    except ValueError:  # trained by a version with another architecture
        protocol, defaults, command, story = "", [{}, {}], "", ""
    return environment.get_template("page.html.jinja").render(
        run=record,
        card=record.best or record.last,
        title=_title(record),
        story=story,
        outcome=outcome(record),
        rows=table_of(record),
        result_columns=result_columns(),
        validation_columns=validation_columns(),
        directions=directions(),
        checks=checks_of(record),
        charts=charts_of(record),
        regrouped=bool(other_pictures(record.validations)),
        parts=parts_of(record),
        sheets=sheets,
        problems=problems,
        protocol=protocol,
        changed={*changed(record.recipe, defaults[0]), *changed(record.config, defaults[1])},
        defaults={**defaults[0], **defaults[1]},
        unknown=unknown_settings(record),
        command=command,
        skipped=skipped_of(record),
        listed=LISTED,
        duration=_duration(record.seconds),
        made=f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
        style=Markup((HERE / "report.css").read_text(encoding="utf-8")),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _title(record: RunRecord) -> str:
    card = record.best or record.last
    return str(record.run.get("title") or (card.title if card else "") or record.folder.resolve().name)


def figure(value: Any, form: str = ",.2f") -> str:
    """A measured number as text; a dash where there is none."""
    value = number(value)
    return format(value, form) if math.isfinite(value) else "–"


def columns_with_numbers(columns: Iterable[Column], rows: Iterable[Mapping[str, Any]]) -> list[Column]:
    """The columns for which at least one row has a number: older runs measured less."""
    rows = list(rows)
    return [column for column in columns if any(math.isfinite(number(row.get(column[0]))) for row in rows)]


def setting(value: Any) -> str:
    """The value of a setting as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(setting(item) for item in value) or "–"
    if isinstance(value, float):
        return "no limit" if math.isinf(value) else f"{value:g}"
    if isinstance(value, int):
        return f"{value:,}"
    return "–" if value in ("", None) else str(value)


def _duration(seconds: float) -> str:
    """Hours and minutes, or "" if unknown."""
    if math.isnan(seconds):
        return ""
    minutes = round(seconds / 60)
    return (
        f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min" if minutes else "under a minute"
    )
