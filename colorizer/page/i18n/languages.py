"""The languages of the page, a row each in `languages.json`, and how each of them writes numbers and plurals.

A row has the language's name for itself, its decimal point, what stands between thousands and from how many digits on,
and its plural, one of `PLURALS`. Codes are those of ISO 639-1; numbers and plurals are those of CLDR, as in browsers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROWS: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
LANGUAGES: dict[str, str] = {code: row["name"] for code, row in ROWS.items()}
"""Names by code, in the order in which they are offered."""


def _slavic(count: int) -> str:
    if count % 10 == 1 and count % 100 != 11:
        return "one"
    return "few" if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14) else "many"


PLURALS: dict[str, Callable[[int], str]] = {
    "none": lambda count: "other",
    "one": lambda count: "one" if count == 1 else "other",
    "zero and one": lambda count: "one" if count in (0, 1) else "other",
    "one, few, many": _slavic,
}
"""The form of a noun after a whole number, by the languages' rules. CLDR has one more for millions, which no sentence
here counts."""


def written(value: float, form: str, language: str) -> str:
    """A number in a format such as ".2f" or ",", as the language writes it, with a true minus sign."""
    row = ROWS[language]
    text = format(value, form).replace("-", "−")
    if sum(map(str.isdigit, text.partition(".")[0])) < row["from"]:
        text = text.replace(",", "")
    return text.translate({ord(","): row["thousands"], ord("."): row["point"]})


def counted(count: int, forms: str, language: str) -> str:
    """A whole number and what it counts, in the language's form for it.

    forms: such as "one # photo|other # photos"; `#` is the number. The last form is for all others.
    """
    known = dict(form.split(" ", 1) for form in forms.split("|"))
    chosen = known.get(PLURALS[ROWS[language]["plural"]](count), [*known.values()][-1])
    return chosen.replace("#", written(count, ",", language))
