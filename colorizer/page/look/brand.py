"""What a host may put in place of our own name: a name, a logo, a colour, a licence line, and a footer."""

from __future__ import annotations

import html
import os
import re
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

KINDS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp", ".svg": "svg+xml"}
MOST_LOGO = 200_000
"""The most bytes of a logo: every visitor loads it with the page."""
LEAST_CONTRAST = 4.5
"""The least contrast of the colour to the white letters on it (WCAG 2, AA)."""


@dataclass(frozen=True)
class Brand:
    """What a host says of itself. What is empty is as it always was."""

    name: str = ""
    logo: str = ""
    """The address of a picture, with its data."""
    colour: str = ""
    """"#rrggbb"."""
    licence: str = ""
    footer: str = ""

    @classmethod
    def from_environment(cls) -> Brand:
        """As $COLORIZER_NAME, _LOGO, _COLOUR, _LICENCE and _FOOTER say. Raises ValueError for what cannot be used."""
        return cls(
            name=os.environ.get("COLORIZER_NAME", "").strip(),
            logo=_logo(os.environ.get("COLORIZER_LOGO", "").strip()),
            colour=_colour(os.environ.get("COLORIZER_COLOUR", "").strip()),
            licence=os.environ.get("COLORIZER_LICENCE", "").strip(),
            footer=os.environ.get("COLORIZER_FOOTER", "").strip(),
        )

    def heading(self, name: str, line: str) -> str:
        """The page's heading as HTML. name: ours; line: what the page is for."""
        picture = f'<img src="{self.logo}" alt="">' if self.logo else ""
        return f"{picture}<h1>{html.escape(self.name or name)}</h1><p>{html.escape(line)}</p>"

    def foot(self) -> str:
        """The licence line and the footer as HTML; "" without both."""
        return "".join(f"<p>{html.escape(line)}</p>" for line in (self.licence, self.footer) if line)

    def style_sheet(self) -> str:
        """CSS for the host's colour; "" without one."""
        if not self.colour:
            return ""
        darker, lighter = (
            f"color-mix(in srgb, {self.colour} {share}, {to})" for share, to in (("80%", "black"), ("55%", "white"))
        )
        buttons = f"--button-primary-background-fill: {self.colour}; --button-primary-border-color: {self.colour}; "
        buttons += f"--button-primary-background-fill-hover: {darker}; --brand: {self.colour}; --brand-hover: {darker};"
        letters = "background: none; -webkit-background-clip: border-box; background-clip: border-box;"
        return (
            f":root {{ --color-accent: {self.colour}; {buttons} }}\n.dark {{ --color-accent: {lighter}; {buttons} }}\n"
            f"#heading h1, .dark #heading h1 {{ {letters} color: var(--color-accent); }}"
        )


def _logo(given: str) -> str:
    if not given:
        return ""
    path = Path(given)
    kind = KINDS.get(path.suffix.lower())
    if kind is None or not path.is_file() or path.stat().st_size > MOST_LOGO:
        endings = ", ".join(KINDS)
        raise ValueError(f"COLORIZER_LOGO is a file of at most {MOST_LOGO // 1000} kB ({endings}), not {given!r}")
    return f"data:image/{kind};base64," + b64encode(path.read_bytes()).decode()


def _colour(given: str) -> str:
    if not given:
        return ""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", given):
        raise ValueError(f"COLORIZER_COLOUR is a colour such as #1d4ed8, not {given!r}")
    if contrast_to_white(given) < LEAST_CONTRAST:
        raise ValueError(f"white letters cannot be read on COLORIZER_COLOUR {given}; please choose a darker colour")
    return given


def contrast_to_white(colour: str) -> float:
    """The contrast (WCAG 2) of "#rrggbb" to white: 1 to 21."""
    srgb = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in srgb]
    return 1.05 / (sum(share * value for share, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True)) + 0.05)
